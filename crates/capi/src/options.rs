//! How a slot runs its versions, as C says it.

use std::collections::BTreeSet;
use std::ffi::c_char;
use std::num::NonZeroUsize;
use std::str::FromStr as _;
use std::time::Duration;

use runtime::{HostFunctions, Limits, LoadOptions, Permission, SlotPolicy, Window};

use crate::{Error, ErrorKind};

/// Longest deadline in milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// For each of them there is a place in memory.
const INSTANCES_MAX: usize = 1024;
const KEYS_MAX: usize = 65_536;

/// Limits and policy of a slot. Start from `wasmtube_options_default`, which sets `size`; a field that is 0 or NULL means
/// what stands at it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// `sizeof(wasmtube_options)`, by which the library knows the header that the program was built with.
    pub size: usize,
    /// Longest time for one call, in milliseconds, at most a day. 0: 5000.
    pub deadline_ms: u64,
    /// Largest memory of one instance, in bytes. 0: 1 GiB.
    pub memory_bytes: u64,
    /// Largest argument that is no picture, in bytes. 0: 64 MiB.
    pub argument_bytes: usize,
    /// Largest picture, in bytes of RGB. 0: 2^27 pixels.
    pub picture_bytes: usize,
    /// Largest result, in bytes. 0: 16 MiB.
    pub result_bytes: usize,
    /// Most calls at once, where the functions keep no state or one for each key, at most 1024. 0: as many as the machine
    /// runs threads.
    pub instances: usize,
    /// Most keys whose state is kept, each in an instance of its own, where the functions keep their state by key; one more
    /// takes the place of the key that was idle for the longest. At most 65,536. 0: 64.
    pub keys: usize,
    /// Most calls that wait for an instance; one more is refused at once. 0: 256.
    pub queue: usize,
    /// Whether a version may lack or change functions of the one before: 0 or 1.
    pub allow_breaking: u32,
    /// What functions may ask of the host, names separated by commas: `kv,clock`. NULL: nothing. What is kept is kept in
    /// memory, the configuration is empty, and what functions log goes nowhere.
    pub allow: *const c_char,
    /// Where in their memory functions of the classic convention get their arguments: `end`, an address such as `42`, or
    /// `alloc:NAME`, an export that allocates. NULL: what the file says, else `end`, which modules of AssemblyScript refuse.
    pub window: *const c_char,
}

/// What the options mean to the runtime.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) load: LoadOptions,
    pub(crate) policy: SlotPolicy,
}

impl Options {
    pub(crate) const DEFAULT: Self = Self {
        size: size_of::<Self>(),
        deadline_ms: 0,
        memory_bytes: 0,
        argument_bytes: 0,
        picture_bytes: 0,
        result_bytes: 0,
        instances: 0,
        keys: 0,
        queue: 0,
        allow_breaking: 0,
        allow: std::ptr::null(),
        window: std::ptr::null(),
    };

    /// For a slot of this name, where functions may ask for what `allow` names, with the arguments at `window`.
    pub(crate) fn settings(&self, slot: &str, allow: &str, window: Option<&str>) -> Result<Settings, Error> {
        let wrong = |message: String| Error::new(ErrorKind::Misuse, "wrong_options", &message);
        let or = |given: usize, default: usize| if given == 0 { default } else { given };
        if self.deadline_ms > DAY_MS {
            return Err(wrong(format!("`deadline_ms` is {}, at most {DAY_MS} is possible", self.deadline_ms)));
        }
        for (name, given, most) in [("instances", self.instances, INSTANCES_MAX), ("keys", self.keys, KEYS_MAX)] {
            if given > most {
                return Err(wrong(format!("`{name}` is {given}, at most {most} is possible")));
            }
        }
        let limits = Limits::default();
        let limits = Limits {
            deadline: if self.deadline_ms == 0 { limits.deadline } else { Duration::from_millis(self.deadline_ms) },
            memory_bytes: if self.memory_bytes == 0 { limits.memory_bytes } else { self.memory_bytes },
            argument_bytes: or(self.argument_bytes, limits.argument_bytes),
            picture_bytes: or(self.picture_bytes, limits.picture_bytes),
            result_bytes: or(self.result_bytes, limits.result_bytes),
            instances: NonZeroUsize::new(self.instances).unwrap_or(limits.instances),
            keys: NonZeroUsize::new(self.keys).unwrap_or(limits.keys),
            queue: or(self.queue, limits.queue),
            ..limits
        };
        let allow_breaking = match self.allow_breaking {
            0 => false,
            1 => true,
            other => return Err(wrong(format!("`allow_breaking` is 0 or 1, not {other}"))),
        };
        let names = allow.split(',').map(str::trim).filter(|name| !name.is_empty());
        let allowed: Result<BTreeSet<_>, _> = names.map(Permission::from_str).collect();
        let allowed = allowed.map_err(|error| wrong(format!("`allow`: {}", runtime::one_line(&error))))?;
        let window = window.map(Window::from_str).transpose();
        let window = window.map_err(|error| wrong(format!("`window`: {error}")))?;
        let load = LoadOptions { limits, window, host: HostFunctions::new(slot, allowed), ..LoadOptions::default() };
        Ok(Settings { load, policy: SlotPolicy { allow_breaking, ..SlotPolicy::default() } })
    }
}
