//! Which functions a module offers and how each is called: from the manifest, else from the Wasm types.

use abi::{DataType, FunctionDecl, Manifest, ValueKind, export};

use super::shape::Shape;
use super::{ClassicFunction, Form, Function};
use crate::load_error::LoadError;
use crate::shown::shown;
use crate::{Convention, ScalarType, Signature};

/// How values that are no numbers cross, which the marker tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crossing {
    CoreV1,
    Classic,
}

/// The functions of a module in the order of their names.
pub(super) fn callable(shape: &Shape, manifest: Option<&Manifest>) -> Result<Vec<Function>, LoadError> {
    let crossing = if shape.functions.contains_key(export::MARKER) { Crossing::CoreV1 } else { Crossing::Classic };
    let mut functions = match manifest {
        None => undeclared(shape),
        Some(manifest) => manifest
            .functions
            .iter()
            .filter(|(name, _)| !(manifest.model.is_some() && *name == export::PREDICT))
            .map(|(name, declared)| declared_function(name, declared, shape, crossing))
            .collect::<Result<_, _>>()?,
    };
    if crossing == Crossing::CoreV1 {
        check_core(shape, &functions)?;
    }
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(functions)
}

/// Without a manifest every exported function of numbers counts. Two or four 32-bit integers that give one are taken
/// for the classic convention where there is a memory; they may still be called with numbers.
fn undeclared(shape: &Shape) -> Vec<Function> {
    let exports = shape.functions.iter().filter(|(name, _)| !export::is_abi(name) && !export::is_toolchain(name));
    exports
        .filter_map(|(name, signature)| {
            let signature = signature.clone()?;
            let form = match shape.memory {
                Some(_) if signature.is_i32s_to(2, &[ScalarType::I32]) => Form::ClassicData,
                Some(_) if signature.is_i32s_to(4, &[ScalarType::I32]) => Form::ClassicPicture,
                _ => Form::Scalars,
            };
            Some(Function { name: name.clone(), signature, declared: None, form, wit: None })
        })
        .collect()
}

/// What a file whose functions are called otherwise offers in the classic convention beside them: its other exports of the
/// types of this convention. Of a compiled model that is [`export::PREDICT`]; its other exports belong to its own.
pub(super) fn classic_beside(shape: &Shape, functions: &[Function], convention: Convention) -> Vec<Function> {
    let is_other = |name: &str| match convention {
        Convention::Model => name == export::PREDICT,
        _ => functions.iter().all(|function| function.name != name),
    };
    let mut beside = undeclared(shape);
    beside.retain(|function| is_other(&function.name) && ClassicFunction::of(function, None).is_some());
    beside.sort_by(|a, b| a.name.cmp(&b.name));
    beside
}

fn declared_function(
    name: &str,
    decl: &FunctionDecl,
    shape: &Shape,
    crossing: Crossing,
) -> Result<Function, LoadError> {
    if let Some(source) = decl.takes.iter().chain(&decl.returns).find_map(|kind| kind.check().err()) {
        return Err(LoadError::Kind { function: name.into(), source });
    }
    let contradiction = |said: String, found: String| LoadError::Contradiction { said, found };
    let named = shown(name);
    let said = || format!("that `{named}` can be called");
    let signature = match shape.functions.get(name) {
        None => return Err(contradiction(said(), "the module does not export it".into())),
        Some(None) => return Err(contradiction(said(), "its type holds more than numbers".into())),
        Some(Some(signature)) => signature.clone(),
    };
    let form = form(decl, &signature, crossing)
        .map_err(|found| contradiction(format!("what `{named}` takes and returns"), found))?;
    let wanted = wanted_signature(decl, form);
    if signature != wanted {
        return Err(contradiction(format!("that `{named}` has the type {wanted}"), format!("it has {signature}")));
    }
    if shape.memory.is_none() && form != Form::Scalars {
        return Err(contradiction(said(), "the module exports no memory for its values".into()));
    }
    Ok(Function { name: name.into(), signature, declared: Some(decl.clone()), form, wit: None })
}

