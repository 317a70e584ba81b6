use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, axis};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.ints("perm").map(|_| ())
}

/// The axes in reverse order, unless `perm` says otherwise.
pub(super) fn transpose(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let rank = b.shape(x).len();
    let permutation = match call.attributes.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(given) if given.len() != rank => {
            return Err(Refusal::attribute(format!("`perm` has {} axes for a rank-{rank} tensor", given.len())));
        }
        Some(given) => given.iter().map(|given| axis(*given, rank)).collect::<Result<Vec<_>>>()?,
    };
    Ok(vec![b.transpose(x, &permutation)?])
}
