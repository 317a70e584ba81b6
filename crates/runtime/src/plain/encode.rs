//! `serde` types to the bytes of lists and records.

use abi::DataType;
use serde::ser::{Impossible, Serialize, SerializeMap, SerializeStruct};

use super::Misfit;
use super::number::Number;
use super::record::Filling;
use super::serializer::{Collect, Each, Target, Via};

/// The bytes of a list from any sequence of numbers.
pub(super) fn list<A: Serialize + ?Sized>(element: DataType, value: &A) -> Result<Vec<u8>, Misfit> {
    value.serialize(Via(List(element)))
}

/// The bytes of a record from any struct or map with its fields.
pub(super) fn record<A: Serialize + ?Sized>(fields: &[(String, DataType)], value: &A) -> Result<Vec<u8>, Misfit> {
    value.serialize(Via(Record(fields)))
}

struct List(DataType);

/// Room that is made at once on the word of whoever gives a sequence.
const ROOM_MAX: usize = 1 << 20;

impl Target for List {
    type Ok = Vec<u8>;
    type Elements = Each<Elements>;
    type Fields = Impossible<Vec<u8>, Misfit>;

    fn due(&self) -> String {
        format!("a list of {}", self.0)
    }

    fn elements(self, count: usize) -> Result<Each<Elements>, Misfit> {
        let room = count.saturating_mul(self.0.size() as usize).min(ROOM_MAX);
        Ok(Each(Elements { element: self.0, count: 0, bytes: Vec::with_capacity(room) }))
    }

    fn bytes(self, bytes: &[u8]) -> Result<Vec<u8>, Misfit> {
        match self.0 {
            DataType::U8 => Ok(bytes.to_vec()),
            _ => Err(self.refusal(format_args!("{} bytes", bytes.len()))),
        }
    }
}

struct Elements {
    element: DataType,
    count: usize,
    bytes: Vec<u8>,
}

impl Collect for Elements {
    type Ok = Vec<u8>;

    #[inline]
    fn push(&mut self, number: Number) -> Result<(), Misfit> {
        number.append(self.element, &mut self.bytes)?;
        self.count += 1;
        Ok(())
    }

    fn count(&self) -> usize {
        self.count
    }

    fn end(self) -> Result<Vec<u8>, Misfit> {
        Ok(self.bytes)
    }
}

struct Record<'f>(&'f [(String, DataType)]);

impl<'f> Target for Record<'f> {
    type Ok = Vec<u8>;
    type Elements = Impossible<Vec<u8>, Misfit>;
    type Fields = Fields<'f>;

    fn due(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        format!("a record with the fields {}", names.join(", "))
    }

    fn fields(self) -> Result<Fields<'f>, Misfit> {
        Ok(Fields { filling: Filling::new(self.0), key: None })
    }
}

struct Fields<'f> {
    filling: Filling<'f>,
    /// Position of the field whose value comes next.
    key: Option<usize>,
}

impl SerializeStruct for Fields<'_> {
    type Ok = Vec<u8>;
    type Error = Misfit;

    fn serialize_field<V: Serialize + ?Sized>(&mut self, name: &'static str, value: &V) -> Result<(), Misfit> {
        let index = self.filling.position(name)?;
        let put = Number::of(value).and_then(|number| self.filling.put(index, number));
        put.map_err(|misfit| misfit.at_field(name))
    }

    fn end(self) -> Result<Vec<u8>, Misfit> {
        self.filling.end()
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = Vec<u8>;
    type Error = Misfit;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Misfit> {
        self.key = Some(key.serialize(Via(Key(&mut self.filling)))?);
        Ok(())
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Misfit> {
        let index = self.key.take().ok_or_else(|| Misfit("a map gives a value without a key".into()))?;
        let put = Number::of(value).and_then(|number| self.filling.put(index, number));
        put.map_err(|misfit| misfit.at_field(self.filling.name(index)))
    }

    fn end(self) -> Result<Vec<u8>, Misfit> {
        self.filling.end()
    }
}

/// The name of a field, which becomes its position.
struct Key<'k, 'f>(&'k mut Filling<'f>);

impl Target for Key<'_, '_> {
    type Ok = usize;
    type Elements = Impossible<usize, Misfit>;
    type Fields = Impossible<usize, Misfit>;

    fn due(&self) -> String {
        "the name of a field".into()
    }

    fn text(self, text: &str) -> Result<usize, Misfit> {
        self.0.position(text)
    }
}
