use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::Result;
use crate::import::value::Value;

/// Two axes: all before `axis`, and all from it on.
pub(super) fn flatten(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let shape = b.shape(x);
    // The axis may also be the end.
    let axis = match call.attributes.int("axis")?.unwrap_or(1) {
        negative @ ..0 => crate::import::call::axis(negative, shape.len())?,
        axis => crate::import::call::axis(axis, shape.len() + 1)?,
    };
    let (outer, inner) = shape.split_at(axis);
    let flat = vec![outer.iter().product(), inner.iter().product()];
    Ok(vec![b.reshape(x, flat)?])
}
