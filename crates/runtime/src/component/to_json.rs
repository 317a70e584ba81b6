//! Values of known types to JSON text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::ser::{Error, Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use wasmtime::component::Val;

use crate::wit::{WitFunction, WitType};

/// Writes a value.
///
/// # Errors
/// Where a number has no JSON, or the value is not of its type.
pub(crate) fn text(value: &Val, ty: &WitType) -> Result<String, String> {
    serde_json::to_string(&Typed { value, ty }).map_err(|error| error.to_string())
}

/// Writes the arguments of a function as they are read.
///
/// # Errors
/// As [`text`].
pub(crate) fn arguments(values: &[Val], function: &WitFunction) -> Result<String, String> {
    match (values, &function.params[..]) {
        ([value], [(_, ty)]) => text(value, ty),
        (values, params) => {
            let texts = values.iter().zip(params).map(|(value, (_, ty))| text(value, ty));
            Ok(format!("[{}]", texts.collect::<Result<Vec<_>, _>>()?.join(",")))
        }
    }
}

struct Typed<'v> {
    value: &'v Val,
    ty: &'v WitType,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { value, ty } = self;
        match (value, ty) {
            (Val::Bool(value), WitType::Bool) => serializer.serialize_bool(*value),
            (Val::S8(value), WitType::S8) => serializer.serialize_i8(*value),
            (Val::U8(value), WitType::U8) => serializer.serialize_u8(*value),
            (Val::S16(value), WitType::S16) => serializer.serialize_i16(*value),
            (Val::U16(value), WitType::U16) => serializer.serialize_u16(*value),
            (Val::S32(value), WitType::S32) => serializer.serialize_i32(*value),
            (Val::U32(value), WitType::U32) => serializer.serialize_u32(*value),
            (Val::S64(value), WitType::S64) => serializer.serialize_i64(*value),
            (Val::U64(value), WitType::U64) => serializer.serialize_u64(*value),
            (Val::Float32(value), WitType::F32) if value.is_finite() => serializer.serialize_f32(*value),
            (Val::Float64(value), WitType::F64) if value.is_finite() => serializer.serialize_f64(*value),
            (Val::Float32(_), WitType::F32) | (Val::Float64(_), WitType::F64) => Err(S::Error::custom(format!(
                "a number of type {ty} is infinite or not a number, which JSON cannot say"
            ))),
            (Val::Char(value), WitType::Char) => serializer.serialize_char(*value),
            (Val::String(value), WitType::String) => serializer.serialize_str(value),
            (Val::List(values), WitType::List(element)) if **element == WitType::U8 => {
                serializer.serialize_str(&BASE64.encode(bytes::<S::Error>(values)?))
            }
            (Val::List(values), WitType::List(element)) => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    seq.serialize_element(&Typed { value, ty: element })?;
                }
                seq.end()
            }
            (Val::Tuple(values), WitType::Tuple(types)) if values.len() == types.len() => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                for (value, ty) in values.iter().zip(types) {
                    seq.serialize_element(&Typed { value, ty })?;
                }
                seq.end()
            }
            (Val::Record(values), WitType::Record(fields)) if values.len() == fields.len() => {
                let mut map = serializer.serialize_map(Some(values.len()))?;
                for ((name, value), (_, ty)) in values.iter().zip(fields) {
                    map.serialize_entry(name, &Typed { value, ty })?;
                }
                map.end()
            }
            (Val::Enum(name), WitType::Enum(_)) => serializer.serialize_str(name),
            (Val::Flags(names), WitType::Flags(_)) => names.serialize(serializer),
            (Val::Option(None), WitType::Option(_)) => serializer.serialize_unit(),
            (Val::Option(Some(value)), WitType::Option(ty)) if ty.takes_null() => {
                payload(serializer, "some", Some(value), Some(ty))
            }
            (Val::Option(Some(value)), WitType::Option(ty)) => Typed { value, ty }.serialize(serializer),
            (Val::Result(Ok(value)), WitType::Result { ok, .. }) => {
                payload(serializer, "ok", value.as_deref(), ok.as_deref())
            }
            (Val::Result(Err(value)), WitType::Result { err, .. }) => {
                payload(serializer, "err", value.as_deref(), err.as_deref())
            }
            (Val::Variant(name, value), WitType::Variant(cases)) => {
                match (value, cases.iter().find(|(case, _)| case == name)) {
                    (None, Some((_, None))) => serializer.serialize_str(name),
                    (Some(value), Some((_, Some(ty)))) => payload(serializer, name, Some(value), Some(ty)),
                    _ => Err(contradiction(ty)),
                }
            }
            _ => Err(contradiction(ty)),
        }
    }
}

fn payload<S: Serializer>(
    serializer: S,
    name: &str,
    value: Option<&Val>,
    ty: Option<&WitType>,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    match (value, ty) {
        (Some(value), Some(ty)) => map.serialize_entry(name, &Typed { value, ty })?,
        (None, None) => map.serialize_entry(name, &())?,
        _ => return Err(S::Error::custom(format!("the value of `{name}` is not of its type"))),
    }
    map.end()
}

fn bytes<E: Error>(values: &[Val]) -> Result<Vec<u8>, E> {
    let byte = |value: &Val| match value {
        Val::U8(byte) => Ok(*byte),
        _ => Err(contradiction(&WitType::U8)),
    };
    values.iter().map(byte).collect()
}

fn contradiction<E: Error>(ty: &WitType) -> E {
    E::custom(format!("a value is not of its type {ty}"))
}
