//! Values as plain numbers: between `serde` types, the bytes of lists and records, scalars and JSON.
//!
//! One rule for all: a number crosses where it is exactly one of the type that the function declares. An integer must lie
//! in range; a fraction is no integer, but `3.0` is `3`. Floats take any number and round it to the nearest of theirs; a
//! finite one that is beyond the largest `f32` is refused.

mod decode;
mod encode;
mod from_json;
mod number;
mod record;
mod scalars;
mod serializer;
mod to_json;

use std::fmt;

use abi::ValueKind;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use from_json::from_json;
pub(crate) use number::Number;
pub(crate) use scalars::{decode as decode_scalars, encode as encode_scalars, types as scalar_types};
pub(crate) use to_json::to_json;

/// The bytes of a value of this kind.
pub(crate) fn encode<A: Serialize + ?Sized>(kind: &ValueKind, value: &A) -> Result<Vec<u8>, Misfit> {
    match kind {
        ValueKind::Json => serde_json::to_vec(value).map_err(Misfit::from),
        ValueKind::Bytes => encode::list(abi::DataType::U8, value),
        ValueKind::List(element) => encode::list(*element, value),
        ValueKind::Record(fields) => encode::record(fields, value),
        ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => Err(Misfit::no_data(kind)),
    }
}

/// A value from the bytes of this kind.
pub(crate) fn decode<R: DeserializeOwned>(kind: &ValueKind, bytes: &[u8]) -> Result<R, Misfit> {
    match kind {
        ValueKind::Json => serde_json::from_slice(bytes).map_err(Misfit::from),
        ValueKind::Bytes => decode::list(abi::DataType::U8, bytes),
        ValueKind::List(element) => decode::list(*element, bytes),
        ValueKind::Record(fields) => decode::record(fields, bytes),
        ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => Err(Misfit::no_data(kind)),
    }
}

/// Checks that the number of bytes is one that a value of this kind can have.
pub(crate) fn check_len(kind: &ValueKind, len: usize) -> Result<(), Misfit> {
    match kind {
        ValueKind::List(element) => {
            let size = element.size() as usize;
            if len.is_multiple_of(size) {
                return Ok(());
            }
            Err(Misfit(format!("it has {len} bytes, and an element of {kind} has {size}")))
        }
        ValueKind::Record(fields) => {
            let wanted = fields.len() * abi::kind::RECORD_FIELD_BYTES;
            if len == wanted { Ok(()) } else { Err(Misfit(format!("it has {len} bytes, and {kind} has {wanted}"))) }
        }
        ValueKind::Json | ValueKind::Bytes | ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => Ok(()),
    }
}

/// Why a value does not fit its kind, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit(String);

impl Misfit {
    fn at_element(self, index: usize) -> Self {
        Self(format!("element {index}: {self}"))
    }

    fn at_field(self, name: &str) -> Self {
        Self(format!("field `{name}`: {self}"))
    }

    fn no_data(kind: &ValueKind) -> Self {
        Self(format!("{kind} is no data value"))
    }
}

impl From<serde_json::Error> for Misfit {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misfit {}

impl serde::ser::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[cfg(test)]
mod tests;
