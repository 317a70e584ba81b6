use std::collections::BTreeSet;

use crate::Permission;
use crate::host::list;
use crate::shown;

/// Why a file cannot be loaded as a module.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is not what it claims to be, or not Wasm at all.
    #[error("the file is refused")]
    Seal(#[from] abi::SealError),
    /// A function of a component has a type whose values cannot cross.
    #[error(
        "the function `{function}` of the component cannot be called: {what}, which has no form outside; use numbers, strings, lists, records and other plain values"
    )]
    WitType {
        /// Name of the function.
        function: String,
        /// What is wrong with its type.
        what: String,
    },
    /// A component inside the file takes others or hands them out, so that nothing limits how many there will be.
    #[error(
        "a component inside the file takes or hands out components, which is not supported: link them when they are built"
    )]
    PassedComponent,
    /// The file breaks the rules of WebAssembly or needs a feature that is not supported.
    #[error("the file is not a valid Wasm module: {reason} (at byte {offset})")]
    Invalid {
        /// What the validator says.
        reason: String,
        /// Position in the file.
        offset: u64,
    },
    /// Nothing can be called.
    #[error("the module exports no function that can be called: was it cut, or are its functions not exported?")]
    NoFunctions,
    /// The marker of the core ABI is there, the head section is not.
    #[error(
        "the module exports `wasmtube_abi_v1` but has no head section, so another tool stripped or never wrote it: run `wasmtube pack`"
    )]
    Stripped,
    /// The module wants something from the host.
    #[error("the module imports {}, which this host does not have: build it without them; docs/host-functions.md lists what there is", shown::names(.imports))]
    Imports {
        /// Module and name of each refused import, `module.name`.
        imports: Vec<String>,
    },
    /// The module wants something that its slot does not allow.
    #[error(
        "the module imports {}, but the slot allows {}: {}",
        shown::names(.imports), list(.allowed), how_to_allow(.missing)
    )]
    NotAllowed {
        /// Module and name of each refused import, `module.name`.
        imports: Vec<String>,
        /// What would have to be allowed.
        missing: BTreeSet<Permission>,
        /// What the slot allows.
        allowed: BTreeSet<Permission>,
    },
    /// The module imports a function of the host as something that it is not.
    #[error("the module imports {import} {problem}: build it with the declarations that come with this host")]
    ImportType {
        /// Module and name of the import, `module.name`.
        import: String,
        /// What does not fit.
        problem: String,
    },
    /// Manifest and module contradict each other.
    #[error("the manifest says {said}, but {found}: pack the file again with a manifest that fits")]
    Contradiction {
        /// What the manifest or the marker promises.
        said: String,
        /// What the module holds.
        found: String,
    },
    /// The manifest declares a kind whose values cannot cross.
    #[error("the manifest declares `{function}` with a kind that cannot cross: pack the file again with another one")]
    Kind {
        /// Name of the function.
        function: String,
        /// What is wrong with the kind.
        #[source]
        source: abi::KindError,
    },
    /// The code is larger than the limit.
    #[error("the code has {bytes} bytes, the limit is {limit}: raise the limit `code_bytes` or build a smaller module")]
    CodeTooLarge {
        /// Size of the code section in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Few bytes of code are more work than the limit allows.
    #[error(
        "the code of {bytes} bytes would take the compiler as long as {cost} bytes of ordinary code, the limit is {limit}: raise the limit `code_bytes` or build a simpler module"
    )]
    CodeTooCostly {
        /// Size of the code section in bytes.
        bytes: usize,
        /// What it costs, in bytes of ordinary code.
        cost: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// One function is more work than any tool chain makes it.
    #[error(
        "function {function} has {found} {what}, the limit is {limit}: build it with optimization, or split the function"
    )]
    TooComplex {
        /// Number of the function, imports counted.
        function: usize,
        /// What there is too much of.
        what: &'static str,
        /// How much.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The module has more of something than is reasonable.
    #[error("the module has {found} {what}, the limit is {limit}: build a smaller module")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The tables are larger than the limit at start.
    #[error(
        "the module starts with {elements} elements in its tables, the limit is {limit}: raise the limit `table_elements` or build a smaller module"
    )]
    TablesTooLarge {
        /// Elements of all tables.
        elements: u64,
        /// The limit.
        limit: u64,
    },
    /// Stepped mode was asked for something that has no steps.
    #[error(
        "only compiled models can run in stepped mode, this file is of convention `{convention}`: use guarded mode"
    )]
    SteppedNeedsModel {
        /// The convention of the file.
        convention: crate::Convention,
    },
    /// The engine refuses a valid module.
    #[error("the module cannot be compiled: {reason}")]
    Compile {
        /// What the compiler says.
        reason: String,
    },
}

fn how_to_allow(missing: &BTreeSet<Permission>) -> String {
    let names = |quote: &str, comma: &str| {
        let names: Vec<String> = missing.iter().map(|name| format!("{quote}{name}{quote}")).collect();
        names.join(comma)
    };
    format!(
        "if that is meant, add {} to `allow` of the slot, or call with `--allow {}`",
        names("\"", ", "),
        names("", ",")
    )
}
