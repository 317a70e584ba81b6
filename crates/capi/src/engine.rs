//! The engine with its watcher, which starts when a file is to be followed.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use runtime::{EngineOptions, LoadOptions, Watch, Watcher, WatcherOptions};

use crate::Error;

/// Compiles and runs Wasm; one for a process is enough.
#[derive(Debug)]
pub struct Engine {
    /// Held by every slot too, so that C may free engine and slots in any order.
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: runtime::Engine,
    watcher: Mutex<Option<Watcher>>,
}

impl Engine {
    pub(crate) fn new() -> Result<Self, Error> {
        let engine = runtime::Engine::new(EngineOptions::default())?;
        Ok(Self { shared: Arc::new(Shared { engine, watcher: Mutex::new(None) }) })
    }
}

impl Shared {
    /// Publishes in the slot what appears at the path, for as long as the answer is kept.
    pub(crate) fn follow(&self, slot: &runtime::Slot, path: &Path, load: LoadOptions) -> Result<Watch, Error> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        let started = match watcher.take() {
            Some(started) => started,
            None => Watcher::start(&self.engine, WatcherOptions::default())?,
        };
        Ok(watcher.insert(started).watch(slot, path, load)?)
    }
}
