//! What a model says of its outputs and does not hold.

use ir::TensorType;

use super::dimensions;
use crate::model::{element, shown};
use crate::proto::{DimensionProto, ValueInfoProto};

/// One note for each.
pub(super) fn disagreements(output: &ValueInfoProto<'_>, ty: &TensorType) -> impl Iterator<Item = String> {
    [other_element(output), other_shape(output, ty)].into_iter().flatten()
}

/// Every output that is computed holds float32.
fn other_element(output: &ValueInfoProto<'_>) -> Option<String> {
    let declared = output.r#type.as_ref()?.tensor_type.as_ref()?.elem_type;
    let name = shown(output.name);
    match declared {
        element::UNDEFINED | element::FLOAT => None,
        element::FLOAT16 => Some(format!("the output `{name}` is float16 in the model and float32 in the module")),
        _ => Some(format!("the output `{name}` is declared as {} and is float32", element::name(declared))),
    }
}

fn other_shape(output: &ValueInfoProto<'_>, ty: &TensorType) -> Option<String> {
    let declared = &output.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim;
    let fits = |(dim, size): (&DimensionProto<'_>, &usize)| {
        dim.dim_value.is_none_or(|value| value < 1 || usize::try_from(value) == Ok(*size))
    };
    if declared.len() == ty.rank() && declared.iter().zip(&ty.shape).all(fits) {
        return None;
    }
    let (name, declared) = (shown(output.name), dimensions::declared(declared));
    Some(format!("the output `{name}` is declared as {declared} and is {:?}", ty.shape))
}
