//! Tensors as JSON and as a line for people.

use std::fmt::Write as _;

use abi::{DataType, TensorDecl};
use runtime::Tensor;

/// A number that JSON has no form for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("element {position} of output `{name}` is {value}, which JSON cannot hold: write the output with --output")]
pub(crate) struct NotFinite {
    name: String,
    position: usize,
    value: String,
}

/// `{"dtype":"FP32","shape":[1,2],"strides":null,"data":[...]}` with as many numbers as the shape says, in row-major
/// order.
///
/// # Errors
/// [`NotFinite`].
pub(crate) fn json(tensor: &Tensor) -> Result<String, NotFinite> {
    let shape: Vec<String> = tensor.shape().iter().map(u64::to_string).collect();
    let dtype = json_name(tensor.dtype());
    let mut text = format!("{{\"dtype\":\"{dtype}\",\"shape\":[{}],\"strides\":null,\"data\":[", shape.join(","));
    for (position, number) in numbers(tensor).into_iter().enumerate() {
        if number.ends_with(|last: char| !last.is_ascii_digit()) {
            return Err(NotFinite { name: tensor.name.clone(), position, value: number });
        }
        let comma = if position == 0 { "" } else { "," };
        write!(text, "{comma}{number}").expect("writing to a string cannot fail");
    }
    text.push_str("]}");
    Ok(text)
}

/// The outputs of a model: one tensor as it is, several as an object by name.
///
/// # Errors
/// [`NotFinite`].
pub(crate) fn outputs_json(outputs: &[Tensor]) -> Result<String, NotFinite> {
    if let [output] = outputs {
        return json(output);
    }
    let named = |output: &Tensor| {
        let name = serde_json::Value::from(output.name.as_str());
        Ok(format!("{name}:{}", json(output)?))
    };
    let fields = outputs.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{{{}}}", fields.join(",")))
}

/// `f32[1, 10]`.
pub(crate) fn type_text(dtype: DataType, shape: &[u64]) -> String {
    format!("{dtype}{shape:?}")
}

/// `image f32[1, 1, 8, 8]`.
pub(crate) fn decl_text(decl: &TensorDecl) -> String {
    format!("{} {}", decl.name, type_text(decl.dtype, &decl.shape))
}

/// What the numbers are like: how many are none or infinite; smallest, largest and mean of the others; the first few.
pub(crate) fn summary(tensor: &Tensor) -> String {
    const SHOWN: usize = 6;
    let values = tensor.f64s();
    if values.is_empty() {
        return "no elements".into();
    }
    let count = values.len();
    let odd = |odd: usize, one: &str, many: &str| match odd {
        0 => None,
        1 => Some(format!("1 of {count} values is {one}")),
        odd => Some(format!("{odd} of {count} values are {many}")),
    };
    let not_numbers = values.iter().filter(|value| value.is_nan()).count();
    let infinite = values.iter().filter(|value| value.is_infinite()).count();
    let mut parts: Vec<String> = odd(not_numbers, "not a number", "not numbers").into_iter().collect();
    parts.extend(odd(infinite, "infinite", "infinite"));
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if !finite.is_empty() {
        let smallest = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        #[allow(clippy::cast_precision_loss, reason = "a number of elements for a mean")]
        let mean = finite.iter().sum::<f64>() / finite.len() as f64;
        let first: Vec<String> = values.iter().take(SHOWN).map(|value| format!("{value:.4}")).collect();
        let more = if count > SHOWN { ", ..." } else { "" };
        let of = if parts.is_empty() { "" } else { "the others: " };
        let first = first.join(", ");
        parts.push(format!("{of}smallest {smallest:.4}, largest {largest:.4}, mean {mean:.4}: {first}{more}"));
    }
    parts.join("; ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tensor: &Tensor, expected: &str) {
        let text = json(tensor).unwrap();
        assert_eq!(text, expected);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let elements: u64 = tensor.shape().iter().product();
        assert_eq!(value["data"].as_array().unwrap().len() as u64, elements);
    }

    #[test]
    fn tensors_have_the_paper_form() {
        let tensor = Tensor::from_f32s(vec![1, 3], &[-1.238_053_2, 1e-12, 3e20]).unwrap();
        check(&tensor, r#"{"dtype":"FP32","shape":[1,3],"strides":null,"data":[-1.2380532,1e-12,3e20]}"#);
        let tensor = Tensor::new(DataType::I64, vec![1], i64::MAX.to_le_bytes().to_vec()).unwrap();
        check(&tensor, r#"{"dtype":"INT64","shape":[1],"strides":null,"data":[9223372036854775807]}"#);
        let tensor = Tensor::new(DataType::U8, vec![2, 0], vec![]).unwrap();
        check(&tensor, r#"{"dtype":"UINT8","shape":[2,0],"strides":null,"data":[]}"#);
    }

    #[test]
    fn several_outputs_are_named() {
        let output = |name: &str| Tensor::from_f32s(vec![1], &[0.5]).unwrap().named(name);
        let form = r#"{"dtype":"FP32","shape":[1],"strides":null,"data":[0.5]}"#;
        assert_eq!(outputs_json(&[output("a")]).unwrap(), form);
        assert_eq!(outputs_json(&[output("a"), output("b\"")]).unwrap(), format!(r#"{{"a":{form},"b\"":{form}}}"#));
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        for (value, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
            let tensor = Tensor::from_f32s(vec![2], &[1.0, value]).unwrap().named("y");
            let expected = NotFinite { name: "y".into(), position: 1, value: text.into() };
            assert_eq!(json(&tensor), Err(expected));
        }
    }
}
