//! The ONNX operators: one function each, and the table that maps names to functions.
//!
//! A function reads the inputs and attributes of a [`Call`] and answers the values of the outputs, in order.

use std::ops::RangeInclusive;

use super::builder::Builder;
use super::call::Call;
use super::refusal::Result;
use super::value::Value;
use ir::{BinaryOp, ReduceKind, Unary};

mod batch_normalization;
mod cast;
mod clip;
mod concat;
mod constant;
mod conv;
mod dropout;
mod elementwise;
mod expand;
mod flatten;
mod gather;
mod gemm;
mod global_pool;
mod hard;
mod leaky_relu;
mod mat_mul;
mod pad;
mod pool;
mod pow;
mod reduce;
mod reshape;
mod shape;
mod slice;
mod softmax;
mod spatial;
mod split;
mod squeeze;
mod transpose;

/// An ONNX operator that is understood.
#[derive(Debug)]
pub(super) struct Operator {
    pub(super) name: &'static str,
    /// How many inputs it takes; those left out at the end do not count.
    pub(super) inputs: RangeInclusive<usize>,
    pub(super) import: Import,
}

type Import = fn(&Call<'_>, &mut Builder) -> Result<Vec<Value>>;

const fn row(name: &'static str, least: usize, most: usize, import: Import) -> Operator {
    Operator { name, inputs: least..=most, import }
}

const MANY: usize = usize::MAX;

/// Ascending by name.
pub(super) const OPERATORS: &[Operator] = &[
    row("Abs", 1, 1, |call, b| elementwise::unary(call, b, Unary::Abs)),
    row("Add", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Add)),
    row("AveragePool", 1, 1, pool::average_pool),
    row("BatchNormalization", 5, 5, batch_normalization::batch_normalization),
    row("Cast", 1, 1, cast::cast),
    row("Clip", 1, 3, clip::clip),
    row("Concat", 1, MANY, concat::concat),
    row("Constant", 0, 0, constant::constant),
    row("ConstantOfShape", 1, 1, constant::constant_of_shape),
    row("Conv", 2, 3, conv::conv),
    row("Div", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Div)),
    row("Dropout", 1, 3, dropout::dropout),
    row("Exp", 1, 1, |call, b| elementwise::unary(call, b, Unary::Exp)),
    row("Expand", 2, 2, expand::expand),
    row("Flatten", 1, 1, flatten::flatten),
    row("Gather", 2, 2, gather::gather),
    row("Gemm", 2, 3, gemm::gemm),
    row("GlobalAveragePool", 1, 1, |call, b| global_pool::global_pool(call, b, ReduceKind::Mean)),
    row("GlobalMaxPool", 1, 1, |call, b| global_pool::global_pool(call, b, ReduceKind::Max)),
    row("HardSigmoid", 1, 1, hard::hard_sigmoid),
    row("HardSwish", 1, 1, hard::hard_swish),
    row("Identity", 1, 1, |call, _| Ok(vec![call.input(0)?.clone()])),
    row("LeakyRelu", 1, 1, leaky_relu::leaky_relu),
    row("Log", 1, 1, |call, b| elementwise::unary(call, b, Unary::Log)),
    row("MatMul", 2, 2, mat_mul::mat_mul),
    row("Max", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Max)),
    row("MaxPool", 1, 1, pool::max_pool),
    row("Min", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Min)),
    row("Mul", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Mul)),
    row("Neg", 1, 1, |call, b| elementwise::unary(call, b, Unary::Neg)),
    row("Pad", 1, 4, pad::pad),
    row("Pow", 2, 2, pow::pow),
    row("Range", 3, 3, constant::range),
    row("ReduceMax", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Max)),
    row("ReduceMean", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Mean)),
    row("ReduceSum", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Sum)),
    row("Relu", 1, 1, clip::relu),
    row("Reshape", 1, 2, reshape::reshape),
    row("Shape", 1, 1, shape::shape),
    row("Sigmoid", 1, 1, |call, b| elementwise::unary(call, b, Unary::Sigmoid)),
    row("Slice", 1, 5, slice::slice),
    row("Softmax", 1, 1, softmax::softmax),
    row("Split", 1, 2, split::split),
    row("Sqrt", 1, 1, |call, b| elementwise::unary(call, b, Unary::Sqrt)),
    row("Squeeze", 1, 2, squeeze::squeeze),
    row("Sub", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Sub)),
    row("Sum", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Add)),
    row("Tanh", 1, 1, |call, b| elementwise::unary(call, b, Unary::Tanh)),
    row("Transpose", 1, 1, transpose::transpose),
    row("Unsqueeze", 1, 2, squeeze::unsqueeze),
];

/// The operator of that name in ONNX's own domain.
pub(super) fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.binary_search_by(|operator| operator.name.cmp(name)).ok().map(|index| &OPERATORS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_ascends() {
        assert!(OPERATORS.is_sorted_by(|a, b| a.name < b.name));
    }
}
