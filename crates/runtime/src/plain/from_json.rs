//! JSON text to the bytes of lists and records, without a form between.

use std::cell::Cell;
use std::fmt;

use abi::{DataType, ValueKind};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Misfit;
use super::number::Number;
use super::record::Filling;

/// The bytes of the list or record that a JSON text says, or `None` for another kind.
pub(crate) fn from_json(kind: &ValueKind, text: &str) -> Result<Option<Vec<u8>>, Misfit> {
    let place = Cell::new(Place::Whole);
    let bytes = match kind {
        ValueKind::List(element) => whole(text, List { element: *element, place: &place }),
        ValueKind::Record(fields) => whole(text, Record { fields, place: &place }),
        ValueKind::Json | ValueKind::Bytes | ValueKind::Image | ValueKind::Tensor | ValueKind::Scalar(_) => {
            return Ok(None);
        }
    };
    bytes.map(Some).map_err(|misfit| match place.get() {
        Place::Whole => misfit,
        Place::Index(index) => misfit.at_element(index),
        Place::Field(name) => misfit.at_field(name),
    })
}

fn whole<'de>(text: &'de str, visitor: impl Visitor<'de, Value = Vec<u8>>) -> Result<Vec<u8>, Misfit> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let bytes = reader.deserialize_any(visitor)?;
    reader.end()?;
    Ok(bytes)
}

/// Where the reader is; after an error, where it was.
#[derive(Clone, Copy)]
enum Place<'f> {
    Whole,
    Index(usize),
    Field(&'f str),
}

struct List<'p, 'f> {
    element: DataType,
    place: &'p Cell<Place<'f>>,
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {}", self.element)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        for index in 0.. {
            self.place.set(Place::Index(index));
            let Some(number) = seq.next_element_seed(OneNumber(self.element))? else { break };
            number.append(self.element, &mut bytes).map_err(A::Error::custom)?;
        }
        self.place.set(Place::Whole);
        Ok(bytes)
    }
}

struct Record<'p, 'f> {
    fields: &'f [(String, DataType)],
    place: &'p Cell<Place<'f>>,
}

impl<'de> Visitor<'de> for Record<'_, '_> {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "an object with the fields {}", names.join(", "))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let mut filling = Filling::new(self.fields);
        while let Some(name) = map.next_key::<String>()? {
            let index = filling.position(&name).map_err(A::Error::custom)?;
            self.place.set(Place::Field(filling.name(index)));
            let number = map.next_value_seed(OneNumber(self.fields[index].1))?;
            filling.put(index, number).map_err(A::Error::custom)?;
            self.place.set(Place::Whole);
        }
        filling.end().map_err(A::Error::custom)
    }
}

/// A number that is to become one of this type.
struct OneNumber(DataType);

impl<'de> DeserializeSeed<'de> for OneNumber {
    type Value = Number;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Number, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for OneNumber {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number of type {}", self.0)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Signed(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Unsigned(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number::Double(value))
    }
}
