//! A slot of a node: its file, its versions, and how they came.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use abi::Digest;
use flow::{SlotSpec, Timestamp};
use runtime::{
    Engine, Follower, HostFunctions, Interface, KeyValue, KvLimits, Limits, LoadError, LoadOptions, MemoryStore,
    OpenError, Pin, ProcessLog, PublishError, Slot, SlotPolicy, Version, one_line,
};

use super::history::{Entry, History};
use super::install::install;
use super::kept::Kept;
use super::{interface, trouble};
use crate::body::{self, Cause};
use crate::journal::{self, Journal, Level};
use crate::refusal::{Class, Refusal};

/// What a slot needs of its node.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    pub(super) engine: Engine,
    pub(super) kept: Arc<Kept>,
    pub(super) histories: std::path::PathBuf,
    pub(super) journal: Arc<Journal>,
}

/// A slot of a node. It is vacant until its first version is there.
#[derive(Debug)]
pub(crate) struct NodeSlot {
    name: String,
    spec: SlotSpec,
    /// The same for all its versions, so that what they keep survives swaps.
    host: HostFunctions,
    surroundings: Surroundings,
    live: OnceLock<Slot>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    history: History,
    /// Keeps the compiled code of the live version and of the one before.
    pins: Vec<Pin>,
    problem: Option<String>,
}

/// Why a file does not go live.
#[derive(Debug, thiserror::Error)]
enum PutError {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("cannot follow the slot")]
    Listen(#[from] std::io::Error),
}

impl NodeSlot {
    /// A slot in place of one that was of the same name: what its functions keep stays.
    pub(super) fn new(name: String, spec: SlotSpec, surroundings: Surroundings, before: Option<&Self>) -> Self {
        let history = History::open(&surroundings.histories, &name).unwrap_or_else(|error| {
            let message = format!("its earlier versions are forgotten, because its history cannot be read: {error}");
            surroundings.journal.note(journal::Entry::new(Level::Warning, "history-lost", &name, message));
            History::anew(&surroundings.histories, &name)
        });
        let pins = pins(&surroundings.engine, &history);
        let state = Mutex::new(State { history, pins, problem: None });
        let host = host_functions(&name, &spec, before);
        Self { name, spec, host, surroundings, live: OnceLock::new(), state }
    }

    pub(crate) fn spec(&self) -> &SlotSpec {
        &self.spec
    }

    pub(crate) fn live(&self) -> Option<&Slot> {
        self.live.get()
    }

    /// Opens the slot with the content of its file. Without it the slot stays vacant, and says so.
    pub(super) fn start(&self) {
        match runtime::files::read(&self.spec.file) {
            Ok(bytes) => drop(self.put(&bytes, Cause::Start)),
            Err(error) => {
                let message = one_line(&error);
                let entry = journal::Entry::new(Level::Warning, "vacant", &self.name, message.as_str());
                self.surroundings.journal.note(entry);
                self.lock().problem = Some(message);
            }
        }
    }

    /// Goes on with the version of the slot that this one takes the place of.
    pub(super) fn inherit(&self, before: &Slot) {
        let digest = before.digest();
        match self.surroundings.kept.read(digest) {
            Ok(bytes) => drop(self.put(&bytes, Cause::Start)),
            Err(error) => self.refused(Some(digest), &one_line(&error)),
        }
    }

    /// Makes a file live and writes it to the file of the slot.
    pub(super) fn push(&self, bytes: &[u8]) -> Result<body::Published, Refusal> {
        let mut published = self.put(bytes, Cause::Push)?;
        published.not_installed = self.install(bytes);
        Ok(published)
    }

    /// Makes a kept version live again: that of the digest, or the one before the live one.
    pub(super) fn roll_back(&self, to: Option<&str>) -> Result<body::Published, Refusal> {
        let digest = self.earlier(to)?;
        let bytes = self.surroundings.kept.read(digest).map_err(|error| {
            let message = format!("cannot roll back to {}: {}", digest.short(), one_line(&error));
            Refusal::new(Class::Conflict, "not_kept", message)
        })?;
        let mut published = self.put(&bytes, Cause::Rollback)?;
        published.not_installed = self.install(&bytes);
        Ok(published)
    }

