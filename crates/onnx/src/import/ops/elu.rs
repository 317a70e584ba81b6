use ir::{BinaryOp, Clamp, Op, Unary};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::Result;
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.float("alpha").map(|_| ())
}

/// `max(x, 0) + alpha (exp(min(x, 0)) - 1)`
pub(super) fn elu(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let alpha = b.scalar(call.attributes.float("alpha")?.unwrap_or(1.0));
    let one = b.scalar(1.0);
    let above = b.apply(Op::Clamp(Clamp::RELU), &[x])?;
    let below = b.apply(Op::Clamp(Clamp { low: f32::NEG_INFINITY, high: 0.0 }), &[x])?;
    let grown = b.apply(Op::Unary(Unary::Exp), &[&below])?;
    let shrunk = b.binary(BinaryOp::Sub, &grown, &one)?;
    let scaled = b.binary(BinaryOp::Mul, &shrunk, &alpha)?;
    Ok(vec![b.binary(BinaryOp::Add, &above, &scaled)?])
}
