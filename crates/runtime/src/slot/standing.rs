//! Which versions of a slot are good, which are on trial and which are held back.
//!
//! A digest is marked as *on trial* before anything is done with its file that could end the process, and the mark is
//! kept by a [`Record`](super::record::Record). It goes when the trial ends: the version is *permanent* from then on and
//! not marked again, or it is *quarantined*, or nothing was learnt of it. A mark that is found when the process starts
//! says that the process ended during a trial, so that this version is the first to be blamed.
//!
//! A quarantine ends when its back-off is over, which is counted in running time: from the quarantine, or from the start
//! of the process where that is later. The clock of the wall decides nothing. A file with other bytes has another digest
//! and is not held back.
//!
//! Every transition answers the next standing, so that it counts only once it is kept.

use std::time::Duration;

use abi::Digest;
use serde::{Deserialize, Serialize};

use crate::shown;

/// Permanent versions that are remembered, the last good one among them. One that is forgotten is tried again.
const PERMANENT_MAX: usize = 64;
/// Quarantines that are remembered. A version whose quarantine is forgotten is tried again.
const QUARANTINED_MAX: usize = 64;

/// Which versions of a slot are good, which are on trial and which are held back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The last good one last.
    permanent: Vec<Digest>,
    /// More than one where a version is tried while the one before is still on probation.
    on_trial: Vec<Digest>,
    /// The last one last.
    quarantined: Vec<Quarantined>,
    has_run_sealed: bool,
}

/// A version that is held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantined {
    /// The version.
    pub digest: Digest,
    /// What it did, in one line.
    pub reason: String,
    /// How often it was quarantined since it was last good.
    pub times: u32,
    /// Whether the process ended while it was on trial.
    pub crashed: bool,
    /// Running time at the quarantine; a process that reads it begins to count.
    #[serde(skip)]
    since: Duration,
}

/// A trial that may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Not before this standing is kept.
    Mark(Standing),
    /// At once: the version has been good here.
    Known,
}

/// Why a version is not tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} is held back for {} s more, because it failed here {}: {reason}; wait, or deploy a file that was mended",
    .digest.short(),
    whole_seconds(*.left),
    how_often(*.times)
)]
pub struct Held {
    /// The version.
    pub digest: Digest,
    /// What it did, in one line.
    pub reason: String,
    /// How often it was quarantined since it was last good.
    pub times: u32,
    /// Running time until it may be tried again.
    pub left: Duration,
}

impl Standing {
    /// The version to start with where the file that the slot follows is not known to be good.
    #[must_use]
    pub fn last_good(&self) -> Option<Digest> {
        self.permanent.last().copied()
    }

    /// The versions that were good here, the last one last; at most 64 are remembered.
    #[must_use]
    pub fn permanent(&self) -> &[Digest] {
        &self.permanent
    }

    /// The versions that are on trial, the one that began last at the end.
    #[must_use]
    pub fn on_trial(&self) -> &[Digest] {
        &self.on_trial
    }

    /// The versions that are or were held back and have not been good since, the last one last; at most 64 are
    /// remembered.
    #[must_use]
    pub fn quarantined(&self) -> &[Quarantined] {
        &self.quarantined
    }

    /// Whether a sealed version has served, so that the slot takes no unsealed one any more.
    #[must_use]
    pub fn has_run_sealed(&self) -> bool {
        self.has_run_sealed
    }

    /// Why a version may not be tried now. `running` is the time since the standing was read from its record.
    #[must_use]
    pub fn held(&self, digest: Digest, running: Duration) -> Option<Held> {
        let quarantined = self.quarantined.iter().find(|quarantined| quarantined.digest == digest)?;
        let left = quarantined.left(running);
        let Quarantined { digest, ref reason, times, .. } = *quarantined;
        (!left.is_zero()).then(|| Held { digest, reason: reason.clone(), times, left })
    }

