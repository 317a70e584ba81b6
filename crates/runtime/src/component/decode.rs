//! Values of known types to `serde` types, as if they were read from their JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::value::{MapAccessDeserializer, UnitDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use wasmtime::component::Val;

use super::Misfit;
use crate::wit::WitType;

/// A value from the result of a function, which is nothing where it has none.
pub(crate) fn result<R: DeserializeOwned>(result: Option<(Val, &WitType)>) -> Result<R, Misfit> {
    deserialize(result, std::marker::PhantomData)
}

/// A value, or `()` where there is none.
fn deserialize<'de, S: DeserializeSeed<'de>>(value: Option<(Val, &WitType)>, seed: S) -> Result<S::Value, Misfit> {
    match value {
        Some((value, ty)) => seed.deserialize(Typed { value, ty }),
        None => seed.deserialize(UnitDeserializer::new()),
    }
}

struct Typed<'t> {
    value: Val,
    ty: &'t WitType,
}

impl<'t> Typed<'t> {
    /// The value without the options whose `Some` JSON does not write.
    fn bare(self) -> Self {
        match (self.value, self.ty) {
            (Val::Option(Some(value)), WitType::Option(ty)) if !ty.takes_null() => Self { value: *value, ty },
            (value, ty) => Self { value, ty },
        }
    }

    /// What JSON writes as an object, if it does, and else the value again.
    fn named(self) -> Result<Fields<'t>, Self> {
        let Self { value, ty } = self;
        let one = |name, value: Option<Box<Val>>, ty: Option<&'t WitType>| Fields::One {
            name,
            value: value.map(|value| *value).zip(ty),
            told: false,
        };
        match (value, ty) {
            (Val::Record(values), WitType::Record(fields)) => {
                Ok(Fields::Record { values: values.into_iter(), fields: fields.iter(), next: None })
            }
            (Val::Result(Ok(value)), WitType::Result { ok, .. }) => Ok(one("ok", value, ok.as_deref())),
            (Val::Result(Err(value)), WitType::Result { err, .. }) => Ok(one("err", value, err.as_deref())),
            (Val::Option(Some(value)), WitType::Option(ty)) if ty.takes_null() => {
                Ok(one("some", Some(value), Some(ty)))
            }
            (Val::Variant(name, Some(value)), WitType::Variant(cases)) => {
                match cases.iter().find(|(case, _)| *case == name) {
                    Some((name, Some(ty))) => Ok(one(name, Some(value), Some(ty))),
                    _ => Err(Self { value: Val::Variant(name, Some(value)), ty }),
                }
            }
            (value, ty) => Err(Self { value, ty }),
        }
    }

    fn elements(self) -> Result<Elements<'t>, Misfit> {
        match (self.value, self.ty) {
            (Val::List(values), WitType::List(element)) => Ok(Elements::new(values, Types::All(element))),
            (Val::Tuple(values), WitType::Tuple(types)) => Ok(Elements::new(values, Types::Each(types))),
            (Val::Flags(names), WitType::Flags(_)) => {
                Ok(Elements::new(names.into_iter().map(Val::String).collect(), Types::All(&WitType::String)))
            }
            (_, ty) => Err(contradiction(ty)),
        }
    }

    /// What is no number.
    fn deserialize_other<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if let (Val::Option(Some(_)), WitType::Option(ty)) = (&self.value, self.ty)
            && !ty.takes_null()
        {
            return self.bare().deserialize_any(visitor);
        }
        if self.is_bytes() {
            return visitor.visit_string(BASE64.encode(self.bytes()?));
        }
        let Typed { value, ty } = match self.named() {
            Ok(fields) => return visitor.visit_map(fields),
            Err(this) => this,
        };
        match value {
            Val::Char(value) => visitor.visit_char(value),
            Val::String(text) | Val::Enum(text) | Val::Variant(text, None) => visitor.visit_string(text),
            Val::Option(None) => visitor.visit_unit(),
            Val::List(_) | Val::Tuple(_) | Val::Flags(_) => Typed { value, ty }.elements()?.visit(visitor),
            _ => Err(contradiction(ty)),
        }
    }

    fn is_bytes(&self) -> bool {
        matches!((&self.value, self.ty), (Val::List(_), WitType::List(element)) if **element == WitType::U8)
    }

    fn bytes(self) -> Result<Vec<u8>, Misfit> {
        let byte = |value| match value {
            Val::U8(byte) => Ok(byte),
            _ => Err(contradiction(&WitType::U8)),
        };
        match self.value {
            Val::List(values) => values.into_iter().map(byte).collect(),
            _ => Err(contradiction(self.ty)),
        }
    }
}

fn contradiction(ty: &WitType) -> Misfit {
    Misfit::new(format_args!("a value is not of its type {ty}"))
}

