//! Whether `call` can load a file that is whole, decided without compiling it.

use std::collections::BTreeSet;

use runtime::{Interface, Limits, LoadError, Permission};

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

/// Holds a file against what a slot allows and against limits.
///
/// # Errors
/// [`NotLoadable`].
pub(crate) fn check(
    interface: &Interface,
    file: &WasmFile,
    limits: &Limits,
    allow: &BTreeSet<Permission>,
) -> Result<(), NotLoadable> {
    interface.check_imports(allow)?;
    interface.check_size(limits)?;
    let bytes = file.start_memory_bytes;
    if bytes > limits.memory_bytes {
        return Err(NotLoadable::Memory { bytes, limit: limits.memory_bytes });
    }
    Ok(())
}

/// Everything that a slot may allow: for files whose slot is not known.
pub(crate) fn whatever_a_slot_may_allow() -> BTreeSet<Permission> {
    Permission::ALL.into()
}
