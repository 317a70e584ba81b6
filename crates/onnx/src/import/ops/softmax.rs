use ir::{Op, Softmax};

use crate::import::builder::Builder;
use crate::import::call::{Call, axis};
use crate::import::refusal::Result;
use crate::import::value::Value;

/// Along one axis from operator set 13 on; before, over all axes from `axis` on together.
pub(super) fn softmax(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let shape = b.shape(x).to_vec();
    let rank = shape.len();
    if call.opset >= 13 {
        let axis = call.axis("axis", Some(-1), rank)?;
        return Ok(vec![b.apply(Op::Softmax(Softmax { axis }), &[x])?]);
    }
    let axis = axis(call.attributes.int("axis")?.unwrap_or(1), rank)?;
    if axis + 1 == rank {
        return Ok(vec![b.apply(Op::Softmax(Softmax { axis }), &[x])?]);
    }
    let (outer, inner) = shape.split_at(axis);
    let flat = b.reshape(x, vec![outer.iter().product(), inner.iter().product()])?;
    let result = b.apply(Op::Softmax(Softmax { axis: 1 }), &[&flat])?;
    Ok(vec![b.reshape(&result, shape)?])
}
