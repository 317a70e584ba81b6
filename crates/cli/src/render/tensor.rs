//! Tensors as JSON and as a line for people.

use abi::{DataType, TensorDecl};
use runtime::{NotFinite, Tensor};

/// The outputs of a model: one tensor as it is, several as an object by name.
///
/// # Errors
/// [`NotFinite`].
pub(crate) fn outputs_json(outputs: &[Tensor]) -> Result<String, NotFinite> {
    if let [output] = outputs {
        return output.to_json();
    }
    let named = |output: &Tensor| {
        let name = serde_json::Value::from(output.name.as_str());
        Ok(format!("{name}:{}", output.to_json()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_outputs_are_named() {
        let output = |name: &str| Tensor::from_f32s(vec![1], &[0.5]).unwrap().named(name);
        let form = r#"{"dtype":"FP32","shape":[1],"strides":null,"data":[0.5]}"#;
        assert_eq!(outputs_json(&[output("a")]).unwrap(), form);
        assert_eq!(outputs_json(&[output("a"), output("b\"")]).unwrap(), format!(r#"{{"a":{form},"b\"":{form}}}"#));
    }
}
