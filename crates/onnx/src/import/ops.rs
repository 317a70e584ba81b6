//! The ONNX operators: one function each, and the table that maps names to functions.
//!
//! A function reads the inputs and attributes of a [`Call`] and answers the values of the outputs, in order. What is
//! wrong with the attributes alone is the business of a second function, whose verdict stands where the inputs are
//! refused.

use std::ops::RangeInclusive;

use super::attributes::Attributes;
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
mod elu;
mod erf;
mod expand;
mod flatten;
mod gather;
mod gemm;
mod global_pool;
mod hard;
mod layer_normalization;
mod leaky_relu;
mod mat_mul;
mod pad;
mod pool;
mod pow;
mod prelu;
mod reduce;
mod reshape;
mod resize;
mod shape;
mod slice;
mod soft;
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
    /// Judges the attributes as far as they can be without the inputs, and has read all that there are.
    pub(super) settings: Settings,
    pub(super) import: Import,
}

type Settings = fn(&Attributes<'_>) -> Result<()>;

type Import = fn(&Call<'_>, &mut Builder) -> Result<Vec<Value>>;

const fn row(name: &'static str, least: usize, most: usize, import: Import) -> Operator {
    Operator { name, inputs: least..=most, settings: |_| Ok(()), import }
}

impl Operator {
    const fn with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }
}

const MANY: usize = usize::MAX;

/// Ascending by name.
pub(super) const OPERATORS: &[Operator] = &[
    row("Abs", 1, 1, |call, b| elementwise::unary(call, b, Unary::Abs)),
    row("Add", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Add)),
    row("AveragePool", 1, 1, pool::average_pool).with(pool::average_pool_settings),
    row("BatchNormalization", 5, 5, batch_normalization::batch_normalization).with(batch_normalization::settings),
    row("Cast", 1, 1, cast::cast).with(cast::settings),
    row("Clip", 1, 3, clip::clip).with(clip::settings),
    row("Concat", 1, MANY, concat::concat).with(concat::settings),
    row("Constant", 0, 0, constant::constant).with(constant::settings),
    row("ConstantOfShape", 1, 1, constant::constant_of_shape).with(constant::settings_of_shape),
    row("Conv", 2, 3, conv::conv).with(conv::settings),
    row("Div", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Div)),
    row("Dropout", 1, 3, dropout::dropout).with(dropout::settings),
    row("Elu", 1, 1, elu::elu).with(elu::settings),
    row("Erf", 1, 1, erf::erf),
    row("Exp", 1, 1, |call, b| elementwise::unary(call, b, Unary::Exp)),
    row("Expand", 2, 2, expand::expand),
    row("Flatten", 1, 1, flatten::flatten).with(axis),
    row("Gather", 2, 2, gather::gather).with(axis),
    row("Gelu", 1, 1, erf::gelu).with(erf::settings),
    row("Gemm", 2, 3, gemm::gemm).with(gemm::settings),
    row("GlobalAveragePool", 1, 1, |call, b| global_pool::global_pool(call, b, ReduceKind::Mean)),
    row("GlobalMaxPool", 1, 1, |call, b| global_pool::global_pool(call, b, ReduceKind::Max)),
    row("HardSigmoid", 1, 1, hard::hard_sigmoid).with(hard::settings),
    row("HardSwish", 1, 1, hard::hard_swish),
    row("Identity", 1, 1, |call, _| Ok(vec![call.input(0)?.clone()])),
    row("LayerNormalization", 2, 3, layer_normalization::layer_normalization).with(layer_normalization::settings),
    row("LeakyRelu", 1, 1, leaky_relu::leaky_relu).with(leaky_relu::settings),
    row("Log", 1, 1, |call, b| elementwise::unary(call, b, Unary::Log)),
    row("MatMul", 2, 2, mat_mul::mat_mul),
    row("Max", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Max)),
    row("MaxPool", 1, 1, pool::max_pool).with(pool::max_pool_settings),
    row("Min", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Min)),
    row("Mul", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Mul)),
    row("Neg", 1, 1, |call, b| elementwise::unary(call, b, Unary::Neg)),
    row("PRelu", 2, 2, prelu::prelu),
    row("Pad", 1, 4, pad::pad).with(pad::settings),
    row("Pow", 2, 2, pow::pow),
    row("Range", 3, 3, constant::range),
    row("Reciprocal", 1, 1, elementwise::reciprocal),
    row("ReduceL2", 1, 2, reduce::l2).with(reduce::settings),
    row("ReduceLogSumExp", 1, 2, reduce::log_sum_exp).with(reduce::settings),
    row("ReduceMax", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Max)).with(reduce::settings),
    row("ReduceMean", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Mean)).with(reduce::settings),
    row("ReduceSum", 1, 2, |call, b| reduce::reduce(call, b, ReduceKind::Sum)).with(reduce::settings),
    row("ReduceSumSquare", 1, 2, reduce::sum_square).with(reduce::settings),
    row("Relu", 1, 1, clip::relu),
    row("Reshape", 1, 2, reshape::reshape).with(reshape::settings),
    row("Resize", 2, 4, resize::resize).with(resize::settings),
    row("Shape", 1, 1, shape::shape).with(shape::settings),
    row("Sigmoid", 1, 1, |call, b| elementwise::unary(call, b, Unary::Sigmoid)),
    row("Slice", 1, 5, slice::slice).with(slice::settings),
    row("Softmax", 1, 1, softmax::softmax).with(axis),
    row("Softplus", 1, 1, soft::softplus),
    row("Softsign", 1, 1, soft::softsign),
    row("Split", 1, 2, split::split).with(split::settings),
    row("Sqrt", 1, 1, |call, b| elementwise::unary(call, b, Unary::Sqrt)),
    row("Squeeze", 1, 2, squeeze::squeeze).with(squeeze::settings),
    row("Sub", 2, 2, |call, b| elementwise::binary(call, b, BinaryOp::Sub)),
    row("Sum", 1, MANY, |call, b| elementwise::fold(call, b, BinaryOp::Add)),
    row("Tanh", 1, 1, |call, b| elementwise::unary(call, b, Unary::Tanh)),
    row("Transpose", 1, 1, transpose::transpose).with(transpose::settings),
    row("Unsqueeze", 1, 2, squeeze::unsqueeze).with(squeeze::settings),
    row("Upsample", 1, 2, resize::upsample).with(resize::upsample_settings),
];

/// An `axis` and nothing else.
fn axis(attributes: &Attributes<'_>) -> Result<()> {
    attributes.int("axis").map(|_| ())
}

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
