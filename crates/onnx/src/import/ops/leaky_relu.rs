use ir::{BinaryOp, Clamp, Op};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    alpha(attributes).map(|_| ())
}

/// `x` where it is positive, else `alpha x`: the larger of the two for an alpha up to 1, the smaller from there.
pub(super) fn leaky_relu(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let alpha = alpha(&call.attributes)?;
    if alpha == 0.0 {
        // Zero times infinity has no value.
        return Ok(vec![b.apply(Op::Clamp(Clamp::RELU), &[x])?]);
    }
    let slope = b.scalar(alpha);
    let scaled = b.binary(BinaryOp::Mul, x, &slope)?;
    let op = if alpha <= 1.0 { BinaryOp::Max } else { BinaryOp::Min };
    Ok(vec![b.binary(op, x, &scaled)?])
}

fn alpha(attributes: &Attributes<'_>) -> Result<f32> {
    let alpha = attributes.float("alpha")?.unwrap_or(0.01);
    if alpha >= 0.0 && alpha.is_finite() {
        return Ok(alpha);
    }
    Err(Refusal::setting(
        format!("an alpha of {alpha:?} is not supported"),
        "use an alpha that is finite and not negative",
    ))
}
