//! A file that was verified and read, before it is compiled.

mod argument;
mod component;
mod composition;
mod cost;
mod functions;
mod model;
mod shape;
mod window;

use std::collections::HashMap;
use std::sync::Arc;

use abi::{Digest, FunctionDecl, Manifest, export};

use crate::load_error::LoadError;
use crate::{Candidate, Convention, Limits, Signature, WitFunction};

pub use argument::ArgumentKind;
pub(crate) use component::SEPARATOR;
pub use shape::{Import, MemoryDecl};

const COMPONENT_LAYER: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];

/// A file that is whole, valid, and has something to call. Not compiled yet.
#[derive(Debug, Clone)]
pub struct Module {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) interface: Interface,
}

/// What a module is and offers.
#[derive(Debug, Clone)]
pub struct Interface {
    /// Identity of the file.
    pub digest: Digest,
    /// Size of the file in bytes.
    pub file_bytes: usize,
    /// Size of the code section in bytes.
    pub code_bytes: usize,
    /// What compiling it costs, in bytes of ordinary code: at least the size of the code section, more where few bytes
    /// are much work.
    pub code_cost: u64,
    /// How its functions are called.
    pub convention: Convention,
    /// What a sealed file says of itself; `None` if the file is not sealed.
    pub manifest: Option<Manifest>,
    /// What the module wants from the host.
    pub imports: Vec<Import>,
    /// Elements of all tables at start.
    pub table_elements: u64,
    /// The linear memory that values cross in.
    pub memory: Option<MemoryDecl>,
    functions: Vec<Function>,
    /// Exports that can be called in the classic convention and are none of the functions.
    beside: Vec<Function>,
    index: HashMap<String, usize>,
    /// Function exports that belong to a convention or a tool chain.
    pub(crate) service: HashMap<String, Option<Signature>>,
    /// Names of exported functions by their number, for backtraces.
    pub(crate) export_names: Arc<HashMap<u32, String>>,
}

/// One function that can be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Name of the export.
    pub name: String,
    /// Wasm type of the export.
    pub signature: Signature,
    /// What the manifest says of it.
    pub declared: Option<FunctionDecl>,
    /// How its arguments cross.
    pub form: Form,
    /// What a function of a component takes and answers; its Wasm type is then empty.
    pub wit: Option<WitFunction>,
}

/// A function that can be called in the classic convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassicFunction<'a> {
    /// Name of the export.
    pub name: &'a str,
    /// [`Form::ClassicData`] or [`Form::ClassicPicture`].
    pub form: Form,
    /// Its position among the functions of the file, if it is one of them.
    pub(crate) position: Option<usize>,
}

impl<'a> ClassicFunction<'a> {
    pub(crate) fn of(function: &'a Function, position: Option<usize>) -> Option<Self> {
        let Function { name, form, .. } = function;
        matches!(form, Form::ClassicData | Form::ClassicPicture).then_some(Self { name, form: *form, position })
    }
}

/// How arguments and results of a function cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `(ptr, len) -> i64`, core ABI v1.
    Data,
    /// `(ptr, len, width, height) -> i64`, core ABI v1.
    Picture,
    /// `(index, length) -> length`, classic.
    ClassicData,
    /// `(index, length, width, height) -> length`, classic.
    ClassicPicture,
    /// `() -> ()` with tensors at the manifest's addresses.
    Tensors,
    /// Numbers as Wasm values.
    Scalars,
    /// Values of WIT types, which have a form in JSON.
    Component,
}

impl Module {
    /// Verifies a file whole, then reads what it offers.
    ///
    /// # Errors
    /// Every variant of [`LoadError`] but those of compiling, which [`crate::Version::compile`] names.
    pub fn read(bytes: Vec<u8>) -> Result<Self, LoadError> {
        Self::of(Candidate::new(bytes))
    }

