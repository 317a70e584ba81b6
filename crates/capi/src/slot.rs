//! A slot with what C needs to keep it: the engine, the options of its versions, the events that wait.

mod event;

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::{CallError, Candidate, Deploy, DeployError, Lease, OpenError, SlotEvent, SlotOptions, Watch, files};

use crate::engine::{Engine, Shared};
use crate::options::Settings;
use crate::{Error, ErrorKind, describe};

/// Events that wait to be read; what follows is dropped.
const EVENTS_MAX: usize = 256;

/// A named place with exactly one live version.
#[derive(Debug)]
pub struct Slot {
    slot: runtime::Slot,
    /// The watcher too, so that the engine may be freed first.
    _shared: Arc<Shared>,
    settings: Settings,
    events: Mutex<Receiver<SlotEvent>>,
    /// Of a slot that follows a file.
    watch: Option<Watch>,
}

impl Slot {
    pub(crate) fn from_bytes(engine: &Engine, name: &str, wasm: &[u8], settings: Settings) -> Result<Self, Error> {
        Ok(Self::over(engine, name, wasm.to_vec(), settings)?)
    }

    pub(crate) fn from_file(engine: &Engine, name: &str, path: &Path, settings: Settings) -> Result<Self, Error> {
        Self::over(engine, name, files::read(path)?, settings).map_err(|error| of_file(path, error))
    }

    /// As [`Self::from_file`], and publishes what appears there from then on.
    pub(crate) fn following(engine: &Engine, name: &str, path: &Path, settings: Settings) -> Result<Self, Error> {
        let mut slot = Self::from_file(engine, name, path, settings)?;
        slot.watch = Some(engine.shared.follow(&slot.slot, path, slot.settings.load.clone())?);
        Ok(slot)
    }

    fn over(engine: &Engine, name: &str, wasm: Vec<u8>, settings: Settings) -> Result<Self, DeployError> {
        let options = SlotOptions { policy: settings.policy.clone(), ..SlotOptions::default() };
        let (first, how) = (Candidate::new(wasm), Deploy::at_once(settings.load.clone()));
        let slot = runtime::Slot::open(&engine.shared.engine, name, first, options, how)?;
        let events = Mutex::new(slot.subscribe(EVENTS_MAX));
        Ok(Self { slot, _shared: Arc::clone(&engine.shared), settings, events, watch: None })
    }

    pub(crate) fn publish_bytes(&self, wasm: &[u8]) -> Result<(), Error> {
        self.check_not_following()?;
        Ok(self.deploy(wasm.to_vec())?)
    }

    pub(crate) fn publish_file(&self, path: &Path) -> Result<(), Error> {
        self.check_not_following()?;
        self.deploy(files::read(path)?).map_err(|error| of_file(path, error))
    }

    fn deploy(&self, wasm: Vec<u8>) -> Result<(), DeployError> {
        self.slot.deploy(Candidate::new(wasm), Deploy::at_once(self.settings.load.clone())).map(drop)
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

/// What cannot be loaded is said with its path.
fn of_file(path: &Path, error: DeployError) -> Error {
    match error {
        DeployError::Load(source) => OpenError::Load { path: path.into(), source }.into(),
        error => error.into(),
    }
}
