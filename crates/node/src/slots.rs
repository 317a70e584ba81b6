//! The slots of a node.

mod history;
mod install;
mod interface;
mod kept;
mod node_slot;
mod trouble;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flow::{Follow, Functions, SlotSpec};
use runtime::files::{SystemDisk, sweep, sweep_folder};
use runtime::{Breaking, CacheStatus, Candidate, Engine, Slot, Watch, WatchError, Watcher};

use self::kept::Kept;
use self::node_slot::Surroundings;
use crate::body;
use crate::journal::{Entry, Journal, Level};
use crate::refusal::{Class, Refusal};

pub(crate) use node_slot::NodeSlot;

/// The slots of a node by name, each following its file.
#[derive(Debug)]
pub(crate) struct Slots {
    surroundings: Surroundings,
    watcher: Watcher,
    table: Mutex<BTreeMap<String, Followed>>,
}

#[derive(Debug)]
struct Followed {
    slot: Arc<NodeSlot>,
    /// Held to follow the file.
    _watch: Option<Watch>,
}

impl Slots {
    /// No slots yet.
    ///
    /// # Errors
    /// The folders for versions and histories cannot be made.
    pub(crate) fn open(engine: Engine, watcher: Watcher, data: &Path, journal: Arc<Journal>) -> io::Result<Self> {
        let histories = data.join("slots");
        fs::create_dir_all(&histories)?;
        sweep_folder(&SystemDisk, &histories)?;
        let kept = Arc::new(Kept::open(data.join("versions"))?);
        let surroundings = Surroundings { engine, kept, histories, journal };
        Ok(Self { surroundings, watcher, table: Mutex::default() })
    }

    /// Opens slots, in place of those of the same names: such a one goes on with the version that was live.
    ///
    /// # Errors
    /// A file cannot be followed.
    pub(crate) fn open_all<'a>(
        &self,
        specs: impl Iterator<Item = (&'a String, &'a SlotSpec)>,
    ) -> Result<(), WatchError> {
        // All of them first: the compiled code that one holds is not removed for what another has to compile.
        let slots: Vec<_> = specs
            .map(|(name, spec)| {
                let before = self.find(name);
                if before.is_none() {
                    self.sweep(name, &spec.file);
                }
                let slot = NodeSlot::new(name.clone(), spec.clone(), self.surroundings.clone(), before.as_deref());
                (name, spec, before, Arc::new(slot))
            })
            .collect();
        for (name, spec, before, slot) in slots {
            let before = before.and_then(|slot| slot.live());
            let starting = Arc::clone(&slot);
            let started = self.surroundings.engine.in_background(|| {
                if let Some(before) = before {
                    starting.inherit(&before);
                }
                starting.start();
            });
            if started.is_none() {
                let message = "internal error, please report it: opening the slot panicked";
                self.surroundings.journal.note(Entry::new(Level::Error, "failed", name, message));
            }
            let watch = match spec.follow {
                Follow::Changes => Some(self.watcher.follow(&spec.file, Arc::clone(&slot) as _)?),
                Follow::Never => None,
            };
            self.lock().insert(name.clone(), Followed { slot, _watch: watch });
        }
        Ok(())
    }

    /// Removes what writing the slot's file left beside it when the node was killed.
    fn sweep(&self, slot: &str, file: &Path) {
        if let Err(error) = sweep(&SystemDisk, file) {
            let message = format!("cannot tidy up beside {}: {error}", file.display());
            self.surroundings.journal.note(Entry::new(Level::Warning, "not-swept", slot, message));
        }
    }

    /// Closes slots.
    pub(crate) fn close_all(&self, names: &[String]) {
        self.lock().retain(|name, _| !names.contains(name));
    }

    pub(crate) fn get(&self, name: &str) -> Result<Arc<NodeSlot>, Refusal> {
        self.find(name)
            .ok_or_else(|| Refusal::missing("no_such_slot", "slot", name, "this node has", self.lock().keys()))
    }

    /// The live version of a slot.
    pub(crate) fn live(&self, name: &str) -> Result<Slot, Refusal> {
        let slot = self.get(name)?;
        slot.live().ok_or_else(|| {
            let file = slot.spec().file.display();
            let message = format!("slot `{name}` is vacant: put a file at {file} or push one");
            Refusal::new(Class::NotNow, "vacant", message)
        })
    }

    pub(crate) fn cache(&self) -> Option<body::Cache> {
        let CacheStatus { bytes, limit, entries, loaded, compiled, refused, problem, .. } =
            self.surroundings.engine.cache()?;
        Some(body::Cache { bytes, limit, entries: entries as u64, loaded, compiled, refused, problem })
    }

    pub(crate) fn bodies(&self) -> Vec<body::Slot> {
        let slots: Vec<Arc<NodeSlot>> = self.lock().values().map(|followed| Arc::clone(&followed.slot)).collect();
        slots.iter().map(|slot| slot.body()).collect()
    }

    pub(crate) fn push(&self, name: &str, bytes: Vec<u8>, breaking: Breaking) -> Result<body::Published, Refusal> {
        self.prepare(name, |slot| slot.push(Candidate::new(bytes), breaking))
    }

    pub(crate) fn roll_back(&self, name: &str, to: Option<&str>) -> Result<body::Published, Refusal> {
        self.prepare(name, |slot| slot.roll_back(to))
    }

    /// On a thread with a low priority, so that calls do not feel it.
    fn prepare(
        &self,
        name: &str,
        put: impl FnOnce(&NodeSlot) -> Result<body::Published, Refusal> + Send,
    ) -> Result<body::Published, Refusal> {
        let slot = self.get(name)?;
        self.surroundings.engine.in_background(|| put(&slot)).unwrap_or_else(|| {
            let message = "internal error, please report it: preparing the version panicked";
            Err(Refusal::new(Class::Internal, "internal", message))
        })
    }

    fn find(&self, name: &str) -> Option<Arc<NodeSlot>> {
        self.lock().get(name).map(|followed| Arc::clone(&followed.slot))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Followed>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Functions for Slots {
    fn slot(&self, name: &str) -> Option<Slot> {
        self.find(name)?.live()
    }
}
