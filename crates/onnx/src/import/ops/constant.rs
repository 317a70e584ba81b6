//! Values from nothing: `Constant`, `ConstantOfShape`, `Range`.

use ir::{Code, Tensor};

use crate::import::attributes::Attributes;
use crate::import::builder::{Builder, elements};
use crate::import::call::{Call, missing};
use crate::import::half;
use crate::import::known::Known;
use crate::import::refusal::{Refusal, Result};
use crate::import::tensor::{Loaded, load};
use crate::import::value::Value;
use crate::model::element;
use crate::proto::TensorProto;

/// Of `Constant`.
pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    for other in ["value_string", "value_strings", "sparse_value"] {
        if attributes.has(other) {
            return Err(Refusal::new(
                Code::UnsupportedType,
                format!("`{other}` is not supported"),
                "store the constant as a dense tensor of float32 or int64",
            ));
        }
    }
    let given = [
        attributes.tensor("value")?.is_some(),
        attributes.float("value_float")?.is_some(),
        attributes.floats("value_floats")?.is_some(),
        attributes.int("value_int")?.is_some(),
        attributes.ints("value_ints")?.is_some(),
    ];
    match given.into_iter().filter(|given| *given).count() {
        0 => Err(missing("value")),
        1 => Ok(()),
        count => Err(Refusal::attribute(format!("{count} attributes give a value, not one"))),
    }
}

/// A tensor, a number or a list, by the attribute that is given.
pub(super) fn constant(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let name = call.outputs[0];
    let value = if let Some(tensor) = call.attributes.tensor("value")? {
        loaded(b, name, tensor)?
    } else if let Some(value) = call.attributes.float("value_float")? {
        b.constant(name, Tensor::splat([], value))
    } else if let Some(values) = call.attributes.floats("value_floats")? {
        b.constant(name, Tensor::new([values.len()], values))
    } else if let Some(value) = call.attributes.int("value_int")? {
        Value::known(Known::new(vec![], vec![value]))
    } else if let Some(values) = call.attributes.ints("value_ints")? {
        Value::known(Known::list(values.to_vec()))
    } else {
        return Err(missing("value"));
    };
    Ok(vec![value])
}

fn loaded(b: &mut Builder, name: &str, tensor: &TensorProto<'_>) -> Result<Value> {
    if tensor.data_type == element::FLOAT16 {
        b.remark(half::NOTE);
    }
    match load(tensor)? {
        Loaded::Float(floats) => Ok(b.constant(name, floats)),
        Loaded::Known(integers) => Ok(Value::known(integers)),
        Loaded::Foreign(element) => Err(Refusal::element(element)),
    }
}

/// Of `ConstantOfShape`.
pub(super) fn settings_of_shape(attributes: &Attributes<'_>) -> Result<()> {
    element_of(attributes).map(|_| ())
}

/// One value, by default a float of zero, in a shape that is known.
pub(super) fn constant_of_shape(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let shape = call.sizes(0, "the shape")?;
    let result = match element_of(&call.attributes)? {
        Element::Float(value) => b.splat(shape, value)?,
        Element::Integer(value) => {
            let count = elements(&shape)?;
            b.charge(count)?;
            Value::known(Known::new(shape, vec![value; count]))
        }
    };
    Ok(vec![result])
}

enum Element {
    Float(f32),
    Integer(i64),
}

fn element_of(attributes: &Attributes<'_>) -> Result<Element> {
    let one = || Refusal::attribute("`value` must hold one element");
    match attributes.tensor("value")?.map(load).transpose()? {
        None => Ok(Element::Float(0.0)),
        Some(Loaded::Float(value)) => value.scalar().map(Element::Float).ok_or_else(one),
        Some(Loaded::Known(value)) => value.scalar().map(Element::Integer).ok_or_else(one),
        Some(Loaded::Foreign(element)) => Err(Refusal::element(element)),
    }
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
