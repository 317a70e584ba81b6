//! `serde` types to and from numbers that cross as Wasm values.

use abi::{DataType, ValueKind};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Impossible, Serialize};

use super::Misfit;
use super::number::Number;
use super::serializer::{Collect, Each, Target, Via};
use crate::{Scalar, ScalarType};

/// What a number is to the function: the type of its Wasm value, and the one that the manifest declares.
pub(crate) type Declared = (ScalarType, Option<DataType>);

/// The types of numbers with what is declared of them, if anything is.
pub(crate) fn types<'t>(
    types: &'t [ScalarType],
    kinds: Option<&'t [ValueKind]>,
) -> impl Iterator<Item = Declared> + 't {
    types.iter().enumerate().map(move |(index, scalar)| {
        let declared = match kinds.and_then(|kinds| kinds.get(index)) {
            Some(ValueKind::Scalar(dtype)) => Some(*dtype),
            _ => None,
        };
        (*scalar, declared)
    })
}

/// Numbers from a number, a tuple, a sequence or nothing.
pub(crate) fn encode<A: Serialize + ?Sized>(
    types: impl Iterator<Item = Declared>,
    value: &A,
) -> Result<Vec<Scalar>, Misfit> {
    value.serialize(Via(Scalars { types: types.collect(), given: Vec::new() }))
}

/// A value from what a function answers: nothing is `()`, one number is itself, several are a tuple or sequence.
pub(crate) fn decode<R: DeserializeOwned>(
    types: impl Iterator<Item = Declared>,
    answer: &[Scalar],
) -> Result<R, Misfit> {
    let numbers = types.zip(answer).map(|((_, declared), scalar)| number(*scalar, declared));
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    match numbers[..] {
        [] => R::deserialize(serde::de::value::UnitDeserializer::new()),
        [number] => R::deserialize(number),
        _ => R::deserialize(Several(&numbers)),
    }
}

/// A number as a Wasm value. An integer of which nothing is declared may be given as signed or as unsigned.
fn scalar(number: Number, (scalar, declared): Declared) -> Result<Scalar, Misfit> {
    let narrow = |dtype| number.integer::<i64>(dtype);
    Ok(match (scalar, declared) {
        (ScalarType::F32, _) => Scalar::F32(number.single()?),
        (ScalarType::F64, _) => Scalar::F64(number.double()?),
        (ScalarType::I64, Some(DataType::U64)) => Scalar::I64(number.integer::<u64>(DataType::U64)?.cast_signed()),
        (ScalarType::I64, Some(_)) => Scalar::I64(narrow(DataType::I64)?),
        (ScalarType::I64, None) => {
            let unsigned = || number.integer::<u64>(DataType::I64).map(u64::cast_signed);
            Scalar::I64(narrow(DataType::I64).or_else(|_| unsigned())?)
        }
        (ScalarType::I32, Some(DataType::Bool)) => match number {
            Number::Bool(value) => Scalar::I32(value.into()),
            _ => return Err(number.misfit(DataType::Bool)),
        },
        (ScalarType::I32, Some(DataType::I8)) => Scalar::I32(number.integer::<i8>(DataType::I8)?.into()),
        (ScalarType::I32, Some(DataType::U8)) => Scalar::I32(number.integer::<u8>(DataType::U8)?.into()),
        (ScalarType::I32, Some(DataType::I16)) => Scalar::I32(number.integer::<i16>(DataType::I16)?.into()),
        (ScalarType::I32, Some(DataType::U16)) => Scalar::I32(number.integer::<u16>(DataType::U16)?.into()),
        (ScalarType::I32, Some(DataType::U32)) => Scalar::I32(number.integer::<u32>(DataType::U32)?.cast_signed()),
        (ScalarType::I32, Some(_)) => Scalar::I32(number.integer(DataType::I32)?),
        (ScalarType::I32, None) => {
            let unsigned = || number.integer::<u32>(DataType::I32).map(u32::cast_signed);
            Scalar::I32(number.integer(DataType::I32).or_else(|_| unsigned())?)
        }
    })
}

/// A Wasm value as a number: signed where nothing is declared.
fn number(scalar: Scalar, declared: Option<DataType>) -> Result<Number, Misfit> {
    let number = match (scalar, declared) {
        (Scalar::F32(value), _) => return Ok(Number::Single(value)),
        (Scalar::F64(value), _) => return Ok(Number::Double(value)),
        (Scalar::I32(value), Some(DataType::Bool)) => match value {
            0 | 1 => return Ok(Number::Bool(value == 1)),
            _ => return Err(Misfit(format!("{value} is no bool, which is 0 or 1"))),
        },
        (Scalar::I32(value), Some(DataType::U32)) => return Ok(Number::Unsigned(value.cast_unsigned().into())),
        (Scalar::I64(value), Some(DataType::U64)) => return Ok(Number::Unsigned(value.cast_unsigned())),
        (Scalar::I32(value), _) => Number::Signed(value.into()),
        (Scalar::I64(value), _) => Number::Signed(value),
    };
    let checked = match declared {
        Some(dtype @ DataType::I8) => number.integer::<i8>(dtype).map(drop),
        Some(dtype @ DataType::U8) => number.integer::<u8>(dtype).map(drop),
        Some(dtype @ DataType::I16) => number.integer::<i16>(dtype).map(drop),
        Some(dtype @ DataType::U16) => number.integer::<u16>(dtype).map(drop),
        _ => Ok(()),
    };
    checked.map(|()| number)
}

struct Scalars {
    types: Vec<Declared>,
    given: Vec<Scalar>,
}

impl Target for Scalars {
    type Ok = Vec<Scalar>;
    type Elements = Each<Self>;
    type Fields = Impossible<Vec<Scalar>, Misfit>;

    fn due(&self) -> String {
        match self.types.len() {
            0 => "nothing".into(),
            1 => "a number".into(),
            many => format!("a tuple of {many} numbers"),
        }
    }

    fn number(mut self, number: Number) -> Result<Vec<Scalar>, Misfit> {
        if self.types.len() != 1 {
            return Err(self.refusal(number));
        }
        self.push(number)?;
        Ok(self.given)
    }

    fn elements(self, _: usize) -> Result<Each<Self>, Misfit> {
        Ok(Each(self))
    }

    fn nothing(self) -> Result<Vec<Scalar>, Misfit> {
        self.end()
    }
}

impl Collect for Scalars {
    type Ok = Vec<Scalar>;

    fn push(&mut self, number: Number) -> Result<(), Misfit> {
        let Some(declared) = self.types.get(self.given.len()) else {
            return Err(Misfit(format!("{} is due, not more", self.due())));
        };
        self.given.push(scalar(number, *declared)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.given.len()
    }

    fn end(self) -> Result<Vec<Scalar>, Misfit> {
        match self.given.len() {
            given if given == self.types.len() => Ok(self.given),
            0 => Err(self.refusal("nothing")),
            given => Err(self.refusal(format_args!("{given}"))),
        }
    }
}

struct Several<'n>(&'n [Number]);

impl<'de> Deserializer<'de> for Several<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Misfit> {
        let count = self.0.len();
        let value = visitor.visit_seq(&mut self)?;
        match self.0.len() {
            0 => Ok(value),
            left => {
                Err(Misfit(format!("{count} numbers are answered, of which the wanted type takes {}", count - left)))
            }
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for &mut Several<'_> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some((first, rest)) = self.0.split_first() else { return Ok(None) };
        self.0 = rest;
        seed.deserialize(*first).map(Some)
    }
}
