use abi::{Digest, Manifest, Seal};
use runtime::{Limits, LoadError, Module};
use serde::Serialize;

use crate::loadable;
use crate::wasm_file::{self, WasmFile};

/// Everything that is known of a file.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    pub(super) bytes: usize,
    pub(super) digest: Digest,
    pub(super) head: Head,
    /// Why no host can use the file as it is.
    pub(super) problem: Option<String>,
    pub(super) convention: Option<String>,
    /// Functions that `call --convention classic` can call in a file of another convention.
    pub(super) classic: Vec<String>,
    pub(super) functions: Vec<Function>,
    pub(super) manifest: Option<Manifest>,
    /// What a slot has to allow, so that it can be loaded.
    pub(super) allow: Vec<&'static str>,
    /// Why functions of the classic convention get no argument until somebody chooses a window, if they do not.
    pub(super) window_wanted: Option<&'static str>,
    /// What the module holds, if it is valid.
    pub(super) module: Option<WasmFile>,
}

/// Whether the head section holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum Head {
    /// It does: every byte of the file is as it was written.
    Sealed,
    /// There is none, and none is announced.
    Unsealed,
    /// There is none, but the module was made with one.
    Stripped,
    /// The file claims to be sealed and is not what it claims to be, or it is no Wasm file.
    Broken { reason: String },
}

/// A function that can be called.
#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) call: String,
    pub(super) about: String,
}

impl Report {
    pub(super) fn of(file: String, bytes: Vec<u8>) -> Self {
        let (length, digest) = (bytes.len(), Digest::of(&bytes));
        let seal = abi::read_seal(&bytes);
        let module = wasm_file::read(&bytes);
        let read = Module::read(bytes);
        let stripped = matches!(read, Err(LoadError::Stripped));
        let (head, manifest) = match seal {
            Ok(Seal::Sealed(head)) => (Head::Sealed, Some(head.manifest)),
            Ok(Seal::Unsealed) if stripped => (Head::Stripped, None),
            Ok(Seal::Unsealed) => (Head::Unsealed, None),
            Err(reason) => (Head::Broken { reason: reason.to_string() }, None),
        };
        let interface = read.as_ref().ok().map(Module::interface);
        let convention = interface.map(|interface| interface.convention.to_string());
        let classic = interface.map(classic_beside).unwrap_or_default();
        let functions = interface.map(|interface| functions(interface, manifest.as_ref())).unwrap_or_default();
        let problem = match (&read, &module) {
            (Err(problem), _) => Some(runtime::one_line(problem)),
            (Ok(read), Ok(module)) => {
                loadable::check(read.interface(), module, &Limits::default(), &loadable::whatever_a_slot_may_allow())
                    .err()
                    .map(|problem| runtime::one_line(&problem))
            }
            (Ok(_), Err(problem)) => Some(runtime::one_line(problem)),
        };
        let permissions = interface.map(runtime::Interface::permissions).unwrap_or_default();
        let allow = permissions.into_iter().map(runtime::Permission::name).collect();
        let window_wanted = interface.and_then(window_wanted);
        let module = module.ok();
        Self {
            file,
            bytes: length,
            digest,
            head,
            problem,
            convention,
            classic,
            functions,
            manifest,
            allow,
            window_wanted,
            module,
        }
    }
}

fn window_wanted(interface: &runtime::Interface) -> Option<&'static str> {
    let is_chosen = interface.manifest.as_ref().is_some_and(|manifest| manifest.window.is_some());
    let is_classic = interface.classic_functions().next().is_some();
    if is_chosen || !is_classic { None } else { interface.end_window_problem() }
}

fn classic_beside(interface: &runtime::Interface) -> Vec<String> {
    let classic = interface.classic_functions().map(|function| function.name);
    classic.filter(|name| interface.function(name).is_none()).map(str::to_owned).collect()
}

fn functions(interface: &runtime::Interface, manifest: Option<&Manifest>) -> Vec<Function> {
    let undeclared = interface.functions().iter().filter(|function| function.declared.is_none());
    let undeclared =
        undeclared.map(|function| Function { name: function.name.clone(), call: form(function), about: String::new() });
    let declared = manifest.into_iter().flat_map(|manifest| &manifest.functions);
    let declared =
        declared.map(|(name, decl)| Function { name: name.clone(), call: decl.to_string(), about: decl.about.clone() });
    declared.chain(undeclared).collect()
}

/// How a function without declaration is called.
fn form(function: &runtime::Function) -> String {
    let signature = &function.signature;
    match function.form {
        runtime::Form::ClassicData => format!("(json) -> (json), or {signature}"),
        runtime::Form::ClassicPicture => format!("(image) -> (json), or {signature}"),
        runtime::Form::Component => function.wit.as_ref().map(ToString::to_string).unwrap_or_default(),
        runtime::Form::Data => "(json) -> (json)".into(),
        runtime::Form::Picture => "(image) -> (json)".into(),
        runtime::Form::Tensors | runtime::Form::Scalars => signature.to_string(),
    }
}
