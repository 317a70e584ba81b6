//! One file that is followed: when to look at it again, and whether what is there is new, whole and still.
//!
//! Events are hints only. The decision is by identity and then by content: a file whose content was published, refused
//! or live before is left alone whatever happened to its times. A sealed file that verifies is whole at once; any other
//! must stand still for the settle time.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use abi::{Digest, Seal};

use super::hops::Hops;
use super::identity::Identity;
use crate::{LoadOptions, Slot};

/// Longest pause between two looks at a file that keeps changing.
const QUIET_MAX: Duration = Duration::from_secs(2);
/// Files younger than this are read at every poll, since a write to a mapped page may leave their times unchanged.
const YOUNG: Duration = Duration::from_secs(60);

/// Why the file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    /// It is time, or somebody writes.
    Maybe,
    /// Somebody finished writing or moved a file here.
    Finished,
}

/// What to do after a look.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing new, or not still yet.
    Wait,
    /// A new content, settled or proved whole.
    Candidate { bytes: Vec<u8>, digest: Digest },
}

pub(super) struct Watched {
    pub(super) slot: Slot,
    pub(super) path: PathBuf,
    pub(super) load: LoadOptions,
    pub(super) hops: Hops,
    pub(super) look_at: Instant,
    pub(super) hint: Hint,
    /// Whether a candidate is being prepared.
    pub(super) busy: bool,
    /// Whether the last candidate was refused.
    pub(super) refused: bool,
    settle: Duration,
    poll: Duration,
    /// The content that was decided on.
    decided: Digest,
    /// The identity that the decided content had when it was seen last.
    identity: Option<Identity>,
    /// What was seen last while it was not decided on, since when, and how long it must stand still.
    unsettled: Option<(Identity, Instant, Duration)>,
}

impl Watched {
    pub(super) fn new(slot: Slot, path: PathBuf, load: LoadOptions, poll: Duration, settle: Duration) -> Self {
        let decided = slot.digest();
        Self {
            slot,
            path,
            load,
            hops: Hops::default(),
            look_at: Instant::now(),
            hint: Hint::Finished,
            busy: false,
            refused: false,
            settle,
            poll,
            decided,
            identity: None,
            unsettled: None,
        }
    }

    /// Brings the next look forward.
    pub(super) fn hint(&mut self, hint: Hint, now: Instant) {
        let at = match hint {
            Hint::Maybe => now + self.settle,
            Hint::Finished => now,
        };
        self.look_at = self.look_at.min(at);
        self.hint = self.hint.max(hint);
    }

    /// Looks at the file and plans the next look.
    pub(super) fn look(&mut self, now: Instant) -> Verdict {
        let hint = std::mem::replace(&mut self.hint, Hint::Maybe);
        self.look_at = now + self.poll;
        let Ok(metadata) = std::fs::metadata(&self.path) else {
            self.unsettled = None;
            return Verdict::Wait;
        };
        let identity = Identity::of(&metadata);
        let is_known = self.identity == Some(identity);
        if is_known && !self.refused && !identity.is_younger_than(YOUNG, SystemTime::now()) {
            return Verdict::Wait;
        }
        let is_still = match self.unsettled {
            Some((seen, since, quiet)) => seen == identity && now.duration_since(since) >= quiet,
            None => false,
        };
        if !is_known && !is_still && hint == Hint::Maybe {
            self.wait_for_quiet(identity, now);
            return Verdict::Wait;
        }
        let Ok((bytes, identity)) = super::read(&self.path) else {
            self.wait_for_quiet(identity, now);
            return Verdict::Wait;
        };
        let digest = Digest::of(&bytes);
        if digest == self.decided {
            self.identity = Some(identity);
            self.unsettled = None;
            return Verdict::Wait;
        }
        if !is_still && !matches!(abi::read_seal(&bytes), Ok(Seal::Sealed(_))) {
            self.wait_for_quiet(identity, now);
            return Verdict::Wait;
        }
        self.identity = Some(identity);
        self.decided = digest;
        self.unsettled = None;
        Verdict::Candidate { bytes, digest }
    }

    /// The longer a file keeps changing, the longer it must stand still.
    fn wait_for_quiet(&mut self, identity: Identity, now: Instant) {
        let (since, quiet) = match self.unsettled {
            Some((seen, since, quiet)) if seen == identity => (since, quiet),
            Some((_, _, quiet)) => (now, (quiet * 2).min(QUIET_MAX.max(self.settle))),
            None => (now, self.settle),
        };
        self.unsettled = Some((identity, since, quiet));
        self.look_at = self.look_at.min((since + quiet).max(now + Duration::from_millis(1)));
    }
}
