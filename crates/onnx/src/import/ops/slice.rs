use ir::{Op, Slice};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, axis, missing};
use crate::import::known;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Before operator set 10.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    for name in ["starts", "ends", "axes"] {
        attributes.ints(name)?;
    }
    Ok(())
}

/// Bounds are attributes before operator set 10, then inputs; they count from the end if negative and are limited to
/// the size.
pub(super) fn slice(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let starts = call.ints("starts", 1)?.ok_or_else(|| missing("starts"))?;
    let ends = call.ints("ends", 2)?.ok_or_else(|| missing("ends"))?;
    let axes = call.ints("axes", 3)?;
    let steps = call.optional(4).map(|_| call.known(4, "`steps`")).transpose()?.map(|steps| &steps.data[..]);

    let shape = b.shape(x);
    let count = starts.len();
    let lengths = [ends.len(), axes.map_or(count, <[i64]>::len), steps.map_or(count, <[i64]>::len)];
    if count > shape.len() || lengths != [count; 3] {
        return Err(Refusal::input(format!(
            "{count} starts, {} ends, {} axes and {} steps for a rank-{} tensor",
            lengths[0],
            lengths[1],
            lengths[2],
            shape.len()
        )));
    }
    let mut part = Slice { starts: vec![0; shape.len()], sizes: shape.to_vec(), steps: vec![1; shape.len()] };
    let mut cut = vec![false; shape.len()];
    for index in 0..count {
        let axis = axis(axes.map_or(index as i64, |axes| axes[index]), shape.len())?;
        if std::mem::replace(&mut cut[axis], true) {
            return Err(Refusal::input(format!("axis {axis} is given twice")));
        }
        let step = usize::try_from(steps.map_or(1, |steps| steps[index])).ok().filter(|step| *step > 0);
        let step = step.ok_or_else(|| {
            Refusal::setting(
                format!("a step of {} is not supported", steps.map_or(1, |steps| steps[index])),
                "take the elements in ascending order, with steps of at least 1",
            )
        })?;
        let (start, end) = (limited(starts[index], shape[axis]), limited(ends[index], shape[axis]));
        part.starts[axis] = start;
        part.sizes[axis] = end.saturating_sub(start).div_ceil(step);
        // One element has no next, and a step beyond the tensor would overflow later.
        part.steps[axis] = if part.sizes[axis] > 1 { step } else { 1 };
    }
    Ok(vec![take(b, x, part)?])
}

/// A part of a value of any kind.
pub(super) fn take(b: &mut Builder, x: &Value, part: Slice) -> Result<Value> {
    match x.as_known() {
        Some(input) => {
            b.charge(part.sizes.iter().product())?;
            Ok(Value::known(known::slice(input, &part)))
        }
        None if part.sizes == b.shape(x) => Ok(x.clone()),
        None => b.apply(Op::Slice(part), &[x]),
    }
}

/// A bound as a position in `0..=size`.
fn limited(bound: i64, size: usize) -> usize {
    if bound < 0 {
        size.saturating_sub(usize::try_from(bound.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(bound).unwrap_or(usize::MAX).min(size)
    }
}