fn form(decl: &FunctionDecl, signature: &Signature, crossing: Crossing) -> Result<Form, String> {
    let core = crossing == Crossing::CoreV1;
    let is_scalar = |kind: &ValueKind| matches!(kind, ValueKind::Scalar(_));
    let is_tensor = |kind: &ValueKind| matches!(kind, ValueKind::Tensor);
    let is_data = |kind: &ValueKind| {
        matches!(kind, ValueKind::Json | ValueKind::Bytes | ValueKind::List(_) | ValueKind::Record(_))
    };
    let is_json = |kind: &ValueKind| matches!(kind, ValueKind::Json);
    // A function that takes and returns nothing may cross either way; its type tells which.
    let is_data_type = core && signature.is_i32s_to(2, &[ScalarType::I64]);
    let is_nothing = decl.takes.is_empty() && decl.returns.is_empty();
    let answers_data = decl.returns.len() <= 1 && decl.returns.iter().all(is_data);
    match decl.takes.as_slice() {
        takes if takes.iter().chain(&decl.returns).any(is_tensor) => {
            let whole = takes.iter().chain(&decl.returns).all(is_tensor);
            if whole { Ok(Form::Tensors) } else { Err("tensors cannot be mixed with other kinds".into()) }
        }
        [] if is_nothing && is_data_type => Ok(Form::Data),
        takes if takes.iter().all(is_scalar) && decl.returns.iter().all(is_scalar) => match decl.returns.len() {
            0 | 1 => Ok(Form::Scalars),
            many => Err(format!("a function returns at most one number, not {many}")),
        },
        [ValueKind::Image] if !answers_data => Err("an image function answers one data value".into()),
        [ValueKind::Image] if core => Ok(Form::Picture),
        [ValueKind::Image] if decl.returns.iter().all(is_json) => Ok(Form::ClassicPicture),
        [] | [_] if !answers_data || !decl.takes.iter().all(is_data) => {
            Err("a data function takes at most one data value and answers at most one".into())
        }
        [] | [_] if core => Ok(Form::Data),
        [_] if decl.takes.iter().chain(&decl.returns).all(is_json) => Ok(Form::ClassicData),
        [] | [_] => Err("without the core ABI v1 only JSON can cross".into()),
        many => Err(format!("a function of version 1 takes one data value, not {}", many.len())),
    }
}

fn wanted_signature(decl: &FunctionDecl, form: Form) -> Signature {
    let i32s =
        |params, results: &[ScalarType]| Signature { params: vec![ScalarType::I32; params], results: results.into() };
    match form {
        Form::Data => i32s(2, &[ScalarType::I64]),
        Form::Picture => i32s(4, &[ScalarType::I64]),
        Form::ClassicData => i32s(2, &[ScalarType::I32]),
        Form::ClassicPicture => i32s(4, &[ScalarType::I32]),
        Form::Tensors => i32s(0, &[]),
        Form::Scalars | Form::Component => Signature { params: scalars(&decl.takes), results: scalars(&decl.returns) },
    }
}

fn scalars(kinds: &[ValueKind]) -> Vec<ScalarType> {
    let scalar = |kind: &ValueKind| match kind {
        ValueKind::Scalar(DataType::F32) => Some(ScalarType::F32),
        ValueKind::Scalar(DataType::F64) => Some(ScalarType::F64),
        ValueKind::Scalar(DataType::I64 | DataType::U64) => Some(ScalarType::I64),
        ValueKind::Scalar(_) => Some(ScalarType::I32),
        ValueKind::Json
        | ValueKind::Bytes
        | ValueKind::Image
        | ValueKind::Tensor
        | ValueKind::List(_)
        | ValueKind::Record(_) => None,
    };
    kinds.iter().filter_map(scalar).collect()
}

/// A module with the marker and with functions that take values must be able to make room for them.
fn check_core(shape: &Shape, functions: &[Function]) -> Result<(), LoadError> {
    if !functions.iter().any(|function| matches!(function.form, Form::Data | Form::Picture)) {
        return Ok(());
    }
    let services: [(&str, usize, &[ScalarType]); 2] = [(export::ALLOC, 2, &[ScalarType::I32]), (export::FREE, 2, &[])];
    for (name, params, results) in services {
        let found = match shape.functions.get(name) {
            None => "the module does not export it".into(),
            Some(None) => "its type holds more than numbers".into(),
            Some(Some(signature)) if !signature.is_i32s_to(params, results) => format!("it has the type {signature}"),
            Some(Some(_)) => continue,
        };
        return Err(LoadError::Contradiction { said: format!("core ABI v1, which needs `{name}`"), found });
    }
    Ok(())
}