impl<'de> Deserializer<'de> for Typed<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Val::Bool(value) => visitor.visit_bool(value),
            Val::S8(value) => visitor.visit_i8(value),
            Val::U8(value) => visitor.visit_u8(value),
            Val::S16(value) => visitor.visit_i16(value),
            Val::U16(value) => visitor.visit_u16(value),
            Val::S32(value) => visitor.visit_i32(value),
            Val::U32(value) => visitor.visit_u32(value),
            Val::S64(value) => visitor.visit_i64(value),
            Val::U64(value) => visitor.visit_u64(value),
            Val::Float32(value) => visitor.visit_f32(value),
            Val::Float64(value) => visitor.visit_f64(value),
            _ => self.deserialize_other(visitor),
        }
    }

    /// Refuses what is beyond the largest `f32`, of which `serde` would make infinity.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.bare() {
            Typed { value: Val::Float64(value), .. } if value.is_finite() && !(value as f32).is_finite() => {
                Err(Misfit::new(format_args!("{value} is no f32")))
            }
            this => this.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match (self.value, self.ty) {
            (Val::Option(None), WitType::Option(_)) => visitor.visit_none(),
            (Val::Option(Some(value)), WitType::Option(ty)) => visitor.visit_some(Self { value: *value, ty }),
            (value, ty) => visitor.visit_some(Self { value, ty }),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.bare() {
            this if this.is_bytes() => visitor.visit_byte_buf(this.bytes()?),
            this => this.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_bytes(visitor)
    }

    /// Bytes are a sequence where one is wanted.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.bare() {
            this if this.is_bytes() => this.elements()?.visit(visitor),
            this => this.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.bare().named() {
            Ok(mut fields) => {
                if let ("Result", Fields::One { name, .. }) = (name, &mut fields) {
                    // The one of Rust itself.
                    *name = match *name {
                        "ok" if variants.contains(&"Ok") => "Ok",
                        "err" if variants.contains(&"Err") => "Err",
                        other => other,
                    };
                }
                MapAccessDeserializer::new(fields).deserialize_enum(name, variants, visitor)
            }
            Err(this) => match this.value {
                Val::String(text) | Val::Enum(text) | Val::Variant(text, None) => {
                    visitor.visit_enum(text.into_deserializer())
                }
                _ => this.deserialize_any(visitor),
            },
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f64 char str string unit unit_struct map struct identifier
    }
}

#[derive(Clone, Copy)]
enum Types<'t> {
    All(&'t WitType),
    Each(&'t [WitType]),
}

struct Elements<'t> {
    values: std::vec::IntoIter<Val>,
    types: Types<'t>,
    index: usize,
}

impl<'t> Elements<'t> {
    fn new(values: Vec<Val>, types: Types<'t>) -> Self {
        Self { values: values.into_iter(), types, index: 0 }
    }

    fn visit<'de, V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misfit> {
        let count = self.values.len();
        let value = visitor.visit_seq(&mut self)?;
        match self.values.len() {
            0 => Ok(value),
            left => Err(Misfit::new(format_args!(
                "there are {count} elements, of which the wanted type takes {}",
                count - left
            ))),
        }
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some(value) = self.values.next() else { return Ok(None) };
        let ty = match self.types {
            Types::All(ty) => ty,
            Types::Each(types) => {
                types.get(self.index).ok_or_else(|| Misfit::new("a tuple is longer than its type"))?
            }
        };
        let value = seed.deserialize(Typed { value, ty }).map_err(|misfit| misfit.at_element(self.index))?;
        self.index += 1;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

/// What JSON writes as an object.
enum Fields<'t> {
    Record {
        values: std::vec::IntoIter<(String, Val)>,
        fields: std::slice::Iter<'t, (String, WitType)>,
        /// The field whose name was told.
        next: Option<(&'t str, Val, &'t WitType)>,
    },
    One {
        name: &'t str,
        value: Option<(Val, &'t WitType)>,
        told: bool,
    },
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let name = match self {
            Self::Record { values, fields, next } => {
                let (Some((_, value)), Some((name, ty))) = (values.next(), fields.next()) else { return Ok(None) };
                *next = Some((name, value, ty));
                name.as_str()
            }
            Self::One { told: true, .. } => return Ok(None),
            Self::One { name, told, .. } => {
                *told = true;
                name
            }
        };
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = match self {
            Self::Record { next, .. } => {
                let next = next.take().ok_or_else(|| Misfit::custom("a value is wanted before its name"))?;
                (next.0, Some((next.1, next.2)))
            }
            Self::One { name, value, .. } => (*name, value.take()),
        };
        deserialize(value, seed).map_err(|misfit| misfit.at_field(name))
    }
}

#[cfg(test)]
mod tests;
