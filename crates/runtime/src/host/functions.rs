//! Puts the functions that a core module imports into its linker.

use abi::host;
use wasmtime::Linker;

use super::imports::WASI;
use super::{clock, config, kv, log, random, wasi};
use crate::instance::Host;
use crate::module::Import;

/// Defines what is imported; what may be was decided before.
pub(crate) fn define(linker: &mut Linker<Host>, imports: &[Import]) -> wasmtime::Result<()> {
    for Import { module, name, .. } in imports {
        let (module, name) = (module.as_str(), name.as_str());
        match (module, name) {
            (host::MODULE, host::LOG) => linker.func_wrap(module, name, log::log)?,
            (host::MODULE, host::CLOCK_WALL) => linker.func_wrap(module, name, clock::clock_wall)?,
            (host::MODULE, host::CLOCK_MONOTONIC) => linker.func_wrap(module, name, clock::clock_monotonic)?,
            (host::MODULE, host::KV_GET) => linker.func_wrap(module, name, kv::kv_get)?,
            (host::MODULE, host::KV_SET) => linker.func_wrap(module, name, kv::kv_set)?,
            (host::MODULE, host::KV_DELETE) => linker.func_wrap(module, name, kv::kv_delete)?,
            (host::MODULE, host::KV_NEXT_KEY) => linker.func_wrap(module, name, kv::kv_next_key)?,
            (host::MODULE, host::CONFIG_GET) => linker.func_wrap(module, name, config::config_get)?,
            (host::MODULE, host::RANDOM_FILL) => linker.func_wrap(module, name, random::random_fill)?,
            (WASI, "args_get" | "environ_get") => linker.func_wrap(module, name, wasi::nothing_get)?,
            (WASI, "args_sizes_get" | "environ_sizes_get") => linker.func_wrap(module, name, wasi::sizes_get)?,
            (WASI, "clock_time_get") => linker.func_wrap(module, name, wasi::clock_time_get)?,
            (WASI, "fd_write") => linker.func_wrap(module, name, wasi::fd_write)?,
            (WASI, "proc_exit") => linker.func_wrap(module, name, wasi::proc_exit)?,
            (WASI, "random_get") => linker.func_wrap(module, name, wasi::random_get)?,
            // `env.abort`, or what instantiation then names as missing.
            _ => continue,
        };
    }
    Ok(())
}
