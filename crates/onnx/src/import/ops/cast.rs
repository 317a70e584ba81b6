use ir::Tensor;

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, missing};
use crate::import::is_integer;
use crate::import::known::Known;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;
use crate::model::element;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    // Both are about element types that are refused.
    attributes.ignore("saturate");
    attributes.ignore("round_mode");
    match target(attributes)? {
        to if to == element::FLOAT || is_integer(to) => Ok(()),
        to => Err(Refusal::element(to)),
    }
}

/// Between floats nothing, between integers nothing that is seen; what is constant changes sides.
pub(super) fn cast(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let to = target(&call.attributes)?;
    let result = match (x, to) {
        (Value::Graph(_) | Value::Float(_), element::FLOAT) => x.clone(),
        (Value::Known(known), element::FLOAT) => {
            b.charge(known.data.len())?;
            let data: Vec<f32> = known.data.iter().map(|value| *value as f32).collect();
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