    fn earlier(&self, to: Option<&str>) -> Result<Digest, Refusal> {
        const DIGITS_MIN: usize = 8;
        let live = self.digest();
        let state = self.lock();
        let entries = state.history.entries();
        let Some(to) = to else {
            let before = entries.iter().rev().map(|entry| entry.digest).find(|digest| Some(*digest) != live);
            return before.ok_or_else(|| {
                let message = format!("slot `{}` has had no other version to roll back to", self.name);
                Refusal::new(Class::Conflict, "no_earlier_version", message)
            });
        };
        if to.len() < DIGITS_MIN {
            let message = format!("`{to}` is too short for a digest: give at least {DIGITS_MIN} digits");
            return Err(Refusal::new(Class::Invalid, "invalid_digest", message));
        }
        let mut found: Vec<Digest> =
            entries.iter().map(|entry| entry.digest).filter(|digest| digest.to_string().starts_with(to)).collect();
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [digest] => Ok(*digest),
            [] => {
                let message = format!("slot `{}` has had no version whose digest begins with `{to}`", self.name);
                Err(Refusal::new(Class::Missing, "no_such_version", message))
            }
            _ => {
                let message = format!("several versions begin with `{to}`: give more digits");
                Err(Refusal::new(Class::Invalid, "ambiguous_digest", message))
            }
        }
    }

    /// Loads, checks and publishes; keeps the file, and tells of it. Runs on the thread that prepares versions, so one
    /// at a time.
    fn put(&self, bytes: &[u8], cause: Cause) -> Result<body::Published, Refusal> {
        let digest = Digest::of(bytes);
        if self.digest() == Some(digest) {
            self.lock().problem = None;
            return Ok(self.published(Some(digest), digest, None));
        }
        let old = self.digest();
        match self.try_put(bytes, cause) {
            Ok((interface, published)) => {
                let title = interface::title(&interface);
                self.keep(digest, bytes);
                self.remember(Entry { digest, title: title.clone(), at: Timestamp::now().0, cause });
                let title = title.map(|title| format!(" ({title})")).unwrap_or_default();
                let before = old.map(|old| format!(" in place of {}", old.short())).unwrap_or_default();
                let unchecked = if old.is_none() && !interface.is_sealed() {
                    "; it is not sealed, so nothing was checked"
                } else {
                    ""
                };
                let message = format!("{}{title} is live{before}{unchecked}", digest.short());
                let entry = journal::Entry::new(Level::Info, "published", &self.name, message).about(digest);
                self.surroundings.journal.note(entry);
                Ok(self.published(old, digest, Some(published)))
            }
            Err(error) => {
                let message = one_line(&error);
                self.refused(Some(digest), &message);
                let class = match error {
                    PutError::Load(_) | PutError::Publish(_) => Class::AtFault,
                    PutError::Listen(_) => Class::Internal,
                };
                Err(Refusal::new(class, "refused", message))
            }
        }
    }

    fn try_put(&self, bytes: &[u8], cause: Cause) -> Result<(Interface, Times), PutError> {
        let version = Version::load(&self.surroundings.engine, bytes.to_vec(), self.load_options())?;
        let compile = version.compile_time();
        let interface = version.interface().clone();
        if let Some(slot) = self.live.get() {
            let published = match cause {
                Cause::Rollback => slot.roll_back(version)?,
                Cause::Start | Cause::File | Cause::Push => slot.publish(version)?,
            };
            return Ok((interface, Times { compile, check: published.check, switch: published.switch }));
        }
        let begun = std::time::Instant::now();
        let policy = SlotPolicy { drain: self.spec.drain, ..SlotPolicy::default() };
        let slot = Slot::new(self.name.clone(), version, policy)?;
        let check = begun.elapsed();
        trouble::listen(&slot, Arc::clone(&self.surroundings.journal))?;
        let begun = std::time::Instant::now();
        // Versions are put one at a time.
        drop(self.live.set(slot));
        Ok((interface, Times { compile, check, switch: begun.elapsed() }))
    }

    fn load_options(&self) -> LoadOptions {
        let limits = Limits {
            deadline: self.spec.deadline,
            memory_bytes: self.spec.memory_bytes,
            instances: self.spec.instances,
            keys: self.spec.keys,
            queue: self.spec.queue,
            ..Limits::default()
        };
        let SlotSpec { window, keep_arguments, .. } = &self.spec;
        LoadOptions {
            limits,
            window: window.clone(),
            keep_arguments: *keep_arguments,
            host: self.host.clone(),
            ..LoadOptions::default()
        }
    }

    fn keep(&self, digest: Digest, bytes: &[u8]) {
        if let Err(error) = self.surroundings.kept.keep(digest, bytes) {
            let message = format!("{} cannot be kept, so that one cannot roll back to it: {error}", digest.short());
            let entry = journal::Entry::new(Level::Warning, "not-kept", &self.name, message).about(digest);
            self.surroundings.journal.note(entry);
        }
    }

    fn remember(&self, entry: Entry) {
        let mut state = self.lock();
        state.problem = None;
        let added = state.history.add(entry);
        state.pins = pins(&self.surroundings.engine, &state.history);
        drop(state);
        match added {
            Ok(()) => self.tidy_up(),
            Err(error) => {
                let message = format!("its history cannot be written, a restart forgets it: {error}");
                let entry = journal::Entry::new(Level::Warning, "history-lost", &self.name, message);
                self.surroundings.journal.note(entry);
            }
        }
    }

    /// Removes the files of versions that no slot may go back to.
    fn tidy_up(&self) {
        let Surroundings { kept, histories, .. } = &self.surroundings;
        if let Err(error) = History::wanted_in(histories).and_then(|wanted| kept.retain(&wanted)) {
            tracing::warn!(error = one_line(&error), "files of old versions cannot be removed");
        }
    }

    fn install(&self, bytes: &[u8]) -> Option<String> {
        let reason = install(&self.spec.file, bytes).err()?;
        let message =
            format!("the live version is not in the file of the slot, so a restart brings back the other: {reason}");
        self.surroundings.journal.note(journal::Entry::new(Level::Warning, "not-installed", &self.name, message));
        Some(reason)
    }

    fn refused(&self, digest: Option<Digest>, reason: &str) {
        self.lock().problem = Some(reason.into());
        let stays = if self.live.get().is_some() { "the live version stays" } else { "the slot stays vacant" };
        let entry = journal::Entry::new(Level::Warning, "refused", &self.name, format!("refused, {stays}: {reason}"));
        self.surroundings.journal.note(match digest {
            Some(digest) => entry.about(digest),
            None => entry,
        });
    }

    fn published(&self, old: Option<Digest>, new: Digest, times: Option<Times>) -> body::Published {
        let micros = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let nanos = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let Times { compile, check, switch } = times.unwrap_or_default();
        body::Published {
            slot: self.name.clone(),
            old: old.map(|old| old.to_string()),
            new: new.to_string(),
            compile_us: micros(compile),
            check_us: micros(check),
            switch_ns: nanos(switch),
            not_installed: None,
        }
    }

    pub(crate) fn digest(&self) -> Option<Digest> {
        self.live.get().map(Slot::digest)
    }

    pub(crate) fn body(&self) -> body::Slot {
        let state = self.lock();
        let entries = state.history.entries();
        let since = entries.last().map_or(0, |entry| entry.at);
        body::Slot {
            name: self.name.clone(),
            file: self.spec.file.display().to_string(),
            live: self.live.get().map(|slot| interface::version(slot.acquire().version(), since)),
            problem: state.problem.clone(),
            history: entries
                .iter()
                .map(|entry| body::Publication {
                    digest: entry.digest.to_string(),
                    title: entry.title.clone(),
                    at: entry.at,
                    cause: entry.cause,
                    kept: self.surroundings.kept.holds(entry.digest),
                })
                .collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pins(engine: &Engine, history: &History) -> Vec<Pin> {
    history.last(2).into_iter().map(|digest| engine.pin(digest)).collect()
}

fn host_functions(name: &str, spec: &SlotSpec, before: Option<&NodeSlot>) -> HostFunctions {
    let store: Arc<dyn KeyValue> = match before {
        Some(before) => Arc::clone(before.host.store()),
        None => Arc::new(MemoryStore::new(KvLimits::default())),
    };
    let host = HostFunctions::over(name, spec.allow.clone(), store, Arc::new(ProcessLog));
    if let Err(error) = host.configuration().replace(spec.config.clone()) {
        // Reading the configuration file has checked it.
        tracing::error!(slot = name, error = one_line(&error), "the configuration of the functions is not taken");
    }
    host
}

#[derive(Debug, Clone, Copy, Default)]
struct Times {
    compile: std::time::Duration,
    check: std::time::Duration,
    switch: std::time::Duration,
}

impl Follower for NodeSlot {
    fn live(&self) -> Option<Digest> {
        self.digest()
    }

    fn deploy(&self, bytes: Vec<u8>, _: Digest) -> bool {
        self.put(&bytes, Cause::File).is_ok()
    }

    fn broke(&self, digest: Digest) {
        self.refused(Some(digest), "internal error, please report it: preparing the file panicked");
    }

    fn unreadable(&self, error: &OpenError) {
        self.refused(None, &one_line(error));
    }

    fn restored(&self) {
        self.lock().problem = None;
    }
}
