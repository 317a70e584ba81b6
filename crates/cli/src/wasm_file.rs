//! What a Wasm file holds apart from its seal: exports, imports, sizes, and the features that it needs.

use serde::Serialize;
use wasmparser::types::{EntityType, TypesRef};
use wasmparser::{Parser, Payload, ValType, Validator, WasmFeatures};

const PAGE_BYTES: u64 = 65_536;

/// A valid core module or component, as far as people care.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct WasmFile {
    pub(crate) exports: Vec<Export>,
    pub(crate) imports: Vec<Import>,
    pub(crate) memory: Option<Memory>,
    /// Bytes of all memories at start, exported or not, those of modules inside a component too.
    pub(crate) start_memory_bytes: u64,
    /// Elements of all tables at start.
    pub(crate) start_table_elements: u64,
    pub(crate) code_bytes: u64,
    pub(crate) data_bytes: u64,
    /// What it needs beyond WebAssembly 2.0.
    pub(crate) features: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Export {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) entity: Entity,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) entity: Entity,
}

/// Something that crosses the border of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Entity {
    Function { params: Vec<String>, results: Vec<String> },
    Memory,
    Table,
    Global,
    Tag,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Memory {
    /// Bytes at start.
    pub(crate) min_bytes: u64,
    /// Bytes beyond which it cannot grow.
    pub(crate) max_bytes: Option<u64>,
}

/// Reads a core module or a component.
///
/// # Errors
/// The bytes are not a valid one, whatever features are allowed.
pub(crate) fn read(bytes: &[u8]) -> Result<WasmFile, wasmparser::BinaryReaderError> {
    let types = Validator::new_with_features(WasmFeatures::all()).validate_all(bytes)?;
    let types = types.as_ref();
    let mut file = WasmFile { features: features(bytes), ..WasmFile::default() };
    let mut pages = 0_u64;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => file.code_bytes += length(&range),
            Payload::DataSection(section) => file.data_bytes += length(&section.range()),
            Payload::MemorySection(memories) => {
                for memory in memories {
                    pages = pages.saturating_add(memory?.initial);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let elements = table?.ty.initial;
                    file.start_table_elements = file.start_table_elements.saturating_add(elements);
                }
            }
            _ => {}
        }
    }
    file.start_memory_bytes = pages.saturating_mul(PAGE_BYTES);
    for (name, entity) in types.core_exports().into_iter().flatten() {
        if let EntityType::Memory(memory) = entity
            && (file.memory.is_none() || name == abi::export::MEMORY)
        {
            let bytes = |pages: u64| pages.saturating_mul(PAGE_BYTES);
            file.memory = Some(Memory { min_bytes: bytes(memory.initial), max_bytes: memory.maximum.map(bytes) });
        }
        file.exports.push(Export { name: name.into(), entity: entity_of(types, entity) });
    }
    for (module, name, entity) in types.core_imports().into_iter().flatten() {
        file.imports.push(Import { module: module.into(), name: name.into(), entity: entity_of(types, entity) });
    }
    Ok(file)
}

impl WasmFile {
    /// The types of an exported function.
    pub(crate) fn function(&self, name: &str) -> Option<(&[String], &[String])> {
        self.exports.iter().find_map(|export| match &export.entity {
            Entity::Function { params, results } if export.name == name => Some((&params[..], &results[..])),
            _ => None,
        })
    }
}

impl Entity {
    /// `function (i32, i32) -> (i64)`.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Function { params, results } => {
                format!("function ({}) -> ({})", params.join(", "), results.join(", "))
            }
            Self::Memory => "memory".into(),
            Self::Table => "table".into(),
            Self::Global => "global".into(),
            Self::Tag => "tag".into(),
        }
    }
}

fn length(range: &std::ops::Range<usize>) -> u64 {
    range.len() as u64
}

fn entity_of(types: TypesRef<'_>, entity: EntityType) -> Entity {
    let names = |types: &[ValType]| types.iter().map(ToString::to_string).collect();
    match entity {
        EntityType::Func(id) | EntityType::FuncExact(id) => {
            let function = types[id].unwrap_func();
            Entity::Function { params: names(function.params()), results: names(function.results()) }
        }
        EntityType::Memory(_) => Entity::Memory,
        EntityType::Table(_) => Entity::Table,
        EntityType::Global(_) => Entity::Global,
        EntityType::Tag(_) => Entity::Tag,
    }
}

/// Proposals beyond WebAssembly 2.0, by the names that tool chains give them.
const PROPOSALS: [(&str, WasmFeatures); 11] = [
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("tail-call", WasmFeatures::TAIL_CALL),
    ("extended-const", WasmFeatures::EXTENDED_CONST),
    ("multimemory", WasmFeatures::MULTI_MEMORY),
    ("memory64", WasmFeatures::MEMORY64),
    ("atomics", WasmFeatures::THREADS),
    ("exception-handling", WasmFeatures::EXCEPTIONS),
    ("gc", WasmFeatures::GC),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
];

/// A feature is needed if the file is not valid without it.
fn features(bytes: &[u8]) -> Vec<&'static str> {
    let validates = |features| Validator::new_with_features(features).validate_all(bytes).is_ok();
    if validates(WasmFeatures::WASM2) {
        return vec![];
    }
    let needed = PROPOSALS.iter().filter(|(_, feature)| !validates(WasmFeatures::all() - *feature));
    needed.map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_features(text: &str, expected: &[&str]) {
        assert_eq!(read(&wat::parse_str(text).unwrap()).unwrap().features, expected);
    }

    #[test]
    fn features_are_those_that_are_used() {
        check_features("(module (func (param v128) (drop (i32x4.neg (local.get 0)))))", &[]);
        check_features(
            "(module (func (param v128) (drop (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0)))))",
            &["relaxed-simd"],
        );
        check_features("(module (memory i64 1) (func $f return_call $f))", &["tail-call", "memory64"]);
    }

    #[test]
    fn borders_are_read() {
        let text = r#"(module (import "env" "log" (func (param i32)))
            (memory (export "memory") 1 2) (global (export "g") i32 (i32.const 0))
            (func (export "f") (param i32 f64) (result i64) (i64.const 0)))"#;
        let file = read(&wat::parse_str(text).unwrap()).unwrap();
        let [params, results] = [vec!["i32".to_owned(), "f64".to_owned()], vec!["i64".to_owned()]];
        assert_eq!(file.function("f"), Some((&params[..], &results[..])));
        assert_eq!(file.function("g"), None);
        assert_eq!(file.memory, Some(Memory { min_bytes: 65_536, max_bytes: Some(131_072) }));
        assert_eq!((file.start_memory_bytes, file.start_table_elements), (65_536, 0));
        assert_eq!(file.imports.len(), 1);
        assert_eq!(file.imports[0].entity.text(), "function (i32) -> ()");
    }
}
