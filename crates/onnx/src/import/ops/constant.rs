//! Values from nothing: `Constant`, `ConstantOfShape`, `Range`.

use ir::{Code, Tensor};

use crate::import::builder::{Builder, elements};
use crate::import::call::{Call, missing};
use crate::import::known::Known;
use crate::import::refusal::{Refusal, Result};
use crate::import::tensor::{Loaded, load};
use crate::import::value::Value;
use crate::proto::TensorProto;

/// A tensor, a number or a list, by the attribute that is given.
pub(super) fn constant(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    for other in ["value_string", "value_strings", "sparse_value"] {
        if call.attributes.has(other) {
            return Err(Refusal::new(
                Code::UnsupportedType,
                format!("`{other}` is not supported"),
                "store the constant as a dense tensor of float32 or int64",
            ));
        }
    }
    let name = call.outputs[0].clone();
    let value = if let Some(tensor) = call.attributes.tensor("value")? {
        loaded(b, &name, tensor)?
    } else if let Some(value) = call.attributes.float("value_float")? {
        b.constant(&name, Tensor::splat([], value))
    } else if let Some(values) = call.attributes.floats("value_floats")? {
        b.constant(&name, Tensor::new([values.len()], values))
    } else if let Some(value) = call.attributes.int("value_int")? {
        Value::known(Known::new(vec![], vec![value]))
    } else if let Some(values) = call.attributes.ints("value_ints")? {
        Value::known(Known::list(values.to_vec()))
    } else {
        return Err(missing("value"));
    };
    Ok(vec![value])
}

fn loaded(b: &mut Builder, name: &str, tensor: &TensorProto) -> Result<Value> {
    match load(tensor)? {
        Loaded::Float(floats) => Ok(b.constant(name, floats)),
        Loaded::Known(integers) => Ok(Value::known(integers)),
        Loaded::Foreign(element) => Err(Refusal::element(element)),
    }
}

/// One value, by default a float of zero, in a shape that is known.
pub(super) fn constant_of_shape(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let shape = call.sizes(0, "the shape")?;
    let value = call.attributes.tensor("value")?.map(load).transpose()?;
    let one = || Refusal::attribute("`value` must hold one element");
    let result = match value {
        None => b.splat(shape, 0.0)?,
        Some(Loaded::Float(value)) => b.splat(shape, value.scalar().ok_or_else(one)?)?,
        Some(Loaded::Known(value)) => {
            let count = elements(&shape)?;
            b.charge(count)?;
            Value::known(Known::new(shape, vec![value.scalar().ok_or_else(one)?; count]))
        }
        Some(Loaded::Foreign(element)) => return Err(Refusal::element(element)),
    };
    Ok(vec![result])
}

/// Known integers from `start` to before `limit`, by `delta`.
pub(super) fn range(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let number = |index: usize, what: &str| {
        let known = call.known(index, what)?;
        known.scalar().ok_or_else(|| Refusal::input(format!("{what} must be one integer")))
    };
    let (start, limit, delta) = (number(0, "`start`")?, number(1, "`limit`")?, number(2, "`delta`")?);
    let distance = i128::from(limit) - i128::from(start);
    let steps = match i128::from(delta) {
        0 => return Err(Refusal::input("`delta` is 0")),
        delta if (distance > 0) != (delta > 0) => 0,
        delta => (distance.abs() + delta.abs() - 1) / delta.abs(),
    };
    let count = usize::try_from(steps).unwrap_or(usize::MAX);
    b.charge(count)?;
    // The last element lies between start and limit, so none overflows.
    let data = (0..steps).map(|step| (i128::from(start) + step * i128::from(delta)) as i64).collect();
    Ok(vec![Value::known(Known::list(data))])
}
