//! Functions of numbers. What JSON has no number for is text: `"NaN"`, `"inf"`, `"-inf"`.

use std::fmt;

use runtime::{CallError, Function, Lease, Scalar, ScalarType};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// Calls with as many numbers as there are; answers `null` for none, one as it is, several as an array.
pub(super) fn call(lease: &Lease, function: &Function, arguments: &[Value]) -> Result<String, CallError> {
    let given: Vec<Given> =
        arguments.iter().enumerate().map(|(at, value)| given(function, at, value)).collect::<Result<_, _>>()?;
    let Answered(answer) = lease.call(&function.name, &given)?;
    Ok(answer.to_string())
}

/// As [`call`], of a function that is one of the classic convention as well.
pub(super) fn integers(lease: &Lease, function: &Function, arguments: &[Value]) -> Result<String, CallError> {
    let integer = |(at, value): (usize, &Value)| {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(no_number(function, at, value)),
        };
        ScalarType::I32.parse(&text).map_err(|error| misfit(function, format!("argument {at}: {error}")))
    };
    let scalars: Vec<Scalar> = arguments.iter().enumerate().map(integer).collect::<Result<_, _>>()?;
    let answer = lease.call_scalars(&function.name, &scalars)?;
    Ok(match answer[..] {
        [] => Value::Null,
        [scalar] => json(scalar),
        _ => answer.into_iter().map(json).collect(),
    }
    .to_string())
}

/// A number on its way into the function.
enum Given {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Bool(value) => serializer.serialize_bool(value),
            Self::Signed(value) => serializer.serialize_i64(value),
            Self::Unsigned(value) => serializer.serialize_u64(value),
            Self::Float(value) => serializer.serialize_f64(value),
        }
    }
}

/// Text is read as a number too, for writers whose integers end at 2^53, and for what JSON has no number for.
fn given(function: &Function, at: usize, value: &Value) -> Result<Given, CallError> {
    let given = match value {
        Value::Bool(value) => Some(Given::Bool(*value)),
        Value::Number(number) => {
            let integer = number.as_i64().map(Given::Signed).or_else(|| number.as_u64().map(Given::Unsigned));
            integer.or_else(|| number.as_f64().map(Given::Float))
        }
        Value::String(text) => {
            let integer = text.parse().map(Given::Signed).or_else(|_| text.parse().map(Given::Unsigned));
            integer.or_else(|_| text.parse().map(Given::Float)).ok()
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    given.ok_or_else(|| no_number(function, at, value))
}

/// A number that the function answered, or several.
struct Answered(Value);

impl<'de> Deserialize<'de> for Answered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Answers).map(Self)
    }
}

struct Answers;

impl<'de> Visitor<'de> for Answers {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f32<E: Error>(self, value: f32) -> Result<Value, E> {
        Ok(json(Scalar::F32(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(json(Scalar::F64(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut answers: A) -> Result<Value, A::Error> {
        let mut numbers = Vec::new();
        while let Some(Answered(number)) = answers.next_element()? {
            numbers.push(number);
        }
        Ok(Value::Array(numbers))
    }
}

fn json(scalar: Scalar) -> Value {
    scalar.to_json().unwrap_or_else(|| scalar.to_string().into())
}

fn no_number(function: &Function, at: usize, value: &Value) -> CallError {
    let kind = match value {
        Value::String(_) => "text that is no number",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
        Value::Bool(_) | Value::Null => return misfit(function, format!("argument {at} is {value}, not a number")),
        Value::Number(_) => "a number out of range",
    };
    misfit(function, format!("argument {at} is {kind}"))
}

fn misfit(function: &Function, reason: String) -> CallError {
    let expected = function.declared.as_ref().map_or_else(|| function.signature.to_string(), ToString::to_string);
    CallError::BadArgument { function: function.name.clone(), expected, reason }
}
