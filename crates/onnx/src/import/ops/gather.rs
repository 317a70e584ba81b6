use ir::Slice;

use super::slice::take;
use crate::import::builder::{Builder, elements};
use crate::import::call::Call;
use crate::import::known::{self, Known};
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Known integers by any indices; floats where the indices are a regular run, which is a slice.
pub(super) fn gather(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let shape = b.shape(x).to_vec();
    let axis = call.axis("axis", Some(0), shape.len())?;
    let Known { shape: index_shape, data } = call.known(1, "the indices")?;
    b.charge(data.len())?;
    let size = shape[axis];
    let index = |given: &i64| {
        let index = if *given < 0 { given.checked_add_unsigned(size as u64) } else { Some(*given) };
        let index = index.and_then(|index| usize::try_from(index).ok()).filter(|index| *index < size);
        index.ok_or_else(|| Refusal::input(format!("index {given} is out of range for size {size}")))
    };
    let indices = data.iter().map(index).collect::<Result<Vec<_>>>()?;
    let result = [&shape[..axis], index_shape, &shape[axis + 1..]].concat();
    if let Some(input) = x.as_known() {
        b.charge(elements(&result)?)?;
        return Ok(vec![Value::known(known::gather(input, axis, &indices, result))]);
    }
    let (start, step) = match indices[..] {
        [only] => (only, 1),
        [first, second, ..] if second > first => (first, second - first),
        _ => return Err(irregular()),
    };
    if !indices.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(step)) {
        return Err(irregular());
    }
    let mut part = Slice { starts: vec![0; shape.len()], sizes: shape.clone(), steps: vec![1; shape.len()] };
    (part.starts[axis], part.sizes[axis], part.steps[axis]) = (start, indices.len(), step);
    let y = take(b, x, part)?;
    Ok(vec![b.reshape(&y, result)?])
}

fn irregular() -> Refusal {
    Refusal::shape(
        "only ascending indices of equal distance are supported",
        "use Slice, or one Gather for each run of indices, joined by Concat",
    )
}
