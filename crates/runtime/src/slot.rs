//! A named place with exactly one live version.

mod compatibility;
mod record;
mod standing;
pub mod trial;

use std::fmt;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use abi::Digest;
use arc_swap::ArcSwap;

use crate::engine::{Retired, Waste};
use crate::event::{Events, SlotEvent};
use crate::publish_error::PublishError;
use crate::{Lease, Version, one_line};

pub use record::{MemoryRecord, Record, RecordError};
pub use standing::{Begun, Held, Quarantined, Standing};

/// How many publications a slot remembers.
const HISTORY_MAX: usize = 256;

/// What a slot allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotPolicy {
    /// Whether a version may lack or change functions of the one before.
    pub allow_breaking: bool,
    /// How long leases of a replaced version may still begin calls.
    pub drain: Duration,
}

impl Default for SlotPolicy {
    /// Nothing may break; 30 s to drain.
    fn default() -> Self {
        Self { allow_breaking: false, drain: Duration::from_secs(30) }
    }
}

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
    /// Time to check it and to warm its instances.
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
    live: ArcSwap<Version>,
    events: Arc<Events>,
    policy: SlotPolicy,
    /// Held by whoever publishes, never by callers.
    history: Mutex<History>,
}

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
        let events = Arc::new(Events::new(name.into()));
        version.check()?;
        version.warm(1).map_err(PublishError::Start)?;
        version.report_to(Arc::clone(&events));
        let has_run_sealed = version.interface().is_sealed();
        let publication = Publication { digest: version.digest(), at: SystemTime::now(), unchecked: !has_run_sealed };
        tracing::info!(slot = events.slot(), digest = %publication.digest, publication.unchecked, "opened");
        let history = History { publications: vec![publication], has_run_sealed };
        let live = ArcSwap::from_pointee(version);
        Ok(Self { shared: Arc::new(Shared { live, events, policy, history: Mutex::new(history) }) })
    }

    /// Name of the slot.
    #[must_use]
    pub fn name(&self) -> &str {
        self.shared.events.slot()
    }

    /// Pins the live version for a call; a later [`Slot::publish`] does not affect it.
    #[must_use]
    pub fn acquire(&self) -> Lease {
        Lease::new(self.shared.live.load())
    }

    /// Identity of the live version.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.shared.live.load().digest()
    }

    /// The versions that went live, oldest first, at most 256.
    #[must_use]
    pub fn history(&self) -> Vec<Publication> {
        self.history_lock().publications.clone()
    }

    /// Events from now on. A receiver that holds `capacity` events misses those that follow.
    #[must_use]
    pub fn subscribe(&self, capacity: usize) -> Receiver<SlotEvent> {
        self.shared.events.subscribe(capacity)
    }

    /// Checks a version beside the live one, warms it and makes it the live one by exchanging one pointer. The old
    /// version finishes its calls and is dropped elsewhere.
    ///
    /// # Errors
    /// [`PublishError`]: the live version stays, and subscribers get [`SlotEvent::Refused`].
    pub fn publish(&self, version: Version) -> Result<Published, PublishError> {
        self.publish_under(version, self.shared.policy.allow_breaking)
    }

    /// As [`Self::publish`], for a version that was live before: it may lack functions that came later.
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub fn roll_back(&self, version: Version) -> Result<Published, PublishError> {
        self.publish_under(version, true)
    }

    fn publish_under(&self, version: Version, allow_breaking: bool) -> Result<Published, PublishError> {
        let digest = version.digest();
        self.try_publish(version, allow_breaking).inspect_err(|error| self.refuse(Some(digest), error))
    }

    fn try_publish(&self, version: Version, allow_breaking: bool) -> Result<Published, PublishError> {
        let mut history = self.history_lock();
        let begun = Instant::now();
        let compile = version.compile_time();
        let warm = self.check(&version, history.has_run_sealed, allow_breaking)?;
        version.warm(warm).map_err(PublishError::Start)?;
        version.report_to(Arc::clone(&self.shared.events));
        let check = begun.elapsed();

        let new = version.digest();
        let is_sealed = version.interface().is_sealed();
        let version = Arc::new(version);
        let begun = Instant::now();
        let old = self.shared.live.swap(version);
        let switch = begun.elapsed();

        let published = Published { old: old.digest(), new, check, switch };
        history.has_run_sealed |= is_sealed;
        history.publications.push(Publication { digest: new, at: SystemTime::now(), unchecked: false });
        if history.publications.len() > HISTORY_MAX {
            history.publications.remove(0);
        }
        tracing::info!(slot = self.name(), old = %published.old, %new, ?compile, ?check, ?switch, "published");
        self.shared.events.emit(&SlotEvent::Published {
            slot: self.name().into(),
            old: published.old,
            new,
            compile,
            check,
            switch,
        });
        // Last, so that nobody hears of a version's end before its replacement.
        let engine = old.engine().clone();
        let (drain, events) = (self.shared.policy.drain, Arc::clone(&self.shared.events));
        engine.reaper().take(Waste::Version(Retired { version: old, since: Instant::now(), drain, events }));
        Ok(published)
    }

    /// Everything that may refuse the candidate; answers how many instances to warm.
    fn check(&self, candidate: &Version, has_run_sealed: bool, allow_breaking: bool) -> Result<usize, PublishError> {
        let live = self.shared.live.load_full();
        if has_run_sealed && !candidate.interface().is_sealed() {
            return Err(PublishError::Unsealed);
        }
        if !allow_breaking {
            compatibility::check(live.interface(), candidate.interface())?;
        }
        candidate.check()?;
        if let (Some(samples), false) = (live.recorder(), candidate.interface().is_sealed()) {
            candidate.smoke(&live, samples)?;
            if let Some(recorder) = candidate.recorder() {
                for (position, function) in candidate.interface().functions().iter().enumerate() {
                    let before = live.interface().position(&function.name);
                    if let Some(sample) = before.and_then(|before| samples.sample(before)) {
                        recorder.put(position, &sample);
                    }
                }
            }
        }
        Ok(live.instances())
    }

    /// Tells subscribers of a candidate that was refused before it could be published.
    pub fn refuse(&self, digest: Option<Digest>, error: &dyn std::error::Error) {
        let reason = one_line(error);
        tracing::warn!(
            slot = self.name(),
            digest = digest.map(tracing::field::display),
            reason,
            "refused; the live version stays"
        );
        self.shared.events.emit(&SlotEvent::Refused { slot: self.name().into(), digest, reason });
    }

    fn history_lock(&self) -> std::sync::MutexGuard<'_, History> {
        self.shared.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("name", &self.name()).field("digest", &self.digest()).finish()
    }
}
