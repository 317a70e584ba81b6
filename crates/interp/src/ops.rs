//! The operators, one file each. Each is given inputs that fit it and the shape of the result.

use ir::{Op, Tensor};

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

/// The result of an operator whose output has that `shape`.
pub(crate) fn apply(op: &Op, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    match op {
        Op::AveragePool(op) => average_pool::average_pool(op, inputs[0], shape),
        Op::BatchNorm(op) => batch_norm::batch_norm(op, inputs),
        Op::Binary(op) => binary::binary(op, inputs[0], inputs[1], shape),
        Op::Clamp(op) => clamp::clamp(op, inputs[0]),
        Op::Concat(op) => concat::concat(op, inputs, shape),
        Op::Conv(op) => conv::conv(op, inputs, shape),
        Op::MatMul(op) => mat_mul::mat_mul(op, inputs, shape),
        Op::MaxPool(op) => max_pool::max_pool(op, inputs[0], shape),
        Op::Pad(op) => pad::pad(op, inputs[0], shape),
        Op::Reduce(op) => reduce::reduce(op, inputs[0], shape),
        Op::Reshape(_) => reshape::reshape(inputs[0], shape),
        Op::Resize(op) => resize::resize(op, inputs[0], shape),
        Op::Slice(op) => slice::slice(op, inputs[0]),
        Op::Softmax(op) => softmax::softmax(op, inputs[0]),
        Op::Transpose(op) => transpose::transpose(op, inputs[0], shape),
        Op::Unary(op) => unary::unary(*op, inputs[0]),
    }
}
