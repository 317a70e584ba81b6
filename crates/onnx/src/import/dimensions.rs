//! Shapes of the inputs: free dimensions get a size or are refused.

use std::collections::HashSet;

use ir::{Code, Diagnostic, TensorType};

use super::ImportOptions;
use super::refusal::{Refusal, Result};
use crate::model::{element, shown};
use crate::proto::{DimensionProto, ValueInfoProto};

pub(super) struct Bound {
    /// One for each input.
    pub(super) shapes: Vec<Result<Vec<usize>>>,
    pub(super) notes: Vec<String>,
    /// About the options, not the inputs.
    pub(super) reasons: Vec<Diagnostic>,
}

/// Gives each input a static shape.
///
/// A free dimension has the size of the options. Without one, the first dimension of an input of rank 2 or more is
/// taken for the batch and bound to 1, unless its name also stands elsewhere.
pub(super) fn bind(inputs: &[&ValueInfoProto], options: &ImportOptions) -> Bound {
    let mut bound = Bound { shapes: vec![], notes: vec![], reasons: vec![] };
    let free: Vec<(String, bool)> = inputs.iter().flat_map(|input| free_dimensions(input)).collect();
    let names: HashSet<&str> = free.iter().map(|(name, _)| name.as_str()).collect();
    let elsewhere: HashSet<&str> = free.iter().filter(|(_, batch)| !batch).map(|(name, _)| name.as_str()).collect();

    let mut noted = HashSet::new();
    for input in inputs {
        let shape = shape(input, |name, is_batch| match options.dims.get(name) {
            // A size of 0 is reported below.
            Some(size) => Some((*size).max(1)),
            None if is_batch && !elsewhere.contains(name) => {
                if noted.insert(name.to_owned()) {
                    let name = shown(name);
                    bound.notes.push(format!("the batch dimension `{name}` is bound to 1 (`--dim {name}=N` sets it)"));
                }
                Some(1)
            }
            None => None,
        });
        bound.shapes.push(shape);
    }
    for (name, size) in &options.dims {
        let reason = |message: String, help: String| Diagnostic {
            code: Code::BadDimension,
            message,
            node: None,
            operator: None,
            help,
        };
        if !names.contains(name.as_str()) {
            let mut known: Vec<String> = names.iter().map(|name| format!("`{}`", shown(name))).collect();
            known.sort();
            let help = match known[..] {
                [] => "leave the option out: every dimension of the model is fixed".to_owned(),
                _ => format!("the free dimensions of the model are {}", known.join(", ")),
            };
            bound.reasons.push(reason(format!("no free dimension is called `{}`", shown(name)), help));
        } else if *size == 0 {
            let message = format!("the dimension `{}` cannot be bound to 0", shown(name));
            bound.reasons.push(reason(message, "give it a size of at least 1".into()));
        }
    }
    bound
}

/// What the model says of an output and does not hold, for notes.
pub(super) fn disagreements(output: &ValueInfoProto, ty: &TensorType) -> impl Iterator<Item = String> {
    [other_element(output), other_shape(output, ty)].into_iter().flatten()
}

/// Every output that is computed holds float32.
fn other_element(output: &ValueInfoProto) -> Option<String> {
    let declared = output.r#type.as_ref()?.tensor_type.as_ref()?.elem_type;
    (!matches!(declared, element::UNDEFINED | element::FLOAT)).then(|| {
        let (declared, float) = (element::name(declared), element::name(element::FLOAT));
        format!("the output `{}` is declared as {declared} and is {float}", shown(&output.name))
    })
}

fn other_shape(output: &ValueInfoProto, ty: &TensorType) -> Option<String> {
    let declared = &output.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim;
    let fits = |(dim, size): (&DimensionProto, &usize)| {
        dim.dim_value.is_none_or(|value| value < 1 || usize::try_from(value) == Ok(*size))
    };
    if declared.len() == ty.rank() && declared.iter().zip(&ty.shape).all(fits) {
        return None;
    }
    let sizes: Vec<String> = declared
        .iter()
        .map(|dim| {
            dim.dim_value.map_or_else(|| shown(dim.dim_param.as_deref().unwrap_or("?")), |size| size.to_string())
        })
        .collect();
    let name = shown(&output.name);
    Some(format!("the output `{name}` is declared as [{}] and is {:?}", sizes.join(", "), ty.shape))
}

/// Name of each free dimension, and whether it can be a batch.
fn free_dimensions(input: &ValueInfoProto) -> Vec<(String, bool)> {
    let dims = dims(input).unwrap_or_default();
    let free = dims.iter().enumerate().filter(|(_, dim)| dim.dim_value.is_none());
    free.map(|(axis, dim)| (name(input, axis, dim), axis == 0 && dims.len() > 1)).collect()
}

fn dims(input: &ValueInfoProto) -> Option<&[DimensionProto]> {
    Some(&input.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?.dim)
}

fn name(input: &ValueInfoProto, axis: usize, dim: &DimensionProto) -> String {
    match dim.dim_param.as_deref() {
        None | Some("") => format!("{}:{axis}", input.name),
        Some(name) => name.to_owned(),
    }
}

/// The declared shape; `size_of` gives the size of a free dimension, if it has one.
fn shape(input: &ValueInfoProto, mut size_of: impl FnMut(&str, bool) -> Option<usize>) -> Result<Vec<usize>> {
    let Some(ty) = input.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref()) else {
        return Err(Refusal::new(
            Code::UnsupportedType,
            "only tensors are supported, not sequences, maps or optional values",
            "export the model with tensors as inputs",
        ));
    };
    if ty.elem_type != element::FLOAT {
        return Err(Refusal::element(ty.elem_type));
    }
    let Some(dims) = dims(input) else {
        return Err(Refusal::new(
            Code::FreeDimension,
            "the shape is not declared",
            "export the model with a shape for each input",
        ));
    };
    let mut open = vec![];
    let mut sizes = vec![];
    for (axis, dim) in dims.iter().enumerate() {
        match dim.dim_value {
            Some(size @ 1..) => sizes.push(usize::try_from(size).unwrap_or(usize::MAX)),
            Some(size) => {
                return Err(Refusal::new(
                    Code::MalformedGraph,
                    format!("axis {axis} has size {size}"),
                    "export the model with sizes of at least 1, or with a named dimension, which `--dim` binds",
                ));
            }
            None => {
                let name = name(input, axis, dim);
                match size_of(&name, axis == 0 && dims.len() > 1) {
                    Some(size) => sizes.push(size),
                    None if open.contains(&shown(&name)) => {}
                    None => open.push(shown(&name)),
                }
            }
        }
    }
    let flags: Vec<String> = open.iter().map(|name| format!("--dim {name}=N")).collect();
    match open.len() {
        0 => Ok(sizes),
        1 => Err(Refusal::new(
            Code::FreeDimension,
            format!("the dimension `{}` has no fixed size", open[0]),
            format!("bind it with `{}`", flags[0]),
        )),
        _ => Err(Refusal::new(
            Code::FreeDimension,
            format!("the dimensions `{}` have no fixed size", open.join("`, `")),
            format!("bind them with `{}`", flags.join(" ")),
        )),
    }
}
