//! A slot with what C needs to keep it: the engine, the options of its versions, the events that wait.

mod event;

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::{CallError, Lease, SlotEvent, Version, Watch, files};

use crate::engine::{Engine, Shared};
use crate::options::Settings;
use crate::{Error, ErrorKind, describe};

/// Events that wait to be read; what follows is dropped.
const EVENTS_MAX: usize = 256;

/// A named place with exactly one live version.
#[derive(Debug)]
pub struct Slot {
    slot: runtime::Slot,
    shared: Arc<Shared>,
    settings: Settings,
    events: Mutex<Receiver<SlotEvent>>,
    /// Of a slot that follows a file.
    watch: Option<Watch>,
}

impl Slot {
    pub(crate) fn from_bytes(engine: &Engine, name: &str, wasm: &[u8], settings: Settings) -> Result<Self, Error> {
        let version = Version::load(&engine.shared.engine, wasm.to_vec(), settings.load.clone())?;
        Self::over(engine, name, version, settings)
    }

    pub(crate) fn from_file(engine: &Engine, name: &str, path: &Path, settings: Settings) -> Result<Self, Error> {
        let version = files::load(&engine.shared.engine, path, settings.load.clone())?;
        Self::over(engine, name, version, settings)
    }

    /// As [`Self::from_file`], and publishes what appears there from then on.
    pub(crate) fn following(engine: &Engine, name: &str, path: &Path, settings: Settings) -> Result<Self, Error> {
        let mut slot = Self::from_file(engine, name, path, settings)?;
        slot.watch = Some(engine.shared.follow(&slot.slot, path, slot.settings.load.clone())?);
        Ok(slot)
    }

    fn over(engine: &Engine, name: &str, version: Version, settings: Settings) -> Result<Self, Error> {
        let slot = runtime::Slot::new(name, version, settings.policy.clone())?;
        let events = Mutex::new(slot.subscribe(EVENTS_MAX));
        Ok(Self { slot, shared: Arc::clone(&engine.shared), settings, events, watch: None })
    }

    pub(crate) fn publish_bytes(&self, wasm: &[u8]) -> Result<(), Error> {
        self.check_not_following()?;
        let version = Version::load(&self.shared.engine, wasm.to_vec(), self.settings.load.clone())?;
        self.slot.publish(version)?;
        Ok(())
    }

    pub(crate) fn publish_file(&self, path: &Path) -> Result<(), Error> {
        self.check_not_following()?;
        let version = files::load(&self.shared.engine, path, self.settings.load.clone())?;
        self.slot.publish(version)?;
        Ok(())
    }

    /// Two who publish would overwrite each other.
    fn check_not_following(&self) -> Result<(), Error> {
        let Some(watch) = &self.watch else { return Ok(()) };
        let path = watch.path().display();
        let message = format!("the slot follows {path}: replace that file, or open the slot without watching it");
        Err(Error::new(ErrorKind::Misuse, "follows_a_file", &message))
    }

    /// The right to one call, for the key where there is one.
    pub(crate) fn lease(&self, key: Option<&str>) -> Result<Lease, CallError> {
        let lease = self.slot.acquire();
        Ok(match key {
            Some(key) => lease.with_key(key)?,
            None => lease,
        })
    }

    pub(crate) fn describe(&self) -> String {
        describe::json(self.slot.acquire().version().interface())
    }

    pub(crate) fn digest(&self) -> String {
        self.slot.digest().to_string()
    }

    /// The next event as JSON, if there is one in time.
    pub(crate) fn next_event(&self, timeout: Duration) -> Option<String> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.recv_timeout(timeout).ok().map(|event| event::json(&event))
    }
}
