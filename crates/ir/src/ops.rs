//! The operators, one file each: what it computes, its settings, and the type of its output.

mod average_pool;
mod batch_norm;
mod binary;
mod clamp;
mod concat;
mod conv;
mod mat_mul;
mod max_pool;
mod pad;
mod reduce;
mod reshape;
mod resize;
mod slice;
mod softmax;
mod transpose;
mod unary;
mod window;

pub use average_pool::AveragePool;
pub use batch_norm::BatchNorm;
pub use binary::{Binary, BinaryOp, broadcast};
pub use clamp::Clamp;
pub use concat::Concat;
pub use conv::Conv;
pub use mat_mul::MatMul;
pub use max_pool::MaxPool;
pub use pad::Pad;
pub use reduce::{Reduce, ReduceKind};
pub use reshape::Reshape;
pub use resize::{Blend, Resize, Sampling};
pub use slice::Slice;
pub use softmax::Softmax;
pub use transpose::Transpose;
pub use unary::Unary;
pub use window::Padding;
