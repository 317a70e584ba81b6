use ir::{BinaryOp, Clamp, Op};

use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// `max(x, 0) + slope min(x, 0)`, where the slope broadcasts to the shape of `x`.
pub(super) fn prelu(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let (x, slope) = (call.input(0)?, call.input(1)?);
    let shape = b.shape(x).to_vec();
    let above = b.apply(Op::Clamp(Clamp::RELU), &[x])?;
    let below = b.apply(Op::Clamp(Clamp { low: f32::NEG_INFINITY, high: 0.0 }), &[x])?;
    let scaled = b.binary(BinaryOp::Mul, &below, slope)?;
    if b.shape(&scaled) != shape {
        let given = b.shape(slope);
        return Err(Refusal::input(format!("a slope of shape {given:?} does not broadcast to {shape:?}")));
    }
    Ok(vec![b.binary(BinaryOp::Add, &above, &scaled)?])
}
