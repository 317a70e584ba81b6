//! A slot of a node: its file, its versions, and how they came.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use abi::Digest;
use flow::{SlotSpec, Timestamp};
use runtime::{
    Breaking, Candidate, Deploy, DeployError, Deployed, Engine, Follower, HostFunctions, KeyValue, KvLimits, Limits,
    LoadOptions, MemoryStore, OpenError, Pin, Place, ProcessLog, Slot, SlotOptions, SlotPolicy, one_line,
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
    place: Place,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    history: History,
    /// Keeps the compiled code of the live version and of the one before.
    pins: Vec<Pin>,
    problem: Option<String>,
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
        let policy = SlotPolicy { drain: spec.drain, ..SlotPolicy::default() };
        let options = SlotOptions { policy, ..SlotOptions::default() };
        let place = Place::new(&surroundings.engine, name.clone(), options);
        let journal = Arc::clone(&surroundings.journal);
        place.on_step(move |step| trouble::note(&journal, step));
        Self { name, spec, host, surroundings, place, state }
    }

    pub(crate) fn spec(&self) -> &SlotSpec {
        &self.spec
    }

    pub(crate) fn live(&self) -> Option<Slot> {
        self.place.slot()
    }

    /// Opens the slot with the content of its file. Without it the slot stays vacant, and says so.
    pub(super) fn start(&self) {
        match runtime::files::read(&self.spec.file) {
            Ok(bytes) => drop(self.put(Candidate::new(bytes), Cause::Start, Breaking::AsPolicy)),
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
            Ok(bytes) => drop(self.put(Candidate::new(bytes), Cause::Start, Breaking::AsPolicy)),
            Err(error) => self.refused(Some(digest), &one_line(&error)),
        }
    }

    /// Makes a file live and writes it to the file of the slot.
    pub(super) fn push(&self, candidate: Candidate, breaking: Breaking) -> Result<body::Published, Refusal> {
        self.put(candidate, Cause::Push, breaking)
    }

    /// Makes a kept version live again: that of the digest, or the one before the live one.
    pub(super) fn roll_back(&self, to: Option<&str>) -> Result<body::Published, Refusal> {
        let digest = self.earlier(to)?;
        let bytes = self.surroundings.kept.read(digest).map_err(|error| {
            let message = format!("cannot roll back to {}: {}", digest.short(), one_line(&error));
            Refusal::new(Class::Conflict, "not_kept", message)
        })?;
        self.put(Candidate::new(bytes), Cause::Rollback, Breaking::AsPolicy)
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

    /// Deploys a candidate; what follows is done before another one can go live, and so in the same order.
    fn put(&self, candidate: Candidate, cause: Cause, breaking: Breaking) -> Result<body::Published, Refusal> {
        let how = match cause {
            Cause::Rollback => Deploy::back(self.load_options()),
            Cause::Start | Cause::File | Cause::Push => Deploy { breaking, ..Deploy::at_once(self.load_options()) },
        };
        let told = candidate.clone();
        let put = self.place.deploy_then(candidate, how, |outcome| match outcome {
            Ok(deployed) => Ok(self.went_live(&told, cause, &deployed)),
            Err(error) => Err(self.was_refused(told.digest(), &error)),
        });
        put.unwrap_or_else(|| {
            let message = "internal error, please report it: keeping the version panicked";
            Err(Refusal::new(Class::Internal, "internal", message))
        })
    }

    /// Keeps what went live, tells of it, and installs what did not come from the file.
    fn went_live(&self, candidate: &Candidate, cause: Cause, deployed: &Deployed) -> body::Published {
        let digest = candidate.digest();
        if deployed.is_new() {
            if deployed.old.is_none() {
                self.listen();
            }
            self.keep(digest, candidate.bytes());
            let title = self.live().and_then(|slot| interface::title(slot.acquire().version().interface()));
            self.remember(Entry { digest, title: title.clone(), at: Timestamp::now().0, cause });
            self.tell_published(deployed, title);
        } else {
            self.lock().problem = None;
        }
        let not_installed = match cause {
            Cause::Push | Cause::Rollback => self.install(candidate.bytes()),
            Cause::Start | Cause::File => None,
        };
        self.published(deployed, not_installed)
    }

    fn tell_published(&self, deployed: &Deployed, title: Option<String>) {
        let Deployed { old, new, .. } = deployed;
        let is_sealed = self.live().is_some_and(|slot| slot.acquire().version().interface().is_sealed());
        let title = title.map(|title| format!(" ({title})")).unwrap_or_default();
        let before = old.map(|old| format!(" in place of {}", old.short())).unwrap_or_default();
        let is_unchecked = old.is_none() && !is_sealed;
        let unchecked = if is_unchecked { "; it is not sealed, so nothing was checked" } else { "" };
        let message = format!("{}{title} is live{before}{unchecked}", new.short());
        let entry = journal::Entry::new(Level::Info, "published", &self.name, message).about(*new);
        self.surroundings.journal.note(entry);
    }

    fn was_refused(&self, digest: Digest, error: &DeployError) -> Refusal {
        let message = one_line(error);
        if error.is_superseded() {
            return Refusal::new(Class::Conflict, "superseded", message);
        }
        self.refused(Some(digest), &message);
        match error {
            DeployError::Load(_) | DeployError::Publish(_) => Refusal::new(Class::AtFault, "refused", message),
            // `Panicked`, and whatever else is no fault of the file.
            _ => Refusal::new(Class::Internal, "internal", message),
        }
    }

    /// Passes on what the slot tells from now on.
    fn listen(&self) {
        let Some(slot) = self.live() else { return };
        if let Err(error) = trouble::listen(&slot, Arc::clone(&self.surroundings.journal)) {
            let message = format!("what its functions do is not told, because there is no thread for it: {error}");
            self.surroundings.journal.note(journal::Entry::new(Level::Error, "failed", &self.name, message));
        }
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
        let stays = if self.live().is_some() { "the live version stays" } else { "the slot stays vacant" };
        let entry = journal::Entry::new(Level::Warning, "refused", &self.name, format!("refused, {stays}: {reason}"));
        self.surroundings.journal.note(match digest {
            Some(digest) => entry.about(digest),
            None => entry,
        });
    }

    fn published(&self, deployed: &Deployed, not_installed: Option<String>) -> body::Published {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let Deployed { old, new, compile, check, switch, .. } = deployed;
        body::Published {
            slot: self.name.clone(),
            old: old.map(|old| old.to_string()),
            new: new.to_string(),
            compile_us: micros(*compile),
            check_us: micros(*check),
            switch_ns: u64::try_from(switch.as_nanos()).unwrap_or(u64::MAX),
            not_installed,
        }
    }

    pub(crate) fn digest(&self) -> Option<Digest> {
        self.live().map(|slot| slot.digest())
    }

    pub(crate) fn body(&self) -> body::Slot {
        let state = self.lock();
        let entries = state.history.entries();
        let since = entries.last().map_or(0, |entry| entry.at);
        body::Slot {
            name: self.name.clone(),
            file: self.spec.file.display().to_string(),
            live: self.live().map(|slot| interface::version(slot.acquire().version(), since)),
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

impl Follower for NodeSlot {
    fn live(&self) -> Option<Digest> {
        self.digest()
    }

    fn deploy(&self, candidate: Candidate) -> bool {
        self.put(candidate, Cause::File, Breaking::AsPolicy).is_ok()
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
