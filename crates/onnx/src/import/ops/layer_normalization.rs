use ir::{BinaryOp, Op, Reduce, ReduceKind, Unary};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;
use crate::model::element;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    if let Some(kept) = attributes.int("stash_type")?.filter(|kept| *kept != i64::from(element::FLOAT)) {
        return Err(Refusal::setting(
            format!("a `stash_type` of {kept} is not supported"),
            "leave `stash_type` at 1: float32 between the steps",
        ));
    }
    attributes.int("axis")?;
    attributes.float("epsilon")?;
    Ok(())
}

/// `scale d / sqrt(mean(d^2) + epsilon) + bias` with `d = x - mean(x)`, where means go over all axes from `axis` on.
pub(super) fn layer_normalization(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    if call.outputs.iter().skip(1).any(|name| !name.is_empty()) {
        return Err(Refusal::setting(
            "the outputs for the mean and the deviation are not supported",
            "export the model for inference (`model.eval()`)",
        ));
    }
    let x = call.input(0)?;
    let rank = b.shape(x).len();
    let axis = call.axis("axis", Some(-1), rank)?;
    let epsilon = b.scalar(call.attributes.float("epsilon")?.unwrap_or(1e-5));
    let mean = Op::Reduce(Reduce { kind: ReduceKind::Mean, axes: (axis..rank).collect() });
    let center = b.apply(mean.clone(), &[x])?;
    let distance = b.binary(BinaryOp::Sub, x, &center)?;
    let square = b.binary(BinaryOp::Mul, &distance, &distance)?;
    let variance = b.apply(mean, &[&square])?;
    let variance = b.binary(BinaryOp::Add, &variance, &epsilon)?;
    let deviation = b.apply(Op::Unary(Unary::Sqrt), &[&variance])?;
    let normal = b.binary(BinaryOp::Div, &distance, &deviation)?;
    let scaled = b.binary(BinaryOp::Mul, &normal, call.input(1)?)?;
    match call.optional(2) {
        Some(bias) => Ok(vec![b.binary(BinaryOp::Add, &scaled, bias)?]),
        None => Ok(vec![scaled]),
    }
}
