//! Tensors in JSON, in the paper's form: `{"dtype":"FP32","shape":[1,2],"strides":null,"data":[0.5,1]}`.

use std::fmt::Write as _;

use abi::DataType;
use serde_json::{Map, Number, Value};

use super::{Tensor, TensorError, half_bits};

const FIELDS: [&str; 4] = ["dtype", "shape", "strides", "data"];

/// A number that JSON has no form for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("element {position} of `{name}` is {value}, which JSON cannot hold")]
pub struct NotFinite {
    /// Name of the tensor.
    pub name: String,
    /// Position of the element, in row-major order.
    pub position: usize,
    /// `NaN`, `inf` or `-inf`.
    pub value: String,
}

/// Why JSON is no tensor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorJsonError {
    /// Something else than an object.
    #[error(
        "the tensor `{name}` is not an object: \
         write {{\"dtype\":\"FP32\",\"shape\":[1,2],\"strides\":null,\"data\":[0.5,1]}}"
    )]
    Form {
        /// Name of the tensor.
        name: String,
    },
    /// A field that is needed is not there.
    #[error("the tensor `{name}` has no `{field}`: it needs dtype, shape and data")]
    Missing {
        /// Name of the tensor.
        name: String,
        /// The field.
        field: &'static str,
    },
    /// A field that tensors do not have.
    #[error("the tensor `{name}` has a field `{field}`, which is unknown: it takes dtype, shape, strides and data")]
    Unknown {
        /// Name of the tensor.
        name: String,
        /// The field.
        field: String,
    },
    /// A field of another form than it should have.
    #[error("{field} of the tensor `{name}` is not {wanted}")]
    Field {
        /// Name of the tensor.
        name: String,
        /// The field.
        field: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// An element that the type cannot hold.
    #[error("element {position} of the tensor `{name}` is {given}, which {dtype} cannot hold")]
    Element {
        /// Name of the tensor.
        name: String,
        /// Position of the element.
        position: usize,
        /// The element, shortened.
        given: String,
        /// Element type.
        dtype: &'static str,
    },
    /// The number of elements is not that of the shape.
    #[error("the tensor `{name}` with shape {shape:?} does not have {given} elements")]
    Count {
        /// Name of the tensor.
        name: String,
        /// The shape.
        shape: Vec<u64>,
        /// Elements that were given.
        given: usize,
    },
}

impl Tensor {
    /// `{"dtype":"FP32","shape":[1,2],"strides":null,"data":[0.5,1.0]}` with as many numbers as the shape says, in
    /// row-major order, each with as many digits as it takes to tell it from others of its type.
    ///
    /// # Errors
    /// [`NotFinite`].
    pub fn to_json(&self) -> Result<String, NotFinite> {
        let shape: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        let dtype = json_name(self.dtype);
        let mut text = format!("{{\"dtype\":\"{dtype}\",\"shape\":[{}],\"strides\":null,\"data\":[", shape.join(","));
        for (position, number) in numbers(self).into_iter().enumerate() {
            if number.ends_with(|last: char| !last.is_ascii_digit()) {
                return Err(NotFinite { name: self.name.clone(), position, value: number });
            }
            let comma = if position == 0 { "" } else { "," };
            write!(text, "{comma}{number}").expect("writing to a string cannot fail");
        }
        text.push_str("]}");
        Ok(text)
    }

    /// Reads the form that [`Self::to_json`] writes, as the tensor of this name. `strides` may be missing.
    ///
    /// # Errors
    /// [`TensorJsonError`] for everything that is not a whole tensor, and for numbers that its type cannot hold.
    pub fn from_json(name: &str, value: &Value) -> Result<Self, TensorJsonError> {
        let Value::Object(fields) = value else { return Err(TensorJsonError::Form { name: name.into() }) };
        if let Some(field) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(TensorJsonError::Unknown { name: name.into(), field: field.clone() });
        }
        let wrong = |field, wanted| TensorJsonError::Field { name: name.into(), field, wanted };
        let dtype = needed(name, fields, "dtype")?.as_str().and_then(from_json_name);
        let dtype = dtype.ok_or_else(|| wrong("dtype", "FP16, FP32, FP64, INT8 to INT64, UINT8 to UINT64 or BOOL"))?;
        let not_a_shape = || wrong("shape", "a list of sizes");
        let sizes = needed(name, fields, "shape")?.as_array().ok_or_else(not_a_shape)?;
        let shape: Vec<u64> = sizes.iter().map(Value::as_u64).collect::<Option<_>>().ok_or_else(not_a_shape)?;
        if fields.get("strides").is_some_and(|strides| !strides.is_null()) {
            return Err(wrong("strides", "null: elements are given in row-major order without gaps"));
        }
        let data = needed(name, fields, "data")?.as_array();
        let data = data.ok_or_else(|| wrong("data", "a list of numbers in row-major order"))?;
        let wrong_count = || TensorJsonError::Count { name: name.into(), shape: shape.clone(), given: data.len() };
        let width = usize::try_from(dtype.size()).map_err(|_| wrong_count())?;
        // Before anything is allocated: a shape may promise fewer elements than there are.
        if super::byte_len(dtype, &shape) != data.len().checked_mul(width) {
            return Err(wrong_count());
        }
        let mut bytes = Vec::with_capacity(data.len() * width);
        for (position, element) in data.iter().enumerate() {
            push(dtype, element, &mut bytes).ok_or_else(|| TensorJsonError::Element {
                name: name.into(),
                position,
                given: shortened(element),
                dtype: json_name(dtype),
            })?;
        }
        Self::new(dtype, shape.clone(), bytes).map(|tensor| tensor.named(name)).map_err(|error| match error {
            TensorError::TooLarge { .. } | TensorError::Length { .. } => wrong_count(),
        })
    }
}

