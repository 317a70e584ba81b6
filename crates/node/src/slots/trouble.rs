//! What a slot tells of its versions, passed on to the journal of the node.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use runtime::{Slot, SlotEvent, StepEnd, StepEvent};

use crate::body;
use crate::journal::{Entry, Journal, Level};

const CAPACITY: usize = 256;
/// A function that traps again and again in the same way is told of once in this time.
const QUIET: Duration = Duration::from_secs(10);
/// Ways to trap that are told apart; beyond that all are forgotten.
const REASONS_MAX: usize = 256;

/// Listens until the slot is dropped.
///
/// # Errors
/// The system gives no thread.
pub(super) fn listen(slot: &Slot, journal: Arc<Journal>) -> io::Result<()> {
    let events = slot.subscribe(CAPACITY);
    let name = format!("events-{}", slot.name());
    thread::Builder::new().name(name).spawn(move || run(&events, &journal)).map(drop)
}

/// Tells of a step of a deployment.
pub(super) fn note(journal: &Journal, event: &StepEvent) {
    let StepEvent { slot, deployment, digest, step, end, took, reason } = event;
    let (level, time) = match end {
        StepEnd::Failed => (Level::Warning, format!(" after {took:.1?}")),
        StepEnd::Done => (Level::Info, format!(" in {took:.1?}")),
        // Those that take no time.
        _ => (Level::Info, String::new()),
    };
    let because = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!("{step} of {} {end}{time}{because}", digest.short());
    let step = body::Step {
        deployment: *deployment,
        step: step.name().into(),
        end: end.name().into(),
        took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        reason: reason.clone(),
    };
    journal.note(Entry::new(level, "step", slot, message).about(*digest).with(step));
}

fn run(events: &Receiver<SlotEvent>, journal: &Journal) {
    let mut traps = Traps::default();
    for event in events {
        match event {
            // Whoever published told of it.
            SlotEvent::Published { .. } | SlotEvent::Refused { .. } => {}
            SlotEvent::Drained { slot, digest, after } => journal.note(
                Entry::new(
                    Level::Info,
                    "drained",
                    &slot,
                    format!("{} finished its calls and was dropped, {after:.1?} after it was replaced", digest.short()),
                )
                .about(digest),
            ),
            SlotEvent::DrainOverdue { slot, digest, leases } => journal.note(
                Entry::new(
                    Level::Warning,
                    "drain-overdue",
                    &slot,
                    format!("{} was replaced and still has {leases} callers: they are refused now", digest.short()),
                )
                .about(digest),
            ),
            SlotEvent::Trapped { slot, digest, function, reason, state_lost } => {
                let Some(untold) = traps.tell(format!("{digest} {function} {reason}"), Instant::now()) else {
                    continue;
                };
                let state = if state_lost { "; the state of the function is lost" } else { "" };
                let more = if untold == 0 { String::new() } else { format!(", {untold} more times since told last") };
                let level = if state_lost { Level::Error } else { Level::Warning };
                let message = format!("`{function}` broke its instance: {reason}{state}{more}");
                journal.note(Entry::new(level, "trapped", &slot, message).about(digest));
            }
            SlotEvent::Evicted { slot, digest, key } => {
                let Some(untold) = traps.tell(format!("{digest} evicted"), Instant::now()) else { continue };
                let more = if untold == 0 { String::new() } else { format!(", and those of {untold} others before") };
                let message = format!(
                    "the state of the key `{key}` was dropped to make room for another key{more}: raise `keys`"
                );
                journal.note(Entry::new(Level::Warning, "evicted", &slot, message).about(digest));
            }
            other => tracing::warn!(?other, "an event without a form for people"),
        }
    }
}

/// When each way to trap was told last, and how often it happened since.
#[derive(Debug, Default)]
struct Traps {
    told: HashMap<String, (Instant, u64)>,
}

impl Traps {
    /// Whether to tell of it, and how many times it was not told of.
    fn tell(&mut self, reason: String, now: Instant) -> Option<u64> {
        if self.told.len() >= REASONS_MAX {
            self.told.clear();
        }
        match self.told.get_mut(&reason) {
            Some((at, untold)) if now.duration_since(*at) < QUIET => {
                *untold += 1;
                None
            }
            Some((at, untold)) => {
                *at = now;
                Some(std::mem::take(untold))
            }
            None => {
                self.told.insert(reason, (now, 0));
                Some(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_trap_is_told_of_from_time_to_time() {
        let mut traps = Traps::default();
        let begun = Instant::now();
        let mut tell = |reason: &str, seconds| traps.tell(reason.into(), begun + Duration::from_secs(seconds));
        assert_eq!(tell("a", 0), Some(0));
        assert_eq!(tell("a", 1), None);
        assert_eq!(tell("b", 1), Some(0));
        assert_eq!(tell("a", 9), None);
        assert_eq!(tell("a", 10), Some(2));
        assert_eq!(tell("a", 11), None);
    }
}