    /// A version is to be tried. `running` is the time since the standing was read from its record.
    ///
    /// # Errors
    /// [`Held`] where its quarantine is not over.
    pub fn begin(&self, digest: Digest, running: Duration) -> Result<Begun, Held> {
        if let Some(held) = self.held(digest, running) {
            return Err(held);
        }
        if self.permanent.contains(&digest) {
            return Ok(Begun::Known);
        }
        let mut next = self.unmarked(digest);
        next.on_trial.push(digest);
        Ok(Begun::Mark(next))
    }

    /// The trial ended without a verdict: the version was refused before it served, which is no reason to hold it back,
    /// or a newer one took its place.
    #[must_use]
    pub fn refused(&self, digest: Digest) -> Self {
        self.unmarked(digest)
    }

    /// The version is good: it is the last good one, and permanent.
    #[must_use]
    pub fn passed(&self, digest: Digest) -> Self {
        let mut next = self.unmarked(digest);
        next.quarantined.retain(|quarantined| quarantined.digest != digest);
        next.permanent.retain(|permanent| *permanent != digest);
        next.permanent.push(digest);
        let surplus = next.permanent.len().saturating_sub(PERMANENT_MAX);
        next.permanent.drain(..surplus);
        next
    }

    /// The version did what `reason` says and is held back. Where it was the last good one, the one before is.
    /// `running` is the time since the standing was read from its record.
    #[must_use]
    pub fn rolled_back(&self, digest: Digest, reason: &str, running: Duration) -> Self {
        self.quarantine(digest, reason, false, running)
    }

    /// A sealed version serves.
    #[must_use]
    pub fn ran_sealed(&self) -> Self {
        Self { has_run_sealed: true, ..self.clone() }
    }

    /// The slot is closed in order: whatever is on trial is not to blame for the end of the process.
    #[must_use]
    pub fn closed(&self) -> Self {
        Self { on_trial: vec![], ..self.clone() }
    }

    /// The standing was just read by a process that starts: whatever is on trial is held back.
    #[must_use]
    pub fn found_at_start(&self) -> Self {
        let reason = "the process ended while it was on trial";
        let hold = |next: Self, digest: &Digest| next.quarantine(*digest, reason, true, Duration::ZERO);
        self.on_trial.iter().fold(self.clone(), hold)
    }

    fn unmarked(&self, digest: Digest) -> Self {
        let mut next = self.clone();
        next.on_trial.retain(|on_trial| *on_trial != digest);
        next
    }

    fn quarantine(&self, digest: Digest, reason: &str, crashed: bool, running: Duration) -> Self {
        let mut next = self.unmarked(digest);
        next.permanent.retain(|permanent| *permanent != digest);
        let before = next.quarantined.iter().position(|quarantined| quarantined.digest == digest);
        let before = before.map_or(0, |at| next.quarantined.remove(at).times);
        let (reason, times) = (shown::written(&reason), before.saturating_add(1));
        next.quarantined.push(Quarantined { digest, reason, times, crashed, since: running });
        let surplus = next.quarantined.len().saturating_sub(QUARANTINED_MAX);
        next.quarantined.drain(..surplus);
        next
    }
}

impl Quarantined {
    /// Running time until the version may be tried again.
    #[must_use]
    pub fn left(&self, running: Duration) -> Duration {
        self.since.saturating_add(self.back_off()).saturating_sub(running)
    }

    /// Four times as long each time. A failure of the power looks like a crash and repeats itself less soon, but a crash
    /// takes all slots of the process with it.
    fn back_off(&self) -> Duration {
        const MINUTE: u64 = 60;
        let (first, most) = if self.crashed { (10 * MINUTE, 24 * 60 * MINUTE) } else { (30, 60 * MINUTE) };
        let factor = 4_u64.saturating_pow(self.times.saturating_sub(1));
        Duration::from_secs(first.saturating_mul(factor).min(most))
    }
}

/// Rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn how_often(times: u32) -> String {
    if times == 1 { "once".into() } else { format!("{times} times") }
}

#[cfg(test)]
mod tests;
