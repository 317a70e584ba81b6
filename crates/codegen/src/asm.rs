//! A small assembler over `wasm-encoder`: typed locals, pointer loops, vector helpers. It knows no tensors.

mod builder;
mod math;
mod nest;
mod repeat;

pub use builder::{F64, FuncBuilder, I32, Local, V128, at};
pub use nest::{Axis, collapse, nest};
pub use repeat::repeat;
