//! The ONNX operators: one function each, and the table that maps names to functions.
//!
//! A function reads the inputs and attributes of a [`Call`] and answers the values of the outputs, in order. What is
//! wrong with the attributes alone is the business of a second function, whose verdict stands where the inputs are
//! refused. What the specification says of inputs and attributes of a version was held by `schema` before either is called.

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
    /// Judges the attributes as far as they can be without the inputs, and has read all that there are.
    pub(super) settings: Settings,
    pub(super) import: Import,
}

type Settings = fn(&Attributes<'_>) -> Result<()>;

type Import = fn(&Call<'_>, &mut Builder) -> Result<Vec<Value>>;

const fn row(name: &'static str, import: Import) -> Operator {
    Operator { name, settings: |_| Ok(()), import }
}

impl Operator {
    const fn with(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }
}

/// Ascending by name.
pub(super) const OPERATORS: &[Operator] = &[
    row("Abs", |call, b| elementwise::unary(call, b, Unary::Abs)),
    row("Add", |call, b| elementwise::binary(call, b, BinaryOp::Add)),
    row("AveragePool", pool::average_pool).with(pool::average_pool_settings),
    row("BatchNormalization", batch_normalization::batch_normalization).with(batch_normalization::settings),
    row("Cast", cast::cast).with(cast::settings),
    row("Clip", clip::clip).with(clip::settings),
    row("Concat", concat::concat).with(concat::settings),
    row("Constant", constant::constant).with(constant::settings),
    row("ConstantOfShape", constant::constant_of_shape).with(constant::settings_of_shape),
    row("Conv", conv::conv).with(conv::settings),
    row("Div", |call, b| elementwise::binary(call, b, BinaryOp::Div)),
    row("Dropout", dropout::dropout).with(dropout::settings),
    row("Elu", elu::elu).with(elu::settings),
    row("Erf", erf::erf),
    row("Exp", |call, b| elementwise::unary(call, b, Unary::Exp)),
    row("Expand", expand::expand),
    row("Flatten", flatten::flatten).with(axis),
    row("Gather", gather::gather).with(axis),
    row("Gelu", erf::gelu).with(erf::settings),
    row("Gemm", gemm::gemm).with(gemm::settings),
    row("GlobalAveragePool", |call, b| global_pool::global_pool(call, b, ReduceKind::Mean)),
    row("GlobalMaxPool", |call, b| global_pool::global_pool(call, b, ReduceKind::Max)),
    row("HardSigmoid", hard::hard_sigmoid).with(hard::settings),
    row("HardSwish", hard::hard_swish),
    row("Identity", |call, _| Ok(vec![call.input(0)?.clone()])),
    row("LayerNormalization", layer_normalization::layer_normalization).with(layer_normalization::settings),
    row("LeakyRelu", leaky_relu::leaky_relu).with(leaky_relu::settings),
    row("Log", |call, b| elementwise::unary(call, b, Unary::Log)),
    row("MatMul", mat_mul::mat_mul),
    row("Max", |call, b| elementwise::fold(call, b, BinaryOp::Max)),
    row("MaxPool", pool::max_pool).with(pool::max_pool_settings),
    row("Min", |call, b| elementwise::fold(call, b, BinaryOp::Min)),
    row("Mul", |call, b| elementwise::binary(call, b, BinaryOp::Mul)),
    row("Neg", |call, b| elementwise::unary(call, b, Unary::Neg)),
    row("PRelu", prelu::prelu),
    row("Pad", pad::pad).with(pad::settings),
    row("Pow", pow::pow),
    row("Range", constant::range),
    row("Reciprocal", elementwise::reciprocal),
    row("ReduceL2", reduce::l2).with(reduce::settings),
    row("ReduceLogSumExp", reduce::log_sum_exp).with(reduce::settings),
    row("ReduceMax", |call, b| reduce::reduce(call, b, ReduceKind::Max)).with(reduce::settings),
    row("ReduceMean", |call, b| reduce::reduce(call, b, ReduceKind::Mean)).with(reduce::settings),
    row("ReduceSum", |call, b| reduce::reduce(call, b, ReduceKind::Sum)).with(reduce::settings),
    row("ReduceSumSquare", reduce::sum_square).with(reduce::settings),
    row("Relu", clip::relu),
    row("Reshape", reshape::reshape).with(reshape::settings),
    row("Resize", resize::resize).with(resize::settings),
    row("Shape", shape::shape).with(shape::settings),
    row("Sigmoid", |call, b| elementwise::unary(call, b, Unary::Sigmoid)),
    row("Slice", slice::slice).with(slice::settings),
    row("Softmax", softmax::softmax).with(axis),
    row("Softplus", soft::softplus),
    row("Softsign", soft::softsign),
    row("Split", split::split).with(split::settings),
    row("Sqrt", |call, b| elementwise::unary(call, b, Unary::Sqrt)),
    row("Squeeze", squeeze::squeeze).with(squeeze::settings),
    row("Sub", |call, b| elementwise::binary(call, b, BinaryOp::Sub)),
    row("Sum", |call, b| elementwise::fold(call, b, BinaryOp::Add)),
    row("Tanh", |call, b| elementwise::unary(call, b, Unary::Tanh)),
    row("Transpose", transpose::transpose).with(transpose::settings),
    row("Unsqueeze", squeeze::unsqueeze).with(squeeze::settings),
    row("Upsample", resize::upsample).with(resize::upsample_settings),
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
