use ir::Tensor;

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, missing};
use crate::import::half;
use crate::import::known::Known;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;
use crate::model::element::{self, is_float, is_integer};

/// Said once of a model that computes a float16.
const NOT_ROUNDED: &str =
    "casts of computed values to float16 do nothing: they stay float32, neither rounded nor infinite above 65504";

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    // Both are about element types that are refused.
    attributes.ignore("saturate");
    attributes.ignore("round_mode");
    match target(attributes)? {
        to if is_float(to) || is_integer(to) => Ok(()),
        to => Err(Refusal::element(to)),
    }
}

/// Between integers nothing that is seen; what is constant changes sides. Constants are rounded to half precision; what
/// is computed stays as it is, in single precision.
pub(super) fn cast(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let to = target(&call.attributes)?;
    let result = match (x, to) {
        (Value::Graph(_) | Value::Float(_), element::FLOAT) => x.clone(),
        (Value::Graph(_), element::FLOAT16) => {
            b.remark(NOT_ROUNDED);
            x.clone()
        }
        (Value::Float(_), element::FLOAT16) => {
            let Some(tensor) = b.tensor(x) else { return Err(Refusal::not_constant("the input")) };
            b.charge(tensor.data().len())?;
            let data: Vec<f32> = tensor.data().iter().map(|value| half::rounded(*value)).collect();
            b.derived(Tensor::new(tensor.shape(), data))
        }
        (Value::Known(known), to) if is_float(to) => {
            b.charge(known.data.len())?;
            // Integers that half precision does not take for infinite are exact in single precision.
            let round = if to == element::FLOAT16 { half::rounded } else { std::convert::identity };
            let data: Vec<f32> = known.data.iter().map(|value| round(*value as f32)).collect();
            b.derived(Tensor::new(known.shape.clone(), data))
        }
        (Value::Known(known), element::BOOL) => {
            b.charge(known.data.len())?;
            let data = known.data.iter().map(|value| i64::from(*value != 0)).collect();
            Value::known(Known::new(known.shape.clone(), data))
        }
        (Value::Known(known), element::INT32) => {
            b.charge(known.data.len())?;
            match known.data.iter().find(|value| i32::try_from(**value).is_err()) {
                Some(value) => return Err(Refusal::input(format!("{value} does not fit int32"))),
                None => x.clone(),
            }
        }
        (Value::Known(_), element::INT64) => x.clone(),
        (Value::Float(_), to) if is_integer(to) => truncated(b, x, to)?,
        (Value::Graph(_), to) if is_integer(to) => return Err(Refusal::integers()),
        (_, to) => return Err(Refusal::element(to)),
    };
    Ok(vec![result])
}

/// The element type that is wanted.
fn target(attributes: &Attributes<'_>) -> Result<i32> {
    let to = attributes.int("to")?.ok_or_else(|| missing("to"))?;
    i32::try_from(to).map_err(|_| Refusal::attribute(format!("`to` is {to}, no element type")))
}

fn truncated(b: &mut Builder, x: &Value, to: i32) -> Result<Value> {
    let Some(tensor) = b.tensor(x).cloned() else { return Err(Refusal::not_constant("the input")) };
    b.charge(tensor.data().len())?;
    let limit = if to == element::INT32 { 2_147_483_648.0 } else { 9_223_372_036_854_775_808.0 };
    let integer = |value: &f32| match value {
        _ if to == element::BOOL => Ok(i64::from(*value != 0.0)),
        _ if value.trunc() >= -limit && value.trunc() < limit => Ok(value.trunc() as i64),
        _ => Err(Refusal::input(format!("{value:?} does not fit {}", element::name(to)))),
    };
    let data = tensor.data().iter().map(integer).collect::<Result<Vec<_>>>()?;
    Ok(Value::known(Known::new(tensor.shape().to_vec(), data)))
}
