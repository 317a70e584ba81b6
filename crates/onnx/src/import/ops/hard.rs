//! `HardSigmoid` and `HardSwish`, from a clamp and arithmetic.

use ir::{BinaryOp, Clamp, Op};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::Result;
use crate::import::value::Value;

/// Of `HardSigmoid`.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.float("alpha")?;
    attributes.float("beta")?;
    Ok(())
}

pub(super) fn hard_sigmoid(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let alpha = call.attributes.float("alpha")?.unwrap_or(0.2);
    let beta = call.attributes.float("beta")?.unwrap_or(0.5);
    Ok(vec![ramp(b, call.input(0)?, alpha, beta)?])
}

/// `x` times a hard sigmoid with an alpha of one sixth and a beta of one half.
pub(super) fn hard_swish(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let gate = ramp(b, x, 1.0 / 6.0, 0.5)?;
    Ok(vec![b.binary(BinaryOp::Mul, x, &gate)?])
}

/// `min(max(alpha x + beta, 0), 1)`
fn ramp(b: &mut Builder, x: &Value, alpha: f32, beta: f32) -> Result<Value> {
    let (alpha, beta) = (b.scalar(alpha), b.scalar(beta));
    let scaled = b.binary(BinaryOp::Mul, x, &alpha)?;
    let line = b.binary(BinaryOp::Add, &scaled, &beta)?;
    b.apply(Op::Clamp(Clamp { low: 0.0, high: 1.0 }), &[&line])
}
