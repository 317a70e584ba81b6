//! What the validator finds in a component: its functions with their types, and what it wants from the host.

use wasmparser::component_types::{
    ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId, ComponentInstanceTypeId,
    ComponentValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{Parser, Payload, PrimitiveValType, Validator, WasmFeatures};

use abi::{Manifest, ValueKind};

use super::{Form, Function, cost, shape};
use crate::Signature;
use crate::load_error::LoadError;
use crate::wit::{WitFunction, WitType};

/// Deeper types are refused.
const DEPTH_MAX: usize = 32;
/// Types of one function with more parts are refused. A type may use another one twice, so that a small file can
/// describe a huge one.
const PARTS_MAX: usize = 4096;
/// Between the name of an interface and that of its function.
pub(crate) const SEPARATOR: char = '#';

/// What a valid component consists of, as far as a host cares.
#[derive(Debug, Default)]
pub(super) struct ComponentShape {
    /// Exported functions; those of an interface as `interface#function`.
    pub(super) functions: Vec<(String, WitFunction)>,
    /// Names of what it imports.
    pub(super) imports: Vec<String>,
    pub(super) code_bytes: usize,
    pub(super) code_cost: u64,
}

pub(super) fn read(bytes: &[u8]) -> Result<ComponentShape, LoadError> {
    let mut validator = Validator::new_with_features(shape::features() | WasmFeatures::COMPONENT_MODEL);
    let types = validator.validate_all(bytes).map_err(cost::invalid)?;
    let types = types.as_ref();
    let mut component = ComponentShape { code_cost: cost::of(bytes)?, ..ComponentShape::default() };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(cost::invalid)? {
            Payload::CodeSectionStart { range, .. } => component.code_bytes += range.len(),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let name = import.map_err(cost::invalid)?.name.name;
                    // Types alone ask nothing of the host.
                    let item = types.component_item_for_import(name).map(|item| item.ty);
                    if !item.is_some_and(|item| is_type_only(types, item)) {
                        component.imports.push(name.into());
                    }
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    let name = export.map_err(cost::invalid)?.name.name;
                    match types.component_item_for_export(name).map(|item| item.ty) {
                        Some(ComponentEntityType::Func(id)) => {
                            component.functions.push((name.into(), function(types, name, id)?));
                        }
                        Some(ComponentEntityType::Instance(id)) => {
                            component.functions.extend(interface(types, name, id)?);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    component.functions.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(component)
}

/// The functions that can be called: all, or those that a manifest names.
pub(super) fn callable(
    found: Vec<(String, WitFunction)>,
    manifest: Option<&Manifest>,
) -> Result<Vec<Function>, LoadError> {
    let function = |(name, wit): (String, WitFunction), declared| Function {
        name,
        signature: Signature { params: vec![], results: vec![] },
        declared,
        form: Form::Component,
        wit: Some(wit),
    };
    let Some(manifest) = manifest.filter(|manifest| !manifest.functions.is_empty()) else {
        return Ok(found.into_iter().map(|found| function(found, None)).collect());
    };
    let mut functions = Vec::with_capacity(manifest.functions.len());
    for (name, decl) in &manifest.functions {
        let said = || format!("that `{name}` can be called");
        let Some(position) = found.iter().position(|(found, _)| found == name) else {
            return Err(LoadError::Contradiction { said: said(), found: "the component does not export it".into() });
        };
        if !decl.takes.iter().chain(&decl.returns).all(|kind| *kind == ValueKind::Json) {
            let found = "values of a component cross as JSON".into();
            return Err(LoadError::Contradiction { said: format!("what `{name}` takes and returns"), found });
        }
        functions.push(function(found[position].clone(), Some(decl.clone())));
    }
    Ok(functions)
}

fn is_type_only(types: TypesRef<'_>, item: ComponentEntityType) -> bool {
    match item {
        ComponentEntityType::Type { .. } => true,
        ComponentEntityType::Instance(id) => types[id].exports.values().all(|item| is_type_only(types, item.ty)),
        _ => false,
    }
}

fn interface(
    types: TypesRef<'_>,
    interface: &str,
    id: ComponentInstanceTypeId,
) -> Result<Vec<(String, WitFunction)>, LoadError> {
    let mut functions = Vec::new();
    for (name, item) in &types[id].exports {
        if let ComponentEntityType::Func(id) = item.ty {
            let name = format!("{interface}{SEPARATOR}{name}");
            let function = function(types, &name, id)?;
            functions.push((name, function));
        }
    }
    Ok(functions)
}

fn function(types: TypesRef<'_>, name: &str, id: ComponentFuncTypeId) -> Result<WitFunction, LoadError> {
    let found = &types[id];
    let refused = |what| LoadError::WitType { function: name.into(), what };
    if found.async_ {
        return Err(refused("it is async".into()));
    }
    let mut reader = Reader { types, parts: 0 };
    let params = found.params.iter().map(|(name, ty)| Ok((name.to_string(), reader.value(*ty, 0)?)));
    let params = params.collect::<Result<Vec<_>, String>>().map_err(refused)?;
    let result = found.result.map(|ty| reader.value(ty, 0)).transpose().map_err(refused)?;
    Ok(WitFunction { params, result })
}

struct Reader<'t> {
    types: TypesRef<'t>,
    parts: usize,
}

impl Reader<'_> {
    fn value(&mut self, ty: ComponentValType, depth: usize) -> Result<WitType, String> {
        self.parts += 1;
        if depth > DEPTH_MAX || self.parts > PARTS_MAX {
            return Err(format!("its type has more than {DEPTH_MAX} levels or {PARTS_MAX} parts"));
        }
        match ty {
            ComponentValType::Primitive(primitive) => primitive_type(primitive),
            ComponentValType::Type(id) => self.defined(id, depth + 1),
        }
    }

    fn boxed(&mut self, ty: ComponentValType, depth: usize) -> Result<Box<WitType>, String> {
        self.value(ty, depth).map(Box::new)
    }

    fn defined(&mut self, id: ComponentDefinedTypeId, depth: usize) -> Result<WitType, String> {
        let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>();
        let types = self.types;
        Ok(match &types[id] {
            ComponentDefinedType::Primitive(primitive) => primitive_type(*primitive)?,
            ComponentDefinedType::List { element, .. } => WitType::List(self.boxed(*element, depth)?),
            ComponentDefinedType::Option { ty, .. } => WitType::Option(self.boxed(*ty, depth)?),
            ComponentDefinedType::Result { ok, err, .. } => WitType::Result {
                ok: ok.map(|ok| self.boxed(ok, depth)).transpose()?,
                err: err.map(|err| self.boxed(err, depth)).transpose()?,
            },
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter().map(|(name, ty)| Ok((name.to_string(), self.value(*ty, depth)?)));
                WitType::Record(fields.collect::<Result<_, String>>()?)
            }
            ComponentDefinedType::Tuple(tuple) => {
                WitType::Tuple(tuple.types.iter().map(|ty| self.value(*ty, depth)).collect::<Result<_, _>>()?)
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant
                    .cases
                    .iter()
                    .map(|(name, case)| Ok((name.to_string(), case.ty.map(|ty| self.value(ty, depth)).transpose()?)));
                WitType::Variant(cases.collect::<Result<_, String>>()?)
            }
            ComponentDefinedType::Enum(cases) => WitType::Enum(names(&mut cases.iter().map(ToString::to_string))),
            ComponentDefinedType::Flags(flags) => WitType::Flags(names(&mut flags.iter().map(ToString::to_string))),
            ComponentDefinedType::Own(_) | ComponentDefinedType::Borrow(_) => {
                return Err("it handles a resource".into());
            }
            ComponentDefinedType::Future { .. } => return Err("it handles a future".into()),
            ComponentDefinedType::Stream { .. } => return Err("it handles a stream".into()),
            ComponentDefinedType::Map { .. } => return Err("it handles a map".into()),
            ComponentDefinedType::FixedLengthList { .. } => return Err("it handles a list of fixed length".into()),
        })
    }
}

fn primitive_type(primitive: PrimitiveValType) -> Result<WitType, String> {
    Ok(match primitive {
        PrimitiveValType::Bool => WitType::Bool,
        PrimitiveValType::S8 => WitType::S8,
        PrimitiveValType::U8 => WitType::U8,
        PrimitiveValType::S16 => WitType::S16,
        PrimitiveValType::U16 => WitType::U16,
        PrimitiveValType::S32 => WitType::S32,
        PrimitiveValType::U32 => WitType::U32,
        PrimitiveValType::S64 => WitType::S64,
        PrimitiveValType::U64 => WitType::U64,
        PrimitiveValType::F32 => WitType::F32,
        PrimitiveValType::F64 => WitType::F64,
        PrimitiveValType::Char => WitType::Char,
        PrimitiveValType::String => WitType::String,
        PrimitiveValType::ErrorContext => return Err("it handles an error context".into()),
    })
}
