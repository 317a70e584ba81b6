//! What the validator finds in a file: exports, imports, memory, size of the code.

use std::collections::HashMap;
use std::fmt;

use wasmparser::types::EntityType;
use wasmparser::{ExternalKind, Parser, Payload, ValType, Validator, WasmFeatures};

use super::cost::{self, invalid};
use crate::load_error::LoadError;
use crate::{ScalarType, Signature};

/// One thing that a module wants from the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// First part of the name.
    pub module: String,
    /// Second part of the name.
    pub name: String,
    /// Wasm type, if it is a function of numbers.
    pub signature: Option<Signature>,
}

impl Import {
    /// AssemblyScript's `env.abort(message, file, line, column)`, the one import that is provided.
    pub(crate) fn is_abort(&self) -> bool {
        self.module == "env"
            && self.name == "abort"
            && self.signature.as_ref().is_some_and(|signature| signature.is_i32s_to(4, &[]))
    }
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Components name what they import in one part.
        match self.name.as_str() {
            "" => f.write_str(&self.module),
            name => write!(f, "{}.{name}", self.module),
        }
    }
}

/// The exported linear memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryDecl {
    /// Name of the export.
    pub name: String,
    /// Bytes at start.
    pub min_bytes: u64,
    /// Bytes beyond which the module forbids it to grow.
    pub max_bytes: Option<u64>,
}

/// What a valid core module consists of, as far as a host cares.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Exported functions; `None` for those that take or return more than numbers.
    pub(super) functions: HashMap<String, Option<Signature>>,
    pub(super) imports: Vec<Import>,
    pub(super) memory: Option<MemoryDecl>,
    pub(super) code_bytes: usize,
    pub(super) code_cost: u64,
    /// Elements of all tables at start.
    pub(super) table_elements: u64,
    /// Names of exported functions by their number.
    pub(super) export_names: HashMap<u32, String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Shape, LoadError> {
    let types = Validator::new_with_features(features()).validate_all(bytes).map_err(invalid)?;
    let types = types.as_ref();
    let mut shape = Shape { code_cost: cost::of(bytes)?, ..Shape::default() };
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::CodeSectionStart { range, .. } => shape.code_bytes = range.len(),
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(invalid)?;
                    if matches!(export.kind, ExternalKind::Func | ExternalKind::FuncExact) {
                        shape.export_names.entry(export.index).or_insert_with(|| export.name.into());
                    }
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    shape.table_elements = shape.table_elements.saturating_add(table.map_err(invalid)?.ty.initial);
                }
            }
            _ => {}
        }
    }
    for (module, name, entity) in types.core_imports().into_iter().flatten() {
        let (EntityType::Func(id) | EntityType::FuncExact(id)) = entity else {
            shape.imports.push(Import { module: module.into(), name: name.into(), signature: None });
            continue;
        };
        let signature = signature(types[id].unwrap_func());
        shape.imports.push(Import { module: module.into(), name: name.into(), signature });
    }
    for (name, entity) in types.core_exports().into_iter().flatten() {
        match entity {
            EntityType::Func(id) | EntityType::FuncExact(id) => {
                shape.functions.insert(name.into(), signature(types[id].unwrap_func()));
            }
            EntityType::Memory(memory) if shape.memory.is_none() || name == abi::export::MEMORY => {
                let bytes = |pages: u64| pages.saturating_mul(PAGE_BYTES);
                shape.memory = Some(MemoryDecl {
                    name: name.into(),
                    min_bytes: bytes(memory.initial),
                    max_bytes: memory.maximum.map(bytes),
                });
            }
            EntityType::Memory(_) | EntityType::Table(_) | EntityType::Global(_) | EntityType::Tag(_) => {}
        }
    }
    Ok(shape)
}

pub(super) const PAGE_BYTES: u64 = 65_536;

/// WebAssembly 3.0 without what the engine is built without or no convention can use.
pub(super) fn features() -> WasmFeatures {
    WasmFeatures::default()
        - (WasmFeatures::THREADS
            | WasmFeatures::EXCEPTIONS
            | WasmFeatures::MEMORY64
            | WasmFeatures::COMPONENT_MODEL
            | WasmFeatures::FUNCTION_REFERENCES
            | WasmFeatures::GC
            | WasmFeatures::GC_TYPES)
}

fn signature(function: &wasmparser::FuncType) -> Option<Signature> {
    let scalars = |types: &[ValType]| types.iter().map(|&value| scalar(value)).collect::<Option<Vec<_>>>();
    Some(Signature { params: scalars(function.params())?, results: scalars(function.results())? })
}

fn scalar(value: ValType) -> Option<ScalarType> {
    match value {
        ValType::I32 => Some(ScalarType::I32),
        ValType::I64 => Some(ScalarType::I64),
        ValType::F32 => Some(ScalarType::F32),
        ValType::F64 => Some(ScalarType::F64),
        ValType::V128 | ValType::Ref(_) => None,
    }
}
