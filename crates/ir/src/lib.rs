//! The intermediate representation of the compiler: a graph of few, explicit operators over tensors of known shape.
//!
//! The importer writes it, passes rewrite it, the interpreter evaluates it and the planner lowers it. Invariants, held
//! by [`Graph::push`] for what it adds, and checked for everything by [`verify()`]:
//!
//! * nodes stand in the order of execution: every input is a graph input, a constant or the output of an earlier node;
//! * every node has one output, and the type of that output is what [`Op::infer`] says;
//! * every shape is static, and every tensor has from 1 to [`MAX_ELEMENTS`] elements;
//! * spatial operators ([`Conv`], [`MaxPool`], [`AveragePool`], [`Resize`]) are channels-last: `[batch, height, width,
//!   channels]`.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod diagnostic;
pub mod ops;
pub mod text;

mod graph;
mod op;
mod tensor;
mod verify;

pub use diagnostic::{Class, Code, Diagnostic, Diagnostics};
pub use graph::{Graph, GraphOutput, Node, Value, ValueId};
pub use op::{InferError, Op};
pub use ops::{
    AveragePool, BatchNorm, Binary, BinaryOp, Blend, Clamp, Concat, Conv, MatMul, MaxPool, Pad, Padding, Reduce,
    ReduceKind, Reshape, Resize, Sampling, Slice, Softmax, Transpose, Unary,
};
pub use tensor::{DType, MAX_ELEMENTS, Tensor, TensorType};
pub use verify::{VerifyError, verify};
