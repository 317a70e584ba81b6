//! A manifest from nothing but the exports. What types cannot tell is assumed, and every assumption is a note.

use std::collections::BTreeMap;

use abi::{DataType, FunctionDecl, Manifest, Producer, State, ValueKind, export};
use anyhow::Context as _;

use crate::usage::usage;
use crate::wasm_file::{self, Entity, WasmFile};

/// The manifest, and what was assumed.
pub(super) fn manifest(module: &[u8], name: String, producer: Producer) -> anyhow::Result<(Manifest, Vec<String>)> {
    let file = wasm_file::read(module).context("the file is no valid WebAssembly module or component")?;
    let has_marker = file.function(export::MARKER).is_some();
    if has_marker && file.function(export::INFER).is_some() && file.function(export::STEP).is_some() {
        return Err(usage(
            "the module is a compiled model whose head section was removed, and with it the places of its tensors: \
             build it again with `wasmtube build`",
        ));
    }
    let convention = if has_marker { Convention::CoreV1 } else { Convention::Classic };
    let mut notes = vec![];
    let mut functions = BTreeMap::new();
    for found in &file.exports {
        let Entity::Function { params, results } = &found.entity else { continue };
        if export::is_abi(&found.name) || export::is_toolchain(&found.name) {
            continue;
        }
        match declare(&file, convention, params, results) {
            Ok(decl) => {
                notes.extend(assumption(&found.name, &decl, convention));
                functions.insert(found.name.clone(), decl);
            }
            Err(reason) => notes.push(format!("`{}` is left out: {reason}", found.name)),
        }
    }
    let memory_bytes = file.memory.as_ref().map_or(0, |memory| memory.min_bytes);
    let features = file.features.iter().map(ToString::to_string).collect();
    let manifest = Manifest {
        name,
        version: "1".into(),
        functions,
        state: State::Slot,
        window: None,
        model: None,
        features,
        memory_bytes,
        producer,
    };
    Ok((manifest, notes))
}

/// How values cross that are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Convention {
    CoreV1,
    Classic,
}

impl Convention {
    /// What a function returns for data or a picture.
    fn result(self) -> &'static str {
        match self {
            Self::CoreV1 => "i64",
            Self::Classic => "i32",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::CoreV1 => "core ABI v1",
            Self::Classic => "classic convention",
        }
    }
}

/// What a function takes and returns, by the convention that its Wasm type fits; numbers if it fits none.
///
/// # Errors
/// Why no manifest can describe it.
fn declare(
    file: &WasmFile,
    convention: Convention,
    params: &[String],
    results: &[String],
) -> Result<FunctionDecl, &'static str> {
    let all_i32 = params.iter().all(|param| param == "i32");
    let [data, picture] = [2, 4].map(|count| params.len() == count && all_i32 && file.memory.is_some());
    let result = matches!(results, [only] if only == convention.result());
    let decl = |takes: Vec<ValueKind>, returns: Vec<ValueKind>| FunctionDecl { takes, returns, about: String::new() };
    if result && data {
        return Ok(decl(vec![ValueKind::Json], vec![ValueKind::Json]));
    }
    if result && picture {
        return Ok(decl(vec![ValueKind::Image], vec![ValueKind::Json]));
    }
    let scalars =
        |types: &[String]| types.iter().map(|name| scalar(name).map(ValueKind::Scalar)).collect::<Option<Vec<_>>>();
    match (scalars(params), scalars(results)) {
        (Some(takes), Some(returns)) if returns.len() <= 1 => Ok(decl(takes, returns)),
        (Some(_), Some(_)) => Err("it returns several numbers, and a sealed function returns at most one"),
        _ => Err("its type holds more than numbers"),
    }
}

fn assumption(name: &str, decl: &FunctionDecl, convention: Convention) -> Option<String> {
    let kind = match decl.takes.first()? {
        ValueKind::Json => "JSON",
        ValueKind::Image => "a picture",
        ValueKind::Bytes | ValueKind::Tensor | ValueKind::Scalar(_) | ValueKind::List(_) | ValueKind::Record(_) => {
            return None;
        }
    };
    let convention = convention.name();
    Some(format!(
        "`{name}` is taken for a function of {kind} ({convention}): if it is not, give --function or --manifest"
    ))
}

fn scalar(name: &str) -> Option<DataType> {
    Some(match name {
        "i32" => DataType::I32,
        "i64" => DataType::I64,
        "f32" => DataType::F32,
        "f64" => DataType::F64,
        _ => return None,
    })
}