fn needed<'a>(name: &str, fields: &'a Map<String, Value>, field: &'static str) -> Result<&'a Value, TensorJsonError> {
    fields.get(field).ok_or_else(|| TensorJsonError::Missing { name: name.into(), field })
}

/// The names that inference servers use.
fn json_name(dtype: DataType) -> &'static str {
    match dtype {
        DataType::F32 => "FP32",
        DataType::F64 => "FP64",
        DataType::F16 => "FP16",
        DataType::I8 => "INT8",
        DataType::U8 => "UINT8",
        DataType::I16 => "INT16",
        DataType::U16 => "UINT16",
        DataType::I32 => "INT32",
        DataType::U32 => "UINT32",
        DataType::I64 => "INT64",
        DataType::U64 => "UINT64",
        DataType::Bool => "BOOL",
    }
}

fn from_json_name(name: &str) -> Option<DataType> {
    Some(match name {
        "FP32" => DataType::F32,
        "FP64" => DataType::F64,
        "FP16" => DataType::F16,
        "INT8" => DataType::I8,
        "UINT8" => DataType::U8,
        "INT16" => DataType::I16,
        "UINT16" => DataType::U16,
        "INT32" => DataType::I32,
        "UINT32" => DataType::U32,
        "INT64" => DataType::I64,
        "UINT64" => DataType::U64,
        "BOOL" => DataType::Bool,
        _ => return None,
    })
}

/// The elements with as many digits as it takes to tell them apart.
fn numbers(tensor: &Tensor) -> Vec<String> {
    let words = || tensor.bytes().as_chunks::<8>().0.iter();
    match tensor.dtype() {
        DataType::F32 => tensor.f32s().unwrap_or_default().iter().map(|value| format!("{value:?}")).collect(),
        DataType::I64 => words().map(|word| i64::from_le_bytes(*word).to_string()).collect(),
        DataType::U64 => words().map(|word| u64::from_le_bytes(*word).to_string()).collect(),
        DataType::F64 | DataType::F16 => tensor.f64s().iter().map(|value| format!("{value:?}")).collect(),
        DataType::I8
        | DataType::U8
        | DataType::I16
        | DataType::U16
        | DataType::I32
        | DataType::U32
        | DataType::Bool => tensor.f64s().iter().map(f64::to_string).collect(),
    }
}

/// Appends one element, or `None` where the type cannot hold it.
fn push(dtype: DataType, element: &Value, bytes: &mut Vec<u8>) -> Option<()> {
    let signed = || element.as_number().and_then(signed);
    let unsigned = || element.as_number().and_then(unsigned);
    let float = || element.as_number().and_then(Number::as_f64).filter(|float| float.is_finite());
    match dtype {
        DataType::F32 => {
            #[allow(clippy::cast_possible_truncation, reason = "the nearest f32 is wanted, and checked to be finite")]
            let single = float()? as f32;
            bytes.extend(single.is_finite().then(|| single.to_le_bytes())?);
        }
        DataType::F64 => bytes.extend(float()?.to_le_bytes()),
        DataType::F16 => bytes.extend(half_bits(float()?)?.to_le_bytes()),
        DataType::I8 => bytes.extend(i8::try_from(signed()?).ok()?.to_le_bytes()),
        DataType::I16 => bytes.extend(i16::try_from(signed()?).ok()?.to_le_bytes()),
        DataType::I32 => bytes.extend(i32::try_from(signed()?).ok()?.to_le_bytes()),
        DataType::I64 => bytes.extend(signed()?.to_le_bytes()),
        DataType::U8 => bytes.extend(u8::try_from(unsigned()?).ok()?.to_le_bytes()),
        DataType::U16 => bytes.extend(u16::try_from(unsigned()?).ok()?.to_le_bytes()),
        DataType::U32 => bytes.extend(u32::try_from(unsigned()?).ok()?.to_le_bytes()),
        DataType::U64 => bytes.extend(unsigned()?.to_le_bytes()),
        DataType::Bool => bytes.push(match element {
            Value::Bool(fact) => u8::from(*fact),
            Value::Number(_) => {
                unsigned().filter(|number| *number <= 1).and_then(|number| u8::try_from(number).ok())?
            }
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => return None,
        }),
    }
    Some(())
}

fn signed(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| whole(number))
}

fn unsigned(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| whole(number).and_then(|whole| u64::try_from(whole).ok()))
}

/// 3.0 is an integer as well.
fn whole(number: &Number) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if number.is_i64() || number.is_u64() {
        return None;
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT_MAX)?;
    #[allow(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    let whole = float as i64;
    Some(whole)
}

fn shortened(element: &Value) -> String {
    const LENGTH_MAX: usize = 40;
    let kind = match element {
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            let text = element.to_string();
            return match text.char_indices().nth(LENGTH_MAX) {
                Some((end, _)) => format!("{}...", &text[..end]),
                None => text,
            };
        }
    };
    kind.into()
}

#[cfg(test)]
mod tests;
