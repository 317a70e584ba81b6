//! Numbers that cross as Wasm values.

mod scalars;

use std::fmt;

pub use scalars::Scalars;

use crate::shown;
use serde_json::{Number, Value};

/// Type of a number that crosses as a Wasm value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarType {
    /// 32 bits, signed or not.
    I32,
    /// 64 bits, signed or not.
    I64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
}

impl ScalarType {
    /// The name in the Wasm text format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// The number of these [`Scalar::bits`]; those that a narrow type has no room for are cut.
    pub(crate) fn scalar(self, bits: u64) -> Scalar {
        match self {
            Self::I32 => Scalar::I32((bits as u32).cast_signed()),
            Self::I64 => Scalar::I64(bits.cast_signed()),
            Self::F32 => Scalar::F32(f32::from_bits(bits as u32)),
            Self::F64 => Scalar::F64(f64::from_bits(bits)),
        }
    }

    /// Reads a number of this type. Integers may be given as signed or as unsigned numbers.
    ///
    /// # Errors
    /// [`ParseScalarError`] where the text is no number or does not fit.
    pub fn parse(self, text: &str) -> Result<Scalar, ParseScalarError> {
        let parsed = match self {
            Self::I32 => text.parse().or_else(|_| text.parse().map(u32::cast_signed)).ok().map(Scalar::I32),
            Self::I64 => text.parse().or_else(|_| text.parse().map(u64::cast_signed)).ok().map(Scalar::I64),
            Self::F32 => text.parse().ok().map(Scalar::F32),
            Self::F64 => text.parse().ok().map(Scalar::F64),
        };
        parsed.ok_or_else(|| ParseScalarError { text: text.into(), wanted: self })
    }
}

impl Scalar {
    /// The number in JSON, with as many digits as it takes to tell it from others of its type; `None` for what JSON has no
    /// number for: infinities and what is not a number.
    #[must_use]
    pub fn to_json(self) -> Option<Value> {
        let float = |value: f64| Number::from_f64(value).map(Value::Number);
        match self {
            Self::I32(value) => Some(value.into()),
            Self::I64(value) => Some(value.into()),
            Self::F32(value) => float(value.to_string().parse().unwrap_or(f64::from(value))),
            Self::F64(value) => float(value),
        }
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is not a number of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a number that fits {wanted}")]
pub struct ParseScalarError {
    /// What was given.
    pub text: String,
    /// The type it was read as.
    pub wanted: ScalarType,
}

/// A number that crosses as a Wasm value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs, reason = "the variants are those of ScalarType")]
pub enum Scalar {
    I32(i32),
    I64(i64),
    F32(f32),
    F64(f64),
}

impl Scalar {
    /// The type of the number.
    #[must_use]
    pub fn scalar_type(self) -> ScalarType {
        match self {
            Self::I32(_) => ScalarType::I32,
            Self::I64(_) => ScalarType::I64,
            Self::F32(_) => ScalarType::F32,
            Self::F64(_) => ScalarType::F64,
        }
    }

    /// The bits that cross, those of a narrow type below zeros.
    pub(crate) fn bits(self) -> u64 {
        match self {
            Self::I32(value) => value.cast_unsigned().into(),
            Self::I64(value) => value.cast_unsigned(),
            Self::F32(value) => value.to_bits().into(),
            Self::F64(value) => value.to_bits(),
        }
    }

    pub(crate) fn to_val(self) -> wasmtime::Val {
        match self {
            Self::I32(value) => wasmtime::Val::I32(value),
            Self::I64(value) => wasmtime::Val::I64(value),
            Self::F32(value) => wasmtime::Val::F32(value.to_bits()),
            Self::F64(value) => wasmtime::Val::F64(value.to_bits()),
        }
    }

    /// `None` for vectors and references, which no callable signature holds.
    pub(crate) fn from_val(value: &wasmtime::Val) -> Option<Self> {
        match *value {
            wasmtime::Val::I32(value) => Some(Self::I32(value)),
            wasmtime::Val::I64(value) => Some(Self::I64(value)),
            wasmtime::Val::F32(bits) => Some(Self::F32(f32::from_bits(bits))),
            wasmtime::Val::F64(bits) => Some(Self::F64(f64::from_bits(bits))),
            _ => None,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I32(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F32(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
        }
    }
}

/// Type of an exported function that takes and returns numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    /// What the export takes.
    pub params: Vec<ScalarType>,
    /// What the export returns.
    pub results: Vec<ScalarType>,
}

impl Signature {
    /// Whether the export takes `params` 32-bit integers and returns exactly `results`.
    pub(crate) fn is_i32s_to(&self, params: usize, results: &[ScalarType]) -> bool {
        self.params.len() == params
            && self.params.iter().all(|&param| param == ScalarType::I32)
            && self.results == results
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) -> ({})", list(&self.params), list(&self.results))
    }
}

/// Names of types with commas between them.
pub(crate) fn list(types: &[ScalarType]) -> String {
    shown::names(&types.iter().map(|scalar| scalar.name()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_parse(wanted: ScalarType, text: &str, expected: Option<Scalar>) {
        assert_eq!(wanted.parse(text).ok(), expected);
    }

    #[test]
    fn integers_are_read_as_signed_and_as_unsigned() {
        check_parse(ScalarType::I32, "-1", Some(Scalar::I32(-1)));
        check_parse(ScalarType::I32, "4294967295", Some(Scalar::I32(-1)));
        check_parse(ScalarType::I32, "4294967296", None);
        check_parse(ScalarType::I64, "18446744073709551615", Some(Scalar::I64(-1)));
        check_parse(ScalarType::I64, "1.5", None);
    }

    #[test]
    fn floats_are_read() {
        check_parse(ScalarType::F32, "1.5", Some(Scalar::F32(1.5)));
        check_parse(ScalarType::F64, "-inf", Some(Scalar::F64(f64::NEG_INFINITY)));
        check_parse(ScalarType::F64, "one", None);
    }
}
