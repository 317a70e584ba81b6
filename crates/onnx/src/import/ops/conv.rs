use ir::{Conv, Op};

use super::spatial::{self, Spatial};
use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    groups(attributes)?;
    spatial::settings(attributes)
}

/// Channels last between two transpositions, with weights `[kh, kw, c / groups, o]` and always a bias.
pub(super) fn conv(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let weights = call.input(1)?;
    if !b.is_constant(weights) {
        return Err(Refusal::not_constant("the weights"));
    }
    let groups = groups(&call.attributes)?;
    let x = Spatial::enter(b, call.input(0)?)?;
    let weights = match (x.axes, b.shape(weights)) {
        (2, [_, _, _, _]) => weights.clone(),
        (1, &[o, c, w]) => b.reshape(weights, vec![o, c, 1, w])?,
        (axes, shape) => {
            return Err(Refusal::input(format!("weights {shape:?} do not fit an input with {axes} spatial axes")));
        }
    };
    let &[outputs, per_group, h, w] = b.shape(&weights) else {
        return Err(Refusal::input("weights must have rank 4"));
    };
    if let Some(kernel) = x.kernel(call)?.filter(|kernel| *kernel != [h, w]) {
        return Err(Refusal::attribute(format!("`kernel_shape` says {kernel:?} and the weights {:?}", [h, w])));
    }
    if groups.checked_mul(per_group) != Some(x.channels) || !outputs.is_multiple_of(groups) {
        return Err(Refusal::input(format!(
            "{} input channels in {groups} groups do not fit weights for {per_group} to {outputs} channels",
            x.channels
        )));
    }
    if h == 0 || w == 0 {
        return Err(Refusal::input("the window is empty"));
    }
    let windows = x.windows(call, [h, w])?;
    let weights = b.transpose(&weights, &[2, 3, 1, 0])?;
    let bias = match call.optional(2) {
        Some(bias) if !b.is_constant(bias) => return Err(Refusal::not_constant("the bias")),
        Some(bias) => bias.clone(),
        None => b.splat(vec![outputs], 0.0)?,
    };
    let op = Conv {
        strides: windows.strides,
        dilations: windows.dilations,
        padding: windows.padding,
        groups,
        activation: None,
    };
    let y = b.apply(Op::Conv(op), &[&x.value, &weights, &bias])?;
    Ok(vec![x.leave(b, &y)?])
}

fn groups(attributes: &Attributes<'_>) -> Result<usize> {
    let Some(groups) = attributes.int("group")? else { return Ok(1) };
    let positive = usize::try_from(groups).ok().filter(|groups| *groups > 0);
    positive.ok_or_else(|| Refusal::attribute(format!("`group` is {groups}, not 1 or more")))
}
