//! What a compiled model must export, and that its tensors lie inside its memory.

use abi::{Golden, ModelDecl, TensorDecl, export};

use super::shape::{MemoryDecl, Shape};
use crate::ScalarType;
use crate::load_error::LoadError;
use crate::shown::shown;

pub(super) fn check(model: &ModelDecl, shape: &Shape) -> Result<(), LoadError> {
    let contradiction = |said: String, found: String| LoadError::Contradiction { said, found };
    let mut wanted: Vec<(&str, usize, &[ScalarType])> = vec![(export::INFER, 0, &[]), (export::STEP, 1, &[])];
    if model.preprocess.is_some() {
        wanted.push((export::IMAGE, 4, &[ScalarType::I32]));
        wanted.push((export::IMAGE_STEP, 1, &[]));
    }
    for (name, params, results) in wanted {
        let found = match shape.functions.get(name) {
            None => "the module does not export it".into(),
            Some(None) => "its type holds more than numbers".into(),
            Some(Some(signature)) if !signature.is_i32s_to(params, results) => format!("it has the type {signature}"),
            Some(Some(_)) => continue,
        };
        return Err(contradiction(format!("compiled model, which needs `{name}`"), found));
    }
    let Some(memory) = &shape.memory else {
        return Err(contradiction("compiled model, which needs a memory".into(), "the module exports none".into()));
    };
    for tensor in model.inputs.iter().chain(&model.outputs) {
        check_place(tensor, memory)?;
    }
    check_overlap(&model.inputs)?;
    check_sum(&model.outputs, memory)?;
    let (steps, names) = (model.steps, model.step_names.len());
    if usize::try_from(steps) != Ok(names) {
        return Err(contradiction(format!("that the model has {steps} steps"), format!("it names {names}")));
    }
    model.golden.as_ref().map_or(Ok(()), |golden| check_golden(model, golden))
}

/// All inputs are written before the model runs, so none may lie on another.
fn check_overlap(inputs: &[TensorDecl]) -> Result<(), LoadError> {
    let mut places: Vec<(u64, u64, &str)> = inputs
        .iter()
        .map(|tensor| (tensor.address.into(), tensor.bytes().unwrap_or(u64::MAX), tensor.name.as_str()))
        .filter(|(_, bytes, _)| *bytes > 0)
        .collect();
    places.sort_unstable();
    match places.windows(2).find(|pair| pair[0].0.saturating_add(pair[0].1) > pair[1].0) {
        None => Ok(()),
        Some(pair) => Err(LoadError::Contradiction {
            said: format!("that the input `{}` lies at {}", shown(pair[1].2), pair[1].0),
            found: format!("the input `{}` reaches beyond that", shown(pair[0].2)),
        }),
    }
}

/// Outputs may share their place, but what is read of them stays in proportion to the memory.
fn check_sum(outputs: &[TensorDecl], memory: &MemoryDecl) -> Result<(), LoadError> {
    let sum = outputs.iter().try_fold(0_u64, |sum, tensor| sum.checked_add(tensor.bytes()?));
    if sum.is_some_and(|sum| sum <= memory.min_bytes) {
        return Ok(());
    }
    let found = format!("together they are larger than the memory of {} bytes", memory.min_bytes);
    Err(LoadError::Contradiction { said: format!("that the model has {} outputs", outputs.len()), found })
}

/// Known answers that could not be compared, or would hold whatever the model computes.
fn check_golden(model: &ModelDecl, golden: &Golden) -> Result<(), LoadError> {
    let malformed = |found: String| LoadError::Contradiction { said: "that it has known answers".into(), found };
    let is_share = |value: f32| value.is_finite() && value >= 0.0;
    if !is_share(golden.tolerance) || !golden.scale.is_finite() || !golden.offset.is_finite() {
        let Golden { scale, offset, tolerance, .. } = golden;
        return Err(malformed(format!(
            "scale {scale}, offset {offset} and tolerance {tolerance} are not finite, or the tolerance is negative"
        )));
    }
    if golden.outputs.len() != model.outputs.len() {
        return Err(malformed(format!("{} outputs have {} of them", model.outputs.len(), golden.outputs.len())));
    }
    for (known, tensor) in golden.outputs.iter().zip(&model.outputs) {
        let name = shown(&tensor.name);
        let (positions, values) = (known.positions.len(), known.values.len());
        if positions != values {
            return Err(malformed(format!("output `{name}` has {positions} positions and {values} values")));
        }
        let elements = tensor.elements().unwrap_or(0);
        if let Some(position) = known.positions.iter().find(|position| **position >= elements) {
            return Err(malformed(format!("output `{name}` of {elements} elements has none at {position}")));
        }
        if !is_share(known.largest) || !known.values.iter().all(|value| value.is_finite()) {
            return Err(malformed(format!("those of output `{name}` are not finite, or the largest is negative")));
        }
    }
    Ok(())
}

fn check_place(tensor: &TensorDecl, memory: &MemoryDecl) -> Result<(), LoadError> {
    let end = tensor.bytes().and_then(|bytes| bytes.checked_add(u64::from(tensor.address)));
    if end.is_some_and(|end| end <= memory.min_bytes) {
        return Ok(());
    }
    Err(LoadError::Contradiction {
        said: format!(
            "that tensor `{}` of shape {} lies at {}",
            shown(&tensor.name),
            shown(&format!("{:?}", tensor.shape)),
            tensor.address
        ),
        found: format!("the memory has {} bytes at start", memory.min_bytes),
    })
}
