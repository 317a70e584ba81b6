//! What follows from how two versions do.
//!
//! A failure says something of the new version only where the old one does better. Where a call can be repeated, the old
//! one is asked the same: then one trap or one call out of time is enough, since the caller got the old answer and loses
//! nothing. Where it cannot be repeated, rates are compared: more than twice the old one, rounded up, is too much.
//!
//! Error objects depend on what callers ask as much as on the function, so that one per cent of the calls more is let
//! pass, and until the trial ends a handful on top. Times are compared by their medians, which neither a cold start nor a
//! busy moment moves.

use std::fmt;
use std::time::Duration;

use crate::Version;

/// Fewest timed calls of either version for a verdict on times, where the terms do not end the trial before.
const TIMED_MIN: u64 = 32;
/// Time on top of the slowdown, which cold caches take from functions that take next to none.
const TIME_SPARED: Duration = Duration::from_micros(10);
/// Error objects that a trial that goes on lets pass in any case.
const ERROR_OBJECTS_SPARED: u64 = 8;

/// When a version on probation is good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Fewest calls.
    pub calls_min: u64,
    /// Shortest time.
    pub time_min: Duration,
    /// Longest time: then the calls that came have to be enough.
    pub time_max: Duration,
    /// How many times as long as before half of the calls may take.
    pub slowdown: f64,
}

impl Default for Terms {
    /// 2,000 calls in at least 10 s, or what comes in an hour; up to four times as slow.
    fn default() -> Self {
        let (time_min, time_max) = (Duration::from_secs(10), Duration::from_secs(3600));
        Self { calls_min: 2000, time_min, time_max, slowdown: 4.0 }
    }
}

/// Failures of one version, by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// Calls that trapped, ran out of memory or answered what breaks the convention.
    pub traps: u64,
    /// Calls that did not end in time.
    pub timeouts: u64,
    /// Calls that were answered with an error object.
    pub error_objects: u64,
}

/// What one version did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Observed {
    /// Calls that came to an end.
    pub calls: u64,
    /// Failures among them that no other version was asked about.
    pub failures: Failures,
    /// Calls among them that were timed.
    pub timed: u64,
    /// Time within which half of those were answered.
    pub median: Option<Duration>,
}

impl Observed {
    /// What a version did since it was loaded.
    #[must_use]
    pub fn of(version: &Version) -> Self {
        let (counters, latency) = (version.counters(), version.latency());
        let failures =
            Failures { traps: counters.traps, timeouts: counters.timeouts, error_objects: counters.error_objects };
        Self { calls: counters.calls, failures, timed: latency.timed(), median: latency.median() }
    }
}

/// A trial as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// The version that was live before, by all that it did.
    pub old: Observed,
    /// The version on trial.
    pub new: Observed,
    /// Failures of the new version in calls that the old one then answered. Those that it could not answer either count
    /// nowhere.
    pub outdone: Failures,
    /// How long the trial has been running.
    pub running: Duration,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    KeepOn,
    /// The new version is good.
    Good,
    /// The old version takes over again.
    GoBack(Fault),
}

/// What the new version does worse than the old one. As text it is the reason of a quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It traps.
    Traps {
        /// Calls that trapped.
        times: u64,
        /// All its calls.
        calls: u64,
    },
    /// It does not answer in time.
    Timeouts {
        /// Calls that did not end in time.
        times: u64,
        /// All its calls.
        calls: u64,
    },
    /// It answers with error objects.
    ErrorObjects {
        /// Calls that were answered so.
        times: u64,
        /// All its calls.
        calls: u64,
    },
    /// It is slow.
    Slow {
        /// Time within which it answers half of the calls.
        new: Duration,
        /// The same of the old version.
        old: Duration,
    },
}

