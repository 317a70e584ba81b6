use ir::{Op, Pad};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, axis, missing};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.float("value")?;
    let sizes = attributes.ints("pads")?.unwrap_or_default();
    sizes.iter().try_for_each(|pad| size(*pad).map(|_| ()))?;
    match attributes.string("mode")?.as_deref() {
        None | Some("constant") => Ok(()),
        Some(mode) => {
            let mode = crate::model::shown(mode);
            Err(Refusal::setting(format!("the mode `{mode}` is not supported"), "pad with a constant"))
        }
    }
}

/// Constant padding; sizes and value are attributes before operator set 11, then inputs.
pub(super) fn pad(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let rank = b.shape(x).len();
    let pads = call.ints("pads", 1)?.ok_or_else(|| missing("pads"))?;
    let value = match (call.attributes.float("value")?, call.optional(2)) {
        (Some(value), _) => value,
        (None, None) => 0.0,
        (None, Some(value)) => b.number(value).ok_or_else(|| Refusal::not_constant("the value"))?,
    };
    let axes = match call.optional(3) {
        None => (0..rank).collect(),
        Some(_) => {
            let given = &call.known(3, "`axes`")?.data;
            if given.len() > rank {
                return Err(Refusal::input(format!("{} axes for a rank-{rank} tensor", given.len())));
            }
            given.iter().map(|given| axis(*given, rank)).collect::<Result<Vec<_>>>()?
        }
    };
    if pads.len() != 2 * axes.len() {
        return Err(Refusal::input(format!("{} numbers of padding for {} axes", pads.len(), axes.len())));
    }
    let mut op = Pad { before: vec![0; rank], after: vec![0; rank], value };
    for (index, axis) in axes.iter().enumerate() {
        if axes[..index].contains(axis) {
            return Err(Refusal::input(format!("axis {axis} is given twice")));
        }
        op.before[*axis] = size(pads[index])?;
        op.after[*axis] = size(pads[axes.len() + index])?;
    }
    Ok(vec![b.apply(Op::Pad(op), &[x])?])
}

fn size(pad: i64) -> Result<usize> {
    usize::try_from(pad).map_err(|_| {
        Refusal::setting(format!("padding of {pad} is not supported"), "cut with a Slice instead of negative padding")
    })
}
