//! What lists and records look like in memory, and which of them can be declared.
//!
//! Both cross as plain numbers, little-endian, at an address on a boundary of [`crate::value::ALIGN`] bytes:
//!
//! * `list<T>` is its elements side by side, [`DataType::size`] bytes each, nothing between, before or after: an array of
//!   `T` in C, a `&[T]` in Rust. `T` is one of the ten number types that these languages have; there is no `f16`, and no
//!   `bool`, of which only two patterns are valid.
//! * a record is 8 bytes for each field in the order of the declaration, so `i64`, `u64` and `f64` and nothing else: a
//!   struct of such fields in C, Rust (`repr(C)`) and AssemblyScript has no padding and is these bytes. Whoever has an
//!   `i32` declares an `i64`. A record has 1 to [`RECORD_FIELDS_MAX`] fields with names of their own.

use alloc::string::String;
use core::fmt;

use crate::{DataType, FunctionDecl, ValueKind};

/// Most fields of a record.
pub const RECORD_FIELDS_MAX: usize = 64;

/// Bytes of one field of a record.
pub const RECORD_FIELD_BYTES: usize = 8;

/// Why a kind cannot be declared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KindError {
    /// There are no lists of this.
    #[error("there is no list<{element}>: an element is one of i8, u8, i16, u16, i32, u32, i64, u64, f32 and f64")]
    Element {
        /// Type of the elements.
        element: DataType,
    },
    /// A field has not 8 bytes.
    #[error("the field `{field}` of a record is of type {dtype}: a field has 8 bytes, so it is i64, u64 or f64")]
    Field {
        /// Name of the field.
        field: String,
        /// Its type.
        dtype: DataType,
    },
    /// There are no fields, or too many.
    #[error("a record has 1 to 64 fields, not {fields}")]
    Fields {
        /// How many are declared.
        fields: usize,
    },
    /// Two fields have one name.
    #[error("two fields of a record are called `{field}`")]
    SecondField {
        /// Their name.
        field: String,
    },
    /// A Wasm value of this type does not exist.
    #[error("there is no scalar {dtype}: a Wasm value is an integer of up to 64 bits, f32 or f64")]
    Scalar {
        /// The type.
        dtype: DataType,
    },
}

impl ValueKind {
    /// The kind as it stands in a manifest.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names and unit variants always become JSON")
    }

    /// Checks that values of this kind can cross.
    ///
    /// # Errors
    /// [`KindError`] for a list of what is no number, a record with fields that are not 8 bytes each or not told apart
    /// by their names, and a scalar that Wasm does not have.
    pub fn check(&self) -> Result<(), KindError> {
        match self {
            Self::Json | Self::Bytes | Self::Image | Self::Tensor => Ok(()),
            Self::Scalar(dtype) if *dtype == DataType::F16 => Err(KindError::Scalar { dtype: *dtype }),
            Self::Scalar(_) => Ok(()),
            Self::List(element) if matches!(element, DataType::F16 | DataType::Bool) => {
                Err(KindError::Element { element: *element })
            }
            Self::List(_) => Ok(()),
            Self::Record(fields) if fields.is_empty() || fields.len() > RECORD_FIELDS_MAX => {
                Err(KindError::Fields { fields: fields.len() })
            }
            Self::Record(fields) => fields.iter().enumerate().try_for_each(|(index, (name, dtype))| {
                let field = || name.clone();
                if !matches!(dtype, DataType::I64 | DataType::U64 | DataType::F64) {
                    return Err(KindError::Field { field: field(), dtype: *dtype });
                }
                if fields[..index].iter().any(|(earlier, _)| earlier == name) {
                    return Err(KindError::SecondField { field: field() });
                }
                Ok(())
            }),
        }
    }
}

/// `json`, `f64`, `list<i64>`, `{mean: f64, median: f64}`.
impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str("json"),
            Self::Bytes => f.write_str("bytes"),
            Self::Image => f.write_str("image"),
            Self::Tensor => f.write_str("tensor"),
            Self::Scalar(dtype) => dtype.fmt(f),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::Record(fields) => {
                f.write_str("{")?;
                for (index, (name, dtype)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {dtype}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}

/// `(list<i64>) -> ({mean: f64, median: f64})`.
impl fmt::Display for FunctionDecl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, kinds: &[ValueKind]| {
            kinds
                .iter()
                .enumerate()
                .try_for_each(|(index, kind)| write!(f, "{}{kind}", if index == 0 { "" } else { ", " }))
        };
        f.write_str("(")?;
        list(f, &self.takes)?;
        f.write_str(") -> (")?;
        list(f, &self.returns)?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;
    use alloc::vec::Vec;

    use super::*;

    #[track_caller]
    fn check(kind: &str, expected: &str) {
        let kind: ValueKind = serde_json::from_str(kind).expect("is a kind");
        let found = kind.check().map_or_else(|error| error.to_string(), |()| kind.to_string());
        assert_eq!(found, expected);
    }

    #[test]
    fn lists_are_of_numbers() {
        for element in ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"] {
            check(&format!(r#"{{"list":"{element}"}}"#), &format!("list<{element}>"));
        }
        let allowed = "an element is one of i8, u8, i16, u16, i32, u32, i64, u64, f32 and f64";
        for element in ["f16", "bool"] {
            check(&format!(r#"{{"list":"{element}"}}"#), &format!("there is no list<{element}>: {allowed}"));
        }
    }

    #[test]
    fn records_are_of_fields_of_8_bytes() {
        check(r#"{"record":[["a","i64"],["b","u64"],["c","f64"]]}"#, "{a: i64, b: u64, c: f64}");
        for dtype in ["i8", "u8", "i16", "u16", "i32", "u32", "f16", "f32", "bool"] {
            check(
                &format!(r#"{{"record":[["a","f64"],["b","{dtype}"]]}}"#),
                &format!("the field `b` of a record is of type {dtype}: a field has 8 bytes, so it is i64, u64 or f64"),
            );
        }
    }

    #[test]
    fn fields_are_told_apart_and_counted() {
        check(r#"{"record":[["a","f64"],["b","f64"],["a","i64"]]}"#, "two fields of a record are called `a`");
        check(r#"{"record":[]}"#, "a record has 1 to 64 fields, not 0");
        let many =
            |count: usize| ValueKind::Record((0..count).map(|index| (index.to_string(), DataType::F64)).collect());
        assert_eq!(many(RECORD_FIELDS_MAX).check(), Ok(()));
        assert_eq!(many(RECORD_FIELDS_MAX + 1).check(), Err(KindError::Fields { fields: 65 }));
    }

    #[test]
    fn scalars_are_what_wasm_has() {
        check(r#"{"scalar":"u8"}"#, "u8");
        check(r#"{"scalar":"f16"}"#, "there is no scalar f16: a Wasm value is an integer of up to 64 bits, f32 or f64");
    }

    #[test]
    fn a_declaration_reads_like_a_type() {
        let kinds = |text: &str| serde_json::from_str::<Vec<ValueKind>>(text).expect("are kinds");
        let decl = FunctionDecl {
            takes: kinds(r#"[{"scalar":"i32"},"json"]"#),
            returns: kinds(r#"[{"record":[["mean","f64"],["count","u64"]]}]"#),
            about: String::new(),
        };
        assert_eq!(decl.to_string(), "(i32, json) -> ({mean: f64, count: u64})");
    }
}