impl Terms {
    /// What follows from a trial as it stands.
    ///
    /// ```
    /// # extern crate wasmtube_runtime as runtime;
    /// use runtime::trial::{Compared, Failures, Fault, Observed, Terms, Verdict};
    ///
    /// let old = Observed { calls: 90_000, ..Default::default() };
    /// let new = Observed { calls: 1_000, ..Default::default() };
    /// let outdone = Failures { traps: 1, ..Default::default() };
    /// let verdict = Terms::default().judge(&Compared { old, new, outdone, running: Default::default() });
    /// assert_eq!(verdict, Verdict::GoBack(Fault::Traps { times: 1, calls: 1_000 }));
    /// ```
    #[must_use]
    pub fn judge(&self, compared: &Compared) -> Verdict {
        let Compared { new, running, .. } = compared;
        let is_enough = new.calls >= self.calls_min && *running >= self.time_min;
        let is_over = is_enough || *running >= self.time_max;
        let fault = traps(compared)
            .or_else(|| timeouts(compared))
            .or_else(|| error_objects(compared, is_over))
            .or_else(|| self.slow(compared));
        match fault {
            Some(fault) => Verdict::GoBack(fault),
            None if is_over => Verdict::Good,
            None => Verdict::KeepOn,
        }
    }

    fn slow(&self, compared: &Compared) -> Option<Fault> {
        let Compared { old, new, .. } = compared;
        let timed_min = TIMED_MIN.min(self.calls_min);
        if old.timed < timed_min || new.timed < timed_min {
            return None;
        }
        let (old, new) = (old.median?, new.median?);
        let is_slow = new.saturating_sub(TIME_SPARED).as_secs_f64() > old.as_secs_f64() * self.slowdown;
        is_slow.then_some(Fault::Slow { new, old })
    }
}

fn traps(compared: &Compared) -> Option<Fault> {
    let times = too_many(compared, |failures| failures.traps)?;
    Some(Fault::Traps { times, calls: compared.new.calls })
}

fn timeouts(compared: &Compared) -> Option<Fault> {
    let times = too_many(compared, |failures| failures.timeouts)?;
    Some(Fault::Timeouts { times, calls: compared.new.calls })
}

/// How often it failed where the old version did better.
fn too_many(compared: &Compared, kind: fn(&Failures) -> u64) -> Option<u64> {
    let Compared { old, new, outdone, .. } = compared;
    let (alone, outdone) = (kind(&new.failures), kind(outdone));
    let is_too_many = outdone > 0 || alone > twice_the_rate(kind(&old.failures), old.calls, new.calls);
    is_too_many.then_some(alone.saturating_add(outdone))
}

fn error_objects(compared: &Compared, is_over: bool) -> Option<Fault> {
    let Compared { old, new, outdone, .. } = compared;
    let (alone, outdone) = (new.failures.error_objects, outdone.error_objects);
    let spared = new.calls.div_ceil(100) + if is_over { 0 } else { ERROR_OBJECTS_SPARED };
    let expected = twice_the_rate(old.failures.error_objects, old.calls, new.calls);
    let is_too_many = alone > expected.saturating_add(spared) || outdone > spared;
    is_too_many.then_some(Fault::ErrorObjects { times: alone.saturating_add(outdone), calls: new.calls })
}

/// Failures among the new calls at twice the old rate, rounded up.
fn twice_the_rate(failures: u64, calls: u64, new_calls: u64) -> u64 {
    let product = u128::from(failures) * u128::from(new_calls);
    let expected = product.saturating_mul(2).div_ceil(u128::from(calls.max(1)));
    u64::try_from(expected).unwrap_or(u64::MAX)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Traps { times, calls } => write!(f, "{times} of {calls} calls trapped or broke a limit"),
            Self::Timeouts { times, calls } => write!(f, "{times} of {calls} calls did not end in time"),
            Self::ErrorObjects { times, calls } => {
                write!(f, "{times} of {calls} calls were answered with an error")
            }
            Self::Slow { new, old } => {
                write!(f, "half of the calls take {new:?} or more, with the version before it was {old:?}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
