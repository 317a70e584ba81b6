use ir::{Clamp, Op};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Of `Clip`, before operator set 11.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.float("min")?;
    attributes.float("max")?;
    Ok(())
}

pub(super) fn relu(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    Ok(vec![b.apply(Op::Clamp(Clamp::RELU), &[call.input(0)?])?])
}

pub(super) fn clip(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let low = bound(call, b, 1, "min", f32::MIN)?;
    let high = bound(call, b, 2, "max", f32::MAX)?;
    Ok(vec![b.apply(Op::Clamp(Clamp { low, high }), &[call.input(0)?])?])
}

/// An attribute before operator set 11, then an input; the largest float there is, not infinity, is the default.
fn bound(call: &Call<'_>, b: &Builder, input: usize, name: &str, default: f32) -> Result<f32> {
    match (call.attributes.float(name)?, call.optional(input)) {
        (Some(bound), _) => Ok(bound),
        (None, None) => Ok(default),
        (None, Some(bound)) if !b.is_constant(bound) => Err(Refusal::not_constant(&format!("`{name}`"))),
        (None, Some(bound)) => match b.tensor(bound).and_then(ir::Tensor::scalar) {
            Some(bound) => Ok(bound),
            None => Err(Refusal::input(format!("`{name}` must be one float"))),
        },
    }
}
