//! What one instance sees of its slot.

use std::sync::Arc;
use std::time::{Duration, Instant};

use abi::Digest;

use super::kv::{KeyValue, KvError};
use super::log::{Line, LogLevel};
use super::{HostFunctions, Permission, config, wasi};
use crate::call_error::CallError;

/// What an instance is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve calls.
    Serve,
    /// To try its version out: what it keeps is thrown away, also where it serves later.
    Rehearse,
}

/// A failed host function, with what the caller of the Wasm function is told.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct HostFault(pub(crate) CallError);

/// What one instance sees of its slot.
pub(crate) struct Session {
    functions: HostFunctions,
    store: Arc<dyn KeyValue>,
    /// As it was when the call began.
    configuration: Arc<config::Entries>,
    digest: Digest,
    purpose: Purpose,
    /// Whether the instance still starts: then nothing is kept, as instances are started at any time.
    starting: bool,
    /// End of the running call.
    until: Option<Instant>,
    pub(super) streams: wasi::Streams,
}

impl Session {
    pub(crate) fn new(functions: &HostFunctions, digest: Digest, purpose: Purpose, deadline: Duration) -> Self {
        let shared = &functions.shared;
        let store = match purpose {
            Purpose::Rehearse if shared.allow.contains(&Permission::Kv) => shared.store.copy(),
            Purpose::Serve | Purpose::Rehearse => Arc::clone(&shared.store),
        };
        Self {
            store,
            configuration: shared.configuration.entries(),
            digest,
            purpose,
            starting: true,
            until: Instant::now().checked_add(deadline),
            streams: wasi::Streams::default(),
            functions: functions.clone(),
        }
    }

    /// Begins a call that may take `remaining`; the instance has started.
    pub(crate) fn begin(&mut self, remaining: Duration) {
        self.flush();
        self.starting = false;
        self.until = Instant::now().checked_add(remaining);
        self.configuration = self.functions.shared.configuration.entries();
    }

    /// Lets the instance serve that was started to be tried: it sees the store of the slot in place of its copy.
    pub(crate) fn promote(&mut self) {
        self.flush();
        self.store = Arc::clone(&self.functions.shared.store);
        self.purpose = Purpose::Serve;
    }

    /// Ends the Wasm function where its time is over. Code without a loop never looks at a clock, so this does.
    pub(super) fn check_deadline(&self) -> wasmtime::Result<()> {
        match self.until {
            Some(until) if Instant::now() >= until => Err(wasmtime::Trap::Interrupt.into()),
            _ => Ok(()),
        }
    }

    /// The configuration as it was when the call began.
    pub(super) fn configuration(&self) -> Arc<config::Entries> {
        Arc::clone(&self.configuration)
    }

    pub(super) fn store(&self) -> &dyn KeyValue {
        &*self.store
    }

    /// The store, where something may be kept.
    pub(super) fn writable(&self) -> Result<&dyn KeyValue, KvError> {
        if self.starting { Err(KvError::Unavailable) } else { Ok(&*self.store) }
    }

    pub(super) fn log(&self, level: LogLevel, text: &[u8]) {
        let shared = &self.functions.shared;
        let rehearsal = self.purpose == Purpose::Rehearse;
        shared.log.write(&Line { slot: &shared.slot, digest: self.digest, level, rehearsal }, text, Instant::now());
    }

    /// Logs what was written without the end of its line.
    fn flush(&mut self) {
        for (level, text) in self.streams.take_rest() {
            self.log(level, &text);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.flush();
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("functions", &self.functions)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}
