//! What functions may ask of the host: one set for all conventions, and nothing beside it.
//!
//! A file asks for it by its imports, the slot allows it by name, and what is not allowed is refused when the file is
//! loaded ([`crate::Interface::check_imports`]). Every function here is bounded and none waits for anything, so that a
//! deadline holds; each looks at the clock before it begins. A pointer out of range is a trap with a type of its own.
//!
//! Each instance has a [`Session`]: what it sees of the slot while it is called. One that only tries a version out
//! ([`Purpose::Rehearse`]) works on a copy of the store that is thrown away with it.

mod clock;
mod component;
mod config;
mod functions;
mod imports;
mod kv;
mod log;
mod memory;
mod permission;
mod random;
mod session;
mod wasi;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use config::{Configuration, ConfigurationError};
pub use kv::{KeyValue, KvError, KvLimits, MemoryStore};
pub use log::{LogLevel, LogLine, LogSink, ProcessLog};
pub use permission::{ParsePermissionError, Permission};

pub(crate) use component::define as define_in_components;
pub(crate) use functions::define;
pub(crate) use permission::list;
pub(crate) use random::random_bytes;
pub(crate) use session::{HostFault, Purpose, Session};

/// What the functions of one slot may ask of the host, and what lies behind it: the values that they keep, their
/// configuration, their log. Clones are the same; every version of a slot is loaded with the same one, so that what is
/// kept survives swaps.
#[derive(Clone)]
pub struct HostFunctions {
    shared: Arc<Shared>,
}

struct Shared {
    slot: String,
    allow: BTreeSet<Permission>,
    store: Arc<dyn KeyValue>,
    configuration: Configuration,
    log: log::Log,
}

impl HostFunctions {
    /// Nothing is allowed.
    #[must_use]
    pub fn none() -> Self {
        Self::new("", BTreeSet::new())
    }

    /// What is allowed in a slot of this name, with an empty store in memory, an empty configuration, and the log of the
    /// process.
    #[must_use]
    pub fn new(slot: impl Into<String>, allow: BTreeSet<Permission>) -> Self {
        Self::over(slot, allow, Arc::new(MemoryStore::new(KvLimits::default())), Arc::new(log::ProcessLog))
    }

    /// As [`Self::new`], with a store and a log of the application.
    #[must_use]
    pub fn over(
        slot: impl Into<String>,
        allow: BTreeSet<Permission>,
        store: Arc<dyn KeyValue>,
        log: Arc<dyn LogSink>,
    ) -> Self {
        let (configuration, log) = (Configuration::default(), log::Log::new(log));
        Self { shared: Arc::new(Shared { slot: slot.into(), allow, store, configuration, log }) }
    }

    /// What is allowed.
    #[must_use]
    pub fn allowed(&self) -> &BTreeSet<Permission> {
        &self.shared.allow
    }

    /// What functions read as their configuration. A change is seen by every call that begins after it.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.shared.configuration
    }

    /// What functions keep.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn KeyValue> {
        &self.shared.store
    }
}

impl PartialEq for HostFunctions {
    /// Whether both are the same one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for HostFunctions {}

impl fmt::Debug for HostFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { slot, allow, .. } = &*self.shared;
        f.debug_struct("HostFunctions").field("slot", slot).field("allow", allow).finish_non_exhaustive()
    }
}
