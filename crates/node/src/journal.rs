//! What happened on a node, for people and programs that follow it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use abi::Digest;
use flow::Timestamp;

use crate::body::{NodeEvent, Step};

/// Events that are kept: a deployment alone has a dozen.
const KEPT: usize = 4_000;

/// How much an event concerns a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// An action finished.
    Info,
    /// Something is odd, nothing is lost.
    Warning,
    /// Something is lost, or a person is needed.
    Error,
}

/// The last events of a node, numbered from 1.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Mutex<Entries>,
    added: Condvar,
}

#[derive(Debug, Default)]
struct Entries {
    last: u64,
    kept: VecDeque<NodeEvent>,
}

/// An event before it has a number and a time.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) level: Level,
    pub(crate) kind: &'static str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) message: String,
    pub(crate) digest: Option<Digest>,
    pub(crate) step: Option<Step>,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(level: Level, kind: &'static str, subject: &'a str, message: impl Into<String>) -> Self {
        Self { level, kind, subject: Some(subject), message: message.into(), digest: None, step: None }
    }

    /// An event of the node as a whole.
    pub(crate) fn of_node(level: Level, kind: &'static str, message: impl Into<String>) -> Self {
        Self { level, kind, subject: None, message: message.into(), digest: None, step: None }
    }

    pub(crate) fn about(self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// What tells of a step of a deployment. Its own thread has logged it.
    pub(crate) fn with(self, step: Step) -> Self {
        Self { step: Some(step), ..self }
    }
}

impl Journal {
    /// Adds an event, and logs it.
    pub(crate) fn note(&self, entry: Entry<'_>) {
        let Entry { level, kind, subject, message, digest, step } = entry;
        match (level, &step) {
            (_, Some(_)) => {}
            (Level::Info, None) => tracing::info!(kind, subject, message, "event"),
            (Level::Warning, None) => tracing::warn!(kind, subject, message, "event"),
            (Level::Error, None) => tracing::error!(kind, subject, message, "event"),
        }
        let mut entries = self.lock();
        entries.last += 1;
        let event = NodeEvent {
            id: entries.last,
            time: Timestamp::now().0,
            kind: kind.into(),
            level: level.name().into(),
            subject: subject.map(Into::into),
            message,
            digest: digest.map(|digest| digest.to_string()),
            step,
        };
        if entries.kept.len() == KEPT {
            entries.kept.pop_front();
        }
        entries.kept.push_back(event);
        self.added.notify_all();
    }

    /// The events after the one of this number, oldest first; all of them where the number is from before a restart.
    pub(crate) fn after(&self, after: u64) -> Vec<NodeEvent> {
        events_after(&self.lock(), after)
    }

    /// As [`Self::after`], but waits for one if there is none, `most` at the longest.
    pub(crate) fn wait(&self, after: u64, most: Duration) -> Vec<NodeEvent> {
        let until = Instant::now() + most;
        let mut entries = self.lock();
        loop {
            let events = events_after(&entries, after);
            let rest = until.saturating_duration_since(Instant::now());
            if !events.is_empty() || rest.is_zero() {
                return events;
            }
            entries = self.added.wait_timeout(entries, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn events_after(entries: &Entries, after: u64) -> Vec<NodeEvent> {
    let after = if after > entries.last { 0 } else { after };
    entries.kept.iter().filter(|event| event.id > after).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(count: usize) -> Journal {
        let journal = Journal::default();
        for number in 0..count {
            journal.note(Entry::new(Level::Info, "test", "subject", number.to_string()));
        }
        journal
    }

    #[track_caller]
    fn check(journal: &Journal, after: u64, expected: std::ops::RangeInclusive<u64>) {
        let ids: Vec<u64> = journal.after(after).iter().map(|event| event.id).collect();
        assert_eq!(ids, expected.collect::<Vec<_>>());
    }

    #[test]
    fn events_are_numbered_and_the_last_are_kept() {
        check(&noted(3), 0, 1..=3);
        check(&noted(3), 2, 3..=3);
        #[allow(clippy::reversed_empty_ranges, reason = "nothing is expected")]
        check(&noted(3), 3, 1..=0);
        check(&noted(4_002), 0, 3..=4_002);
    }

    #[test]
    fn a_number_from_before_a_restart_gives_everything() {
        check(&noted(3), 900, 1..=3);
    }

    #[test]
    fn who_waits_hears_of_it() {
        let journal = noted(1);
        assert_eq!(journal.wait(1, Duration::ZERO), []);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| journal.wait(1, Duration::from_secs(60)));
            journal.note(Entry::of_node(Level::Error, "test", "second").about(Digest::of(b"x")));
            let events = waiter.join().unwrap();
            assert_eq!((events[0].id, events[0].level.as_str(), &events[0].subject), (2, "error", &None));
        });
    }
}
