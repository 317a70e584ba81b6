//! One number, and its bytes as one of the declared types.

use std::fmt;

use abi::DataType;
use serde::de::{Deserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::Serialize;

use super::Misfit;
use super::serializer::{OneNumber, Via};

/// A number as a `serde` type gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Single(f32),
    Double(f64),
}

/// From here on not every integer is an `f64`.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// The number that a value is.
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, Misfit> {
        value.serialize(Via(OneNumber))
    }

    /// Appends the bytes of this number as one of type `dtype`.
    #[inline]
    pub(super) fn append(self, dtype: DataType, bytes: &mut Vec<u8>) -> Result<(), Misfit> {
        match dtype {
            DataType::I8 => bytes.extend_from_slice(&self.integer::<i8>(dtype)?.to_le_bytes()),
            DataType::U8 => bytes.extend_from_slice(&self.integer::<u8>(dtype)?.to_le_bytes()),
            DataType::I16 => bytes.extend_from_slice(&self.integer::<i16>(dtype)?.to_le_bytes()),
            DataType::U16 => bytes.extend_from_slice(&self.integer::<u16>(dtype)?.to_le_bytes()),
            DataType::I32 => bytes.extend_from_slice(&self.integer::<i32>(dtype)?.to_le_bytes()),
            DataType::U32 => bytes.extend_from_slice(&self.integer::<u32>(dtype)?.to_le_bytes()),
            DataType::I64 => bytes.extend_from_slice(&self.integer::<i64>(dtype)?.to_le_bytes()),
            DataType::U64 => bytes.extend_from_slice(&self.integer::<u64>(dtype)?.to_le_bytes()),
            DataType::F32 => bytes.extend_from_slice(&self.single()?.to_le_bytes()),
            DataType::F64 => bytes.extend_from_slice(&self.double()?.to_le_bytes()),
            DataType::F16 | DataType::Bool => return Err(self.misfit(dtype)),
        }
        Ok(())
    }

    /// The bytes of this number as a field of a record.
    pub(super) fn field(self, dtype: DataType) -> Result<[u8; 8], Misfit> {
        match dtype {
            DataType::I64 => Ok(self.integer::<i64>(dtype)?.to_le_bytes()),
            DataType::U64 => Ok(self.integer::<u64>(dtype)?.to_le_bytes()),
            DataType::F64 => Ok(self.double()?.to_le_bytes()),
            _ => Err(self.misfit(dtype)),
        }
    }

    /// The number of type `dtype` with these bytes, of which there are as many as that type has.
    #[inline]
    pub(super) fn read(dtype: DataType, bytes: &[u8]) -> Result<Self, Misfit> {
        fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Misfit> {
            bytes.try_into().map_err(|_| Misfit(format!("{N} bytes are due for a number, not {}", bytes.len())))
        }
        Ok(match dtype {
            DataType::I8 => Self::Signed(i8::from_le_bytes(exactly(bytes)?).into()),
            DataType::U8 => Self::Unsigned(u8::from_le_bytes(exactly(bytes)?).into()),
            DataType::I16 => Self::Signed(i16::from_le_bytes(exactly(bytes)?).into()),
            DataType::U16 => Self::Unsigned(u16::from_le_bytes(exactly(bytes)?).into()),
            DataType::I32 => Self::Signed(i32::from_le_bytes(exactly(bytes)?).into()),
            DataType::U32 => Self::Unsigned(u32::from_le_bytes(exactly(bytes)?).into()),
            DataType::I64 => Self::Signed(i64::from_le_bytes(exactly(bytes)?)),
            DataType::U64 => Self::Unsigned(u64::from_le_bytes(exactly(bytes)?)),
            DataType::F32 => Self::Single(f32::from_le_bytes(exactly(bytes)?)),
            DataType::F64 => Self::Double(f64::from_le_bytes(exactly(bytes)?)),
            DataType::F16 | DataType::Bool => return Err(Misfit(format!("{dtype} is no number that crosses"))),
        })
    }

    /// The number as an integer in range.
    pub(super) fn integer<T: TryFrom<i64> + TryFrom<u64>>(self, dtype: DataType) -> Result<T, Misfit> {
        let integer = match self {
            Self::Signed(value) => T::try_from(value).ok(),
            Self::Unsigned(value) => T::try_from(value).ok(),
            Self::Single(value) => whole(value.into()).and_then(|value| T::try_from(value).ok()),
            Self::Double(value) => whole(value).and_then(|value| T::try_from(value).ok()),
            Self::Bool(_) => None,
        };
        integer.ok_or_else(|| self.misfit(dtype))
    }

    /// The number rounded to single precision.
    pub(super) fn single(self) -> Result<f32, Misfit> {
        let rounded = match self {
            Self::Single(value) => return Ok(value),
            Self::Double(value) if !value.is_finite() => return Ok(value as f32),
            Self::Double(value) => value as f32,
            Self::Signed(value) => value as f32,
            Self::Unsigned(value) => value as f32,
            Self::Bool(_) => f32::INFINITY,
        };
        if rounded.is_finite() { Ok(rounded) } else { Err(self.misfit(DataType::F32)) }
    }

    /// The number rounded to double precision.
    pub(super) fn double(self) -> Result<f64, Misfit> {
        match self {
            Self::Single(value) => Ok(value.into()),
            Self::Double(value) => Ok(value),
            Self::Signed(value) => Ok(value as f64),
            Self::Unsigned(value) => Ok(value as f64),
            Self::Bool(_) => Err(self.misfit(DataType::F64)),
        }
    }

    pub(super) fn misfit(self, dtype: DataType) -> Misfit {
        Misfit(format!("{self} is no {dtype}"))
    }
}

/// The integer that a float is.
fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < EXACT_MAX).then_some(value as i64)
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Unsigned(value) => value.fmt(f),
            Self::Single(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
        }
    }
}

/// Gives the number to whoever wants one.
impl<'de> Deserializer<'de> for Number {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self {
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Single(value) => visitor.visit_f32(value),
            Self::Double(value) => visitor.visit_f64(value),
        }
    }

    /// Refuses what is beyond the largest `f32`, of which `serde` would make infinity.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_f32(self.single()?)
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
        bool i8 i16 i32 i64 u8 u16 u32 u64 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct enum identifier
    }
}
