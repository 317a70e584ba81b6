//! Whether an output is what the model says of it.

use ir::{Code, TensorType};

use super::dimensions;
use super::refusal::{Refusal, Result};
use crate::model::{element, shown};
use crate::proto::{DimensionProto, ValueInfoProto};

/// A note where the output differs and the model is valid. The shape may be left open, as a whole or in a dimension.
pub(super) fn check(output: &ValueInfoProto<'_>, ty: &TensorType) -> Result<Option<String>> {
    let Some(declared) = &output.r#type else { return Err(malformed("its type is missing".to_owned())) };
    let Some(declared) = &declared.tensor_type else {
        return Err(malformed("it is not declared as a tensor, and is one".to_owned()));
    };
    if let Some(shape) = declared.shape.as_ref().filter(|shape| !fits(&shape.dim, &ty.shape)) {
        return Err(malformed(format!(
            "it is declared as {}, and is {:?}",
            dimensions::declared(&shape.dim),
            ty.shape
        )));
    }
    match declared.elem_type {
        element::FLOAT => Ok(None),
        element::FLOAT16 => {
            Ok(Some(format!("the output `{}` is float16 in the model and float32 in the module", shown(output.name))))
        }
        element::UNDEFINED => Err(malformed("its element type is missing".to_owned())),
        other => Err(malformed(format!("it is declared as {}, and is float32", element::name(other)))),
    }
}

fn fits(declared: &[DimensionProto<'_>], shape: &[usize]) -> bool {
    let fits = |(dim, size): (&DimensionProto<'_>, &usize)| {
        dim.dim_value.is_none_or(|value| value < 1 || usize::try_from(value) == Ok(*size))
    };
    declared.len() == shape.len() && declared.iter().zip(shape).all(fits)
}

fn malformed(message: String) -> Refusal {
    Refusal::new(
        Code::MalformedGraph,
        message,
        "export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it",
    )
}
