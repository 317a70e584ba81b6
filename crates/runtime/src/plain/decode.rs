//! The bytes of lists and records to `serde` types.

use std::slice::ChunksExact;

use abi::DataType;
use abi::kind::RECORD_FIELD_BYTES;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::number::Number;
use super::{Misfit, check_len};

/// A value from the bytes of a list.
pub(super) fn list<R: DeserializeOwned>(element: DataType, bytes: &[u8]) -> Result<R, Misfit> {
    check_len(&abi::ValueKind::List(element), bytes.len())?;
    R::deserialize(List { element, bytes })
}

/// A value from the bytes of a record.
pub(super) fn record<R: DeserializeOwned>(fields: &[(String, DataType)], bytes: &[u8]) -> Result<R, Misfit> {
    R::deserialize(Record { fields, bytes })
}

struct List<'b> {
    element: DataType,
    bytes: &'b [u8],
}

impl<'de> Deserializer<'de> for List<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let count = self.bytes.len() / self.element.size() as usize;
        let mut elements = Elements::new(&self);
        let value = visitor.visit_seq(&mut elements)?;
        match elements.left() {
            0 => Ok(value),
            left => {
                Err(Misfit(format!("the list has {count} elements, of which the wanted type takes {}", count - left)))
            }
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.element {
            DataType::U8 => visitor.visit_bytes(self.bytes),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string unit unit_struct seq tuple tuple_struct map struct
        enum identifier
    }
}

struct Elements<'b> {
    element: DataType,
    index: usize,
    chunks: ChunksExact<'b, u8>,
}

impl<'b> Elements<'b> {
    fn new(list: &List<'b>) -> Self {
        Self { element: list.element, index: 0, chunks: list.bytes.chunks_exact(list.element.size() as usize) }
    }

    fn left(&self) -> usize {
        self.chunks.len()
    }
}

impl<'de> SeqAccess<'de> for &mut Elements<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(bytes) = self.chunks.next() else { return Ok(None) };
        let value = Number::read(self.element, bytes).and_then(|number| seed.deserialize(number));
        let value = value.map_err(|misfit| misfit.at_element(self.index))?;
        self.index += 1;
        Ok(Some(value))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left())
    }
}

struct Record<'b> {
    fields: &'b [(String, DataType)],
    bytes: &'b [u8],
}

impl<'de> Deserializer<'de> for Record<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let wanted = self.fields.len() * RECORD_FIELD_BYTES;
        if self.bytes.len() != wanted {
            return Err(Misfit(format!("it has {} bytes, and the record has {wanted}", self.bytes.len())));
        }
        let fields = self.fields.iter().zip(self.bytes.chunks_exact(RECORD_FIELD_BYTES));
        visitor.visit_map(Fields { fields, value: None })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

type NamedBytes<'b> = (&'b (String, DataType), &'b [u8]);

struct Fields<'b, I> {
    fields: I,
    /// The field whose name was told.
    value: Option<NamedBytes<'b>>,
}

impl<'de, 'b, I: Iterator<Item = NamedBytes<'b>>> MapAccess<'de> for Fields<'b, I> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        self.value = self.fields.next();
        let Some(((name, _), _)) = self.value else { return Ok(None) };
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let ((name, dtype), bytes) =
            self.value.take().ok_or_else(|| Misfit("a value is wanted before its name".into()))?;
        let value = Number::read(*dtype, bytes).and_then(|number| seed.deserialize(number));
        value.map_err(|misfit| misfit.at_field(name))
    }
}
