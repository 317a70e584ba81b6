//! A file that was verified and read, before it is compiled.

mod cost;
mod functions;
mod model;
mod shape;

use std::collections::HashMap;
use std::sync::Arc;

use abi::{Digest, FunctionDecl, Manifest, Seal, export};

use crate::load_error::LoadError;
use crate::{Convention, Limits, Signature};

pub use shape::{Import, MemoryDecl};

const COMPONENT_LAYER: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];

/// A file that is whole, valid, and has something to call. Not compiled yet.
#[derive(Debug, Clone)]
pub struct Module {
    pub(crate) bytes: Vec<u8>,
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
}

impl Module {
    /// Verifies a file whole, then reads what it offers.
    ///
    /// # Errors
    /// Every variant of [`LoadError`] but those of compiling, which [`crate::Version::compile`] names.
    pub fn read(bytes: Vec<u8>) -> Result<Self, LoadError> {
        let seal = abi::read_seal(&bytes)?;
        if bytes[4..8] == COMPONENT_LAYER {
            return Err(LoadError::Component);
        }
        let shape = shape::read(&bytes)?;
        let (manifest, digest) = match seal {
            Seal::Sealed(head) => (Some(head.manifest), head.digest),
            Seal::Unsealed => (None, Digest::of(&bytes)),
        };
        let has_marker = shape.functions.contains_key(export::MARKER);
        if has_marker && manifest.is_none() {
            return Err(LoadError::Stripped);
        }
        let functions = functions::callable(&shape, manifest.as_ref())?;
        if let Some(decl) = manifest.as_ref().and_then(|manifest| manifest.model.as_ref()) {
            model::check(decl, &shape)?;
        }
        if functions.is_empty() {
            return Err(LoadError::NoFunctions);
        }
        let classic = |function: &Function| matches!(function.form, Form::ClassicData | Form::ClassicPicture);
        let convention = match &manifest {
            Some(Manifest { model: Some(_), .. }) => Convention::Model,
            _ if has_marker => Convention::CoreV1,
            _ if functions.iter().any(classic) => Convention::Classic,
            _ => Convention::Scalars,
        };
        let index = functions.iter().enumerate().map(|(index, function)| (function.name.clone(), index)).collect();
        let mut service = shape.functions;
        service.retain(|name, _| export::is_abi(name) || export::is_toolchain(name) || is_model_export(name));
        let interface = Interface {
            digest,
            file_bytes: bytes.len(),
            code_bytes: shape.code_bytes,
            code_cost: shape.code_cost,
            convention,
            manifest,
            imports: shape.imports,
            table_elements: shape.table_elements,
            memory: shape.memory,
            functions,
            index,
            service,
            export_names: Arc::new(shape.export_names),
        };
        Ok(Self { bytes, interface })
    }

    /// What the module is and offers.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.interface
    }
}

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

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
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

    /// Whether the allocator is of a kind that takes the end of memory for its own.
    pub(crate) fn is_assembly_script(&self) -> bool {
        self.service.contains_key("__new")
            || self.service.contains_key("__pin")
            || self.imports.iter().any(Import::is_abort)
    }
}

fn is_model_export(name: &str) -> bool {
    matches!(name, export::INFER | export::STEP | export::IMAGE | export::IMAGE_STEP)
}
