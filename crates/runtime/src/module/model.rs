//! What a compiled model must export, and that its tensors lie inside its memory.

use abi::{ModelDecl, TensorDecl, export};

use super::shape::{MemoryDecl, Shape};
use crate::ScalarType;
use crate::load_error::LoadError;

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
    Ok(())
}

fn check_place(tensor: &TensorDecl, memory: &MemoryDecl) -> Result<(), LoadError> {
    let end = tensor.bytes().and_then(|bytes| bytes.checked_add(u64::from(tensor.address)));
    if end.is_some_and(|end| end <= memory.min_bytes) {
        return Ok(());
    }
    Err(LoadError::Contradiction {
        said: format!("that tensor `{}` of shape {:?} lies at {}", tensor.name, tensor.shape, tensor.address),
        found: format!("the memory has {} bytes at start", memory.min_bytes),
    })
}
