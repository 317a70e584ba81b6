//! `Squeeze` and `Unsqueeze`: axes of size 1 go and come.

use crate::import::attributes::Attributes;
use crate::import::builder::{Builder, check_rank};
use crate::import::call::{Call, axes, missing};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Before operator set 13.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.ints("axes").map(|_| ())
}

pub(super) fn squeeze(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let shape = b.shape(x);
    let gone = match call.ints("axes", 1)? {
        Some(given) => axes(given, shape.len())?,
        None => (0..shape.len()).filter(|axis| shape[*axis] == 1).collect(),
    };
    if let Some(axis) = gone.iter().find(|axis| shape[**axis] != 1) {
        return Err(Refusal::input(format!("axis {axis} has size {}, not 1", shape[*axis])));
    }
    let kept = (0..shape.len()).filter(|axis| !gone.contains(axis)).map(|axis| shape[axis]).collect();
    Ok(vec![b.reshape(x, kept)?])
}

pub(super) fn unsqueeze(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let given = call.ints("axes", 1)?.ok_or_else(|| missing("axes"))?;
    let mut shape = b.shape(x).to_vec();
    check_rank(shape.len().saturating_add(given.len()))?;
    for axis in axes(given, shape.len() + given.len())? {
        shape.insert(axis, 1);
    }
    Ok(vec![b.reshape(x, shape)?])
}