    /// As [`Self::read`], for a file whose seal was checked already.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(candidate: Candidate) -> Result<Self, LoadError> {
        let Candidate { bytes, digest, seal, .. } = candidate;
        let manifest = seal?;
        let interface = if bytes[4..8] == COMPONENT_LAYER {
            Self::read_component(&bytes, manifest, digest)?
        } else {
            Self::read_core(&bytes, manifest, digest)?
        };
        if interface.functions.is_empty() {
            return Err(LoadError::NoFunctions);
        }
        Ok(Self { bytes, interface })
    }

    fn read_component(bytes: &[u8], manifest: Option<Manifest>, digest: Digest) -> Result<Interface, LoadError> {
        let shape = component::read(bytes)?;
        let import = |name| Import { module: name, name: String::new(), signature: None };
        let functions = component::callable(shape.functions, manifest.as_ref())?;
        Ok(Interface {
            digest,
            file_bytes: bytes.len(),
            code_bytes: shape.code_bytes,
            code_cost: shape.code_cost,
            convention: Convention::Component,
            manifest,
            imports: shape.imports.into_iter().map(import).collect(),
            table_elements: 0,
            memory: None,
            index: index(&functions),
            functions,
            beside: vec![],
            service: HashMap::new(),
            export_names: Arc::default(),
        })
    }

    fn read_core(bytes: &[u8], manifest: Option<Manifest>, digest: Digest) -> Result<Interface, LoadError> {
        let shape = shape::read(bytes)?;
        let has_marker = shape.functions.contains_key(export::MARKER);
        if has_marker && manifest.is_none() {
            return Err(LoadError::Stripped);
        }
        let functions = functions::callable(&shape, manifest.as_ref())?;
        if let Some(decl) = manifest.as_ref().and_then(|manifest| manifest.model.as_ref()) {
            model::check(decl, &shape)?;
        }
        if let Some(manifest) = &manifest {
            window::check(manifest, &functions, &shape)?;
        }
        let convention = match &manifest {
            Some(Manifest { model: Some(_), .. }) => Convention::Model,
            _ if has_marker => Convention::CoreV1,
            _ if functions.iter().any(window::is_classic) => Convention::Classic,
            _ => Convention::Scalars,
        };
        let beside = functions::classic_beside(&shape, &functions, convention);
        let mut service = shape.functions;
        service.retain(|name, _| export::is_abi(name) || export::is_toolchain(name) || is_model_export(name));
        Ok(Interface {
            digest,
            file_bytes: bytes.len(),
            code_bytes: shape.code_bytes,
            code_cost: shape.code_cost,
            convention,
            manifest,
            imports: shape.imports,
            table_elements: shape.table_elements,
            memory: shape.memory,
            index: index(&functions),
            functions,
            beside,
            service,
            export_names: Arc::new(shape.export_names),
        })
    }

    /// What the module is and offers.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.interface
    }
}

/// As many functions are looked through sooner than a name is hashed.
const FEW: usize = 4;

impl Interface {
    /// The functions that can be called, by name.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The function of this name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.position(name).map(|position| &self.functions[position])
    }

    /// The functions that can be called in the classic convention: those of a file of this convention, and the exports of
    /// its types that other files offer beside their own, such as the `predict` of a compiled model.
    pub fn classic_functions(&self) -> impl Iterator<Item = ClassicFunction<'_>> {
        let own = self.functions.iter().enumerate();
        let own = own.filter_map(|(position, function)| ClassicFunction::of(function, Some(position)));
        own.chain(self.beside.iter().filter_map(|function| ClassicFunction::of(function, None)))
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        if self.functions.len() <= FEW {
            return self.functions.iter().position(|function| function.name == name);
        }
        self.index.get(name).copied()
    }

    /// Whether the file carries a seal, which held.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.manifest.is_some()
    }

    /// What the manifest says of the compiled model, `None` for other files.
    #[must_use]
    pub fn model(&self) -> Option<&abi::ModelDecl> {
        self.manifest.as_ref()?.model.as_ref()
    }

    /// Holds what the compiler would have to do against the limits.
    ///
    /// # Errors
    /// [`LoadError::CodeTooLarge`], [`LoadError::CodeTooCostly`], [`LoadError::TablesTooLarge`].
    pub fn check_size(&self, limits: &Limits) -> Result<(), LoadError> {
        let (bytes, limit) = (self.code_bytes, limits.code_bytes);
        if bytes > limit {
            return Err(LoadError::CodeTooLarge { bytes, limit });
        }
        if self.code_cost > limit as u64 {
            return Err(LoadError::CodeTooCostly { bytes, cost: self.code_cost, limit });
        }
        let (elements, limit) = (self.table_elements, limits.table_elements);
        if elements > limit { Err(LoadError::TablesTooLarge { elements, limit }) } else { Ok(()) }
    }
}

fn index(functions: &[Function]) -> HashMap<String, usize> {
    functions.iter().enumerate().map(|(index, function)| (function.name.clone(), index)).collect()
}

fn is_model_export(name: &str) -> bool {
    matches!(name, export::INFER | export::STEP | export::IMAGE | export::IMAGE_STEP)
}
