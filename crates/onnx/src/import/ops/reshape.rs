use crate::import::attributes::Attributes;
use crate::import::builder::{Builder, check_rank};
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.flag("allowzero", false).map(|_| ())
}

/// A size of 0 takes that of the input, unless `allowzero`; one size of -1 takes what is left.
pub(super) fn reshape(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let allow_zero = call.attributes.flag("allowzero", false)?;
    let wanted = &call.known(1, "the new shape")?.data;
    check_rank(wanted.len())?;
    let from = b.shape(x);
    let misfit = || Refusal::input(format!("the shape {wanted:?} does not fit the elements of {from:?}"));
    let elements = from.iter().product::<usize>();
    let mut known: usize = 1;
    let mut open = None;
    let mut shape = vec![];
    for (axis, size) in wanted.iter().enumerate() {
        let size = match *size {
            0 if !allow_zero => *from.get(axis).ok_or_else(misfit)?,
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            size => usize::try_from(size).map_err(|_| misfit())?,
        };
        known = known.checked_mul(size).ok_or_else(misfit)?;
        shape.push(size);
    }
    if let Some(axis) = open {
        shape[axis] = elements.checked_div(known).filter(|rest| rest * known == elements).ok_or_else(misfit)?;
    } else if known != elements {
        return Err(misfit());
    }
    Ok(vec![b.reshape(x, shape)?])
}
