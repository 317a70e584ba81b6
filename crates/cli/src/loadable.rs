//! Whether `call` can load a file that is whole, decided without compiling it.

use abi::State;
use runtime::{Import, Interface, Limits, LoadError, ScalarType};

use crate::render::units;
use crate::wasm_file::WasmFile;

/// Why a file that is whole cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotLoadable {
    #[error(transparent)]
    Refused(#[from] LoadError),
    #[error(
        "the module starts with {} of memory, the usual limit is {}: build it with a smaller memory, or raise \
         `memory` of its slot in the configuration of a node",
        units::bytes(*bytes),
        units::bytes(*limit)
    )]
    Memory { bytes: u64, limit: u64 },
}

/// Holds a file against what a host provides and against limits.
///
/// # Errors
/// [`NotLoadable`].
pub(crate) fn check(interface: &Interface, file: &WasmFile, limits: &Limits) -> Result<(), NotLoadable> {
    let imports: Vec<String> =
        interface.imports.iter().filter(|import| !is_provided(import)).map(Import::to_string).collect();
    if !imports.is_empty() {
        return Err(LoadError::Imports { imports }.into());
    }
    if interface.manifest.as_ref().is_some_and(|manifest| manifest.state == State::Keyed) {
        return Err(LoadError::Keyed.into());
    }
    interface.check_size(limits)?;
    let bytes = file.start_memory_bytes;
    if bytes > limits.memory_bytes {
        return Err(NotLoadable::Memory { bytes, limit: limits.memory_bytes });
    }
    Ok(())
}

/// Nothing is but AssemblyScript's `env.abort(message, file, line, column)`.
fn is_provided(import: &Import) -> bool {
    let takes_four_integers = import
        .signature
        .as_ref()
        .is_some_and(|signature| signature.params == [ScalarType::I32; 4] && signature.results.is_empty());
    import.module == "env" && import.name == "abort" && takes_four_integers
}
