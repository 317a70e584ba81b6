//! The bytes of lists and records to JSON text.

use abi::kind::RECORD_FIELD_BYTES;
use abi::{DataType, ValueKind};
use serde::ser::{Error as _, Serialize, SerializeMap as _, Serializer};

use super::number::Number;
use super::{Misfit, check_len};

/// The JSON text of a list or record, or `None` for another kind.
pub(crate) fn to_json(kind: &ValueKind, bytes: &[u8]) -> Result<Option<String>, Misfit> {
    check_len(kind, bytes.len())?;
    match kind {
        ValueKind::List(_) | ValueKind::Record(_) => Ok(Some(serde_json::to_string(&Plain { kind, bytes })?)),
        ValueKind::Json | ValueKind::Bytes | ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => Ok(None),
    }
}

struct Plain<'p> {
    kind: &'p ValueKind,
    bytes: &'p [u8],
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind {
            ValueKind::List(element) => {
                let element = *element;
                serializer.collect_seq(
                    self.bytes.chunks_exact(element.size() as usize).enumerate().map(|(index, bytes)| Element {
                        dtype: element,
                        bytes,
                        place: Place::Index(index),
                    }),
                )
            }
            ValueKind::Record(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for ((name, dtype), bytes) in fields.iter().zip(self.bytes.chunks_exact(RECORD_FIELD_BYTES)) {
                    map.serialize_entry(name, &Element { dtype: *dtype, bytes, place: Place::Field(name) })?;
                }
                map.end()
            }
            kind => Err(S::Error::custom(Misfit::no_data(kind))),
        }
    }
}

struct Element<'p> {
    dtype: DataType,
    bytes: &'p [u8],
    place: Place<'p>,
}

#[derive(Clone, Copy)]
enum Place<'p> {
    Index(usize),
    Field(&'p str),
}

impl Place<'_> {
    fn name(self, misfit: Misfit) -> Misfit {
        match self {
            Place::Index(index) => misfit.at_element(index),
            Place::Field(name) => misfit.at_field(name),
        }
    }
}

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let formless = |value: f64| S::Error::custom(self.place.name(Misfit(format!("JSON has no form for {value}"))));
        match Number::read(self.dtype, self.bytes).map_err(|misfit| S::Error::custom(self.place.name(misfit)))? {
            Number::Bool(value) => serializer.serialize_bool(value),
            Number::Signed(value) => serializer.serialize_i64(value),
            Number::Unsigned(value) => serializer.serialize_u64(value),
            Number::Single(value) if !value.is_finite() => Err(formless(value.into())),
            Number::Single(value) => serializer.serialize_f32(value),
            Number::Double(value) if !value.is_finite() => Err(formless(value)),
            Number::Double(value) => serializer.serialize_f64(value),
        }
    }
}
