//! A named place with exactly one live version.

mod compatibility;
mod deploy;
mod inbox;
mod place;
mod policy;
mod record;
mod stage;
mod standing;
pub mod trial;

use std::fmt;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use abi::Digest;
use arc_swap::ArcSwap;

use self::inbox::{Inbox, Ticket};
use self::stage::Stage;
use crate::event::{Events, SlotEvent, StepEvent};
use crate::publish_error::PublishError;
use crate::{Candidate, Engine, Lease, Version, one_line};

pub use deploy::{Breaking, Deploy, DeployError, Deployed, Entry};
pub use place::Place;
pub use policy::{SlotOptions, SlotPolicy};

pub use record::{MemoryRecord, Record, RecordError};
pub use standing::{Begun, Held, Quarantined, Standing};

/// How many publications a slot remembers.
const HISTORY_MAX: usize = 256;

/// One version that went live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The version.
    pub digest: Digest,
    /// When it went live.
    pub at: SystemTime,
    /// Whether nothing but the file's form was checked: an unsealed file without a version before it.
    pub unchecked: bool,
}

/// What publishing a version did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The version before.
    pub old: Digest,
    /// The version that is live now.
    pub new: Digest,
    /// Time to start its first instance and to check it.
    pub check: Duration,
    /// Time of the exchange itself, the only part that a call could meet.
    pub switch: Duration,
}

/// A named place with exactly one live version. Clones are the same slot.
#[derive(Clone)]
pub struct Slot {
    shared: Arc<Shared>,
}

struct Shared {
    /// Vacant until a first version passed its checks.
    live: OnceLock<ArcSwap<Version>>,
    engine: Engine,
    events: Arc<Events>,
    options: SlotOptions,
    inbox: Inbox,
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    publications: Vec<Publication>,
    has_run_sealed: bool,
}

impl Slot {
    /// A slot whose first version is checked like every later one.
    ///
    /// # Errors
    /// [`PublishError`] where the version does not pass its own checks.
    pub fn new(name: impl Into<String>, version: Version, policy: SlotPolicy) -> Result<Self, PublishError> {
        let options = SlotOptions { policy, ..SlotOptions::default() };
        let shared = Arc::new(Shared::vacant(version.engine(), name.into(), options));
        shared.publish(version, false)?;
        Ok(Self { shared })
    }

    /// As [`Self::new`], from a candidate that is deployed as every later one will be.
    ///
    /// # Errors
    /// [`DeployError`] where it cannot be loaded or does not pass its own checks.
    pub fn open(
        engine: &Engine,
        name: impl Into<String>,
        first: Candidate,
        options: SlotOptions,
        how: Deploy,
    ) -> Result<Self, DeployError> {
        let shared = Arc::new(Shared::vacant(engine, name.into(), options));
        shared.deploy(first, how)?;
        Ok(Self { shared })
    }

    /// Name of the slot.
    #[must_use]
    pub fn name(&self) -> &str {
        self.shared.events.slot()
    }

    /// Pins the live version for a call; a later [`Slot::publish`] does not affect it.
    #[must_use]
    pub fn acquire(&self) -> Lease {
        Lease::new(self.live().load())
    }

