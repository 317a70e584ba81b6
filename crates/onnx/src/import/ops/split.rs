use ir::Slice;

use super::slice::take;
use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.int("axis")?;
    attributes.int("num_outputs")?;
    attributes.ints("split")?;
    Ok(())
}

/// Consecutive parts along an axis: of the sizes given, or from operator set 18 on as many as are announced, as equal as can be.
pub(super) fn split(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let shape = b.shape(x).to_vec();
    let axis = call.axis("axis", Some(0), shape.len())?;
    let size = shape[axis];
    let count = call.outputs.len();
    let announced = call.attributes.int("num_outputs")?;
    if let Some(announced) = announced
        && usize::try_from(announced) != Ok(count)
    {
        return Err(Refusal::attribute(format!("`num_outputs` is {announced} for {count} outputs")));
    }
    let sizes = match call.ints("split", 1)? {
        Some(_) if announced.is_some() => {
            return Err(Refusal::input("`split` and `num_outputs` exclude each other"));
        }
        Some(given) => {
            let sizes = given.iter().take(count).map(|size| usize::try_from(*size).ok()).collect::<Option<Vec<_>>>();
            let fits = |sizes: &Vec<usize>| {
                let sum = sizes.iter().try_fold(0_usize, |sum, size| sum.checked_add(*size));
                given.len() == count && sum == Some(size)
            };
            sizes.filter(fits).ok_or_else(|| {
                Refusal::input(format!("the {} given sizes do not split {size} into {count} parts", given.len()))
            })?
        }
        None if call.opset >= 18 && announced.is_none() => {
            return Err(Refusal::input("neither `split` nor `num_outputs` is given"));
        }
        None => {
            let part = size.div_ceil(count);
            if call.opset < 18 && part * count != size {
                return Err(Refusal::input(format!("{size} does not split into {count} equal parts")));
            }
            (0..count).map(|index| part.min(size.saturating_sub(index * part))).collect()
        }
    };
    let mut start = 0;
    let mut parts = vec![];
    for size in sizes {
        let mut part = Slice { starts: vec![0; shape.len()], sizes: shape.clone(), steps: vec![1; shape.len()] };
        part.starts[axis] = start;
        part.sizes[axis] = size;
        start += size;
        parts.push(take(b, x, part)?);
    }
    Ok(parts)
}
