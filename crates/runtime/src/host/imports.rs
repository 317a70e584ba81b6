//! The table of what can be imported, and what is refused at load.

use std::collections::BTreeSet;

use abi::host;

use super::permission::Permission;
use crate::load_error::LoadError;
use crate::module::{Import, Interface};
use crate::{Convention, ScalarType, Signature};

/// The module of WASI preview 1.
pub(super) const WASI: &str = "wasi_snapshot_preview1";

/// One function that core modules can import.
struct HostFunction {
    module: &'static str,
    name: &'static str,
    permission: Permission,
    params: &'static [ScalarType],
    results: &'static [ScalarType],
    /// Whether it reads or writes the memory of its caller.
    memory: Memory,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    Used,
    Unused,
}

const I: ScalarType = ScalarType::I32;
const L: ScalarType = ScalarType::I64;

const fn own(
    name: &'static str,
    permission: Permission,
    params: &'static [ScalarType],
    results: &'static [ScalarType],
) -> HostFunction {
    let memory = if params.is_empty() { Memory::Unused } else { Memory::Used };
    HostFunction { module: host::MODULE, name, permission, params, results, memory }
}

const fn wasi(name: &'static str, permission: Permission, params: &'static [ScalarType]) -> HostFunction {
    HostFunction { module: WASI, name, permission, params, results: &[I], memory: Memory::Used }
}

const FUNCTIONS: [HostFunction; 17] = [
    own(host::LOG, Permission::Log, &[I, I, I], &[]),
    own(host::CLOCK_WALL, Permission::Clock, &[], &[L]),
    own(host::CLOCK_MONOTONIC, Permission::Clock, &[], &[L]),
    own(host::KV_GET, Permission::Kv, &[I, I, I, I], &[I]),
    own(host::KV_SET, Permission::Kv, &[I, I, I, I], &[I]),
    own(host::KV_DELETE, Permission::Kv, &[I, I], &[I]),
    own(host::KV_NEXT_KEY, Permission::Kv, &[I, I, I, I], &[I]),
    own(host::CONFIG_GET, Permission::Config, &[I, I, I, I], &[I]),
    own(host::RANDOM_FILL, Permission::Random, &[I, I], &[I]),
    wasi("args_get", Permission::WasiArgsGet, &[I, I]),
    wasi("args_sizes_get", Permission::WasiArgsSizesGet, &[I, I]),
    wasi("clock_time_get", Permission::WasiClockTimeGet, &[I, L, I]),
    wasi("environ_get", Permission::WasiEnvironGet, &[I, I]),
    wasi("environ_sizes_get", Permission::WasiEnvironSizesGet, &[I, I]),
    wasi("fd_write", Permission::WasiFdWrite, &[I, I, I, I]),
    HostFunction {
        module: WASI,
        name: "proc_exit",
        permission: Permission::WasiProcExit,
        params: &[I],
        results: &[],
        memory: Memory::Unused,
    },
    wasi("random_get", Permission::WasiRandomGet, &[I, I]),
];

/// The interfaces that components can import.
pub(super) mod interface {
    pub(crate) const LOG: &str = "wasmtube:host/log@1.0.0";
    pub(crate) const CLOCK: &str = "wasmtube:host/clock@1.0.0";
    pub(crate) const KV: &str = "wasmtube:host/kv@1.0.0";
    pub(crate) const CONFIG: &str = "wasmtube:host/config@1.0.0";
    pub(crate) const RANDOM: &str = "wasmtube:host/random@1.0.0";
}

const INTERFACES: [(&str, Permission); 5] = [
    (interface::LOG, Permission::Log),
    (interface::CLOCK, Permission::Clock),
    (interface::KV, Permission::Kv),
    (interface::CONFIG, Permission::Config),
    (interface::RANDOM, Permission::Random),
];

impl Import {
    fn host_function(&self) -> Option<&'static HostFunction> {
        FUNCTIONS.iter().find(|function| function.module == self.module && function.name == self.name)
    }
}

impl Interface {
    /// What a slot has to allow for this file.
    #[must_use]
    pub fn permissions(&self) -> BTreeSet<Permission> {
        let permission = |import: &Import| match self.convention {
            Convention::Component => {
                INTERFACES.iter().find(|(name, _)| *name == import.module).map(|(_, permission)| *permission)
            }
            _ => import.host_function().map(|function| function.permission),
        };
        self.imports.iter().filter_map(permission).collect()
    }

    /// Holds what the file wants of the host against what there is and what is allowed.
    ///
    /// # Errors
    /// [`LoadError::Imports`] where the host has no such thing, [`LoadError::ImportType`], [`LoadError::NotAllowed`].
    pub fn check_imports(&self, allow: &BTreeSet<Permission>) -> Result<(), LoadError> {
        let is_component = self.convention == Convention::Component;
        let is_known = |import: &&Import| match is_component {
            true => INTERFACES.iter().any(|(name, _)| *name == import.module),
            false => import.is_abort() || import.host_function().is_some(),
        };
        let unknown: Vec<String> =
            self.imports.iter().filter(|import| !is_known(import)).map(Import::to_string).collect();
        if !unknown.is_empty() {
            return Err(LoadError::Imports { imports: unknown });
        }
        if !is_component {
            self.check_types()?;
        }
        let missing: BTreeSet<Permission> = self.permissions().difference(allow).copied().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let needs = |import: &&Import| match is_component {
            true => INTERFACES.iter().any(|(name, needed)| *name == import.module && missing.contains(needed)),
            false => import.host_function().is_some_and(|function| missing.contains(&function.permission)),
        };
        let imports = self.imports.iter().filter(needs).map(Import::to_string).collect();
        Err(LoadError::NotAllowed { imports, missing, allowed: allow.clone() })
    }

    fn check_types(&self) -> Result<(), LoadError> {
        let has_memory = self.memory.as_ref().is_some_and(|memory| memory.name == abi::export::MEMORY);
        for import in &self.imports {
            let Some(function) = import.host_function() else { continue };
            let wanted = Signature { params: function.params.into(), results: function.results.into() };
            let refused = |problem| LoadError::ImportType { import: import.to_string(), problem };
            match &import.signature {
                None => return Err(refused(format!("as something else than a function {wanted}"))),
                Some(found) if *found != wanted => {
                    return Err(refused(format!("with the type {found}, the host's has {wanted}")));
                }
                Some(_) => {}
            }
            if function.memory == Memory::Used && !has_memory {
                return Err(refused("but exports no memory of the name `memory` for it".into()));
            }
        }
        Ok(())
    }
}