    /// Identity of the live version.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.live().load().digest()
    }

    /// The versions that went live, oldest first, at most 256.
    #[must_use]
    pub fn history(&self) -> Vec<Publication> {
        self.shared.history().publications.clone()
    }

    /// Events from now on. A receiver that holds `capacity` events misses those that follow.
    #[must_use]
    pub fn subscribe(&self, capacity: usize) -> Receiver<SlotEvent> {
        self.shared.events.subscribe(capacity)
    }

    /// Calls `listener` at each step of a deployment, on the thread that takes it. Steps wait for it, so it must be quick
    /// and must not deploy to this slot, which would wait for ever.
    pub fn on_step(&self, listener: impl Fn(&StepEvent) + Send + Sync + 'static) {
        self.shared.events.listen(listener);
    }

    /// Makes a content the live version: compiles it and checks it beside the live one, then exchanges one pointer. The
    /// work is done on a thread of its own with a low priority, for which this one waits. Of several candidates the
    /// newest wins: those before it are given up between two steps. A content that is live already changes nothing.
    ///
    /// # Errors
    /// [`DeployError`]: the live version stays. Subscribers get [`SlotEvent::Refused`], unless a newer candidate came.
    pub fn deploy(&self, candidate: Candidate, how: Deploy) -> Result<Deployed, DeployError> {
        self.shared.deploy(candidate, how)
    }

    /// Starts and checks a first instance of a version beside the live one and makes it the live one by exchanging one
    /// pointer. As many instances as the old version had follow on another thread. The old version finishes its calls and
    /// is dropped elsewhere.
    ///
    /// # Errors
    /// [`PublishError`]: the live version stays, and subscribers get [`SlotEvent::Refused`].
    pub fn publish(&self, version: Version) -> Result<Published, PublishError> {
        self.publish_under(version, self.shared.options.policy.allow_breaking)
    }

    /// As [`Self::publish`], for a version that was live before: it may lack functions that came later.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub fn roll_back(&self, version: Version) -> Result<Published, PublishError> {
        self.publish_under(version, true)
    }

    fn publish_under(&self, version: Version, may_break: bool) -> Result<Published, PublishError> {
        let digest = version.digest();
        let deployed = self.shared.publish(version, may_break);
        let deployed = deployed.inspect_err(|error| self.refuse(Some(digest), error))?;
        let Deployed { old, new, check, switch, .. } = deployed;
        Ok(Published { old: old.expect("a slot has a live version"), new, check, switch })
    }

    /// Tells subscribers of a candidate that was refused before it could be published.
    pub fn refuse(&self, digest: Option<Digest>, error: &dyn std::error::Error) {
        self.shared.refuse(digest, error);
    }

    /// What no other slot has while this one is there.
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.shared).addr()
    }

    fn live(&self) -> &ArcSwap<Version> {
        self.shared.live().expect("a slot has a live version")
    }
}

impl Shared {
    fn vacant(engine: &Engine, name: String, options: SlotOptions) -> Self {
        Self {
            live: OnceLock::new(),
            engine: engine.clone(),
            events: Arc::new(Events::new(name)),
            options,
            inbox: Inbox::default(),
            history: Mutex::default(),
        }
    }

    #[inline]
    fn live(&self) -> Option<&ArcSwap<Version>> {
        self.live.get()
    }

    fn is_live(&self, digest: Digest) -> bool {
        self.live().is_some_and(|live| live.load().digest() == digest)
    }

    /// Makes a version the live one, while it is its turn; answers the one before.
    fn exchange(&self, version: Arc<Version>) -> Option<Arc<Version>> {
        match self.live() {
            Some(live) => Some(live.swap(version)),
            None => {
                let is_first = self.live.set(ArcSwap::new(version)).is_ok();
                assert!(is_first, "one version at a time is switched to");
                None
            }
        }
    }

    fn deploy(&self, candidate: Candidate, how: Deploy) -> Result<Deployed, DeployError> {
        self.deploy_then(candidate, how, |outcome| outcome).unwrap_or(Err(DeployError::Panicked))
    }

    /// `None` where `then` panicked.
    fn deploy_then<R: Send>(
        &self,
        candidate: Candidate,
        how: Deploy,
        then: impl FnOnce(Result<Deployed, DeployError>) -> R + Send,
    ) -> Option<R> {
        self.engine.in_background(|| deploy::deploy(self, candidate, how, then))
    }

    /// A version that is compiled already, on this thread. Candidates that came before it are given up.
    fn publish(&self, version: Version, may_break: bool) -> Result<Deployed, PublishError> {
        let digest = version.digest();
        let ticket = self.inbox.enter_compiled(digest);
        let _turn = ticket.turn();
        deploy::publish(self, &self.stage(&ticket, digest), version, may_break)
    }

    fn stage<'a>(&'a self, ticket: &'a Ticket<'a>, digest: Digest) -> Stage<'a> {
        Stage { events: &self.events, faults: &self.options.faults, ticket, digest }
    }

    fn refuse(&self, digest: Option<Digest>, error: &dyn std::error::Error) {
        let reason = one_line(error);
        let stays = if self.live().is_some() { "the live version stays" } else { "the slot stays vacant" };
        let slot = self.events.slot();
        tracing::warn!(slot, digest = digest.map(tracing::field::display), reason, stays, "refused");
        self.events.emit(&SlotEvent::Refused { slot: slot.into(), digest, reason });
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn add(&mut self, publication: Publication, is_sealed: bool) {
        self.has_run_sealed |= is_sealed;
        self.publications.push(publication);
        if self.publications.len() > HISTORY_MAX {
            self.publications.remove(0);
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("name", &self.name()).field("digest", &self.digest()).finish()
    }
}
