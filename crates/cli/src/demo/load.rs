//! Threads that call a slot again and again, and what they saw.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use abi::Digest;
use runtime::Slot;

use super::statistics::FUNCTION;

/// Failures that are kept to be shown.
const FAILURES_KEPT: usize = 3;
/// Callers for each thread that the machine runs at once: more than there are instances.
const CALLERS: usize = 2;
const CALLERS_MAX: usize = 16;
/// How long a caller rests after an answer. Without a rest there is no time left in which to compile the new version,
/// which happens at the lowest priority.
pub(super) const REST: Duration = Duration::from_micros(50);

/// Callers at work.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    callers: Vec<JoinHandle<Seen>>,
}

/// What the callers saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Answered calls: beginning and end.
    calls: Vec<(Instant, Instant)>,
    /// Each version that answered, what it answered, and when it did so first. One entry for every different answer.
    pub(super) answers: Vec<(Digest, String, Instant)>,
    pub(super) failed: usize,
    /// The first failures.
    pub(super) failures: Vec<String>,
}

/// How many callers there are.
pub(super) fn callers() -> usize {
    (thread::available_parallelism().map_or(1, NonZeroUsize::get) * CALLERS).clamp(CALLERS, CALLERS_MAX)
}

impl Load {
    /// Starts [`callers`] threads.
    pub(super) fn start(slot: &Slot, argument: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let caller = |_| {
            let (slot, argument, stop) = (slot.clone(), argument.to_owned(), Arc::clone(&stop));
            thread::spawn(move || call(&slot, &argument, &stop))
        };
        Self { callers: (0..callers()).map(caller).collect(), stop }
    }

    /// Stops the callers.
    pub(super) fn stop(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for caller in self.callers {
            match caller.join() {
                Ok(seen) => all.add(seen),
                Err(_) => all.fail("a caller panicked".into()),
            }
        }
        all.calls.sort_unstable_by_key(|(_, end)| *end);
        all
    }
}

impl Seen {
    /// How many calls were answered.
    pub(super) fn answered(&self) -> usize {
        self.calls.len()
    }

    /// The longest single call.
    pub(super) fn longest_call(&self) -> Duration {
        self.calls.iter().map(|(begin, end)| end.duration_since(*begin)).max().unwrap_or_default()
    }

    /// The longest time without an answer to anybody.
    pub(super) fn longest_gap(&self) -> Duration {
        let pairs = self.calls.windows(2);
        pairs.map(|pair| pair[1].1.duration_since(pair[0].1)).max().unwrap_or_default()
    }

    /// The time between the first answer of a version and the answer before it, whoever gave that.
    pub(super) fn gap_before(&self, digest: Digest) -> Option<Duration> {
        let first = self.first_answer(digest)?;
        let before = self.calls.iter().rev().find(|(_, end)| *end < first)?.1;
        Some(first.duration_since(before))
    }

    /// The different answers of a version.
    pub(super) fn answers_of(&self, digest: Digest) -> Vec<&str> {
        self.answers.iter().filter(|(of, ..)| *of == digest).map(|(_, answer, _)| answer.as_str()).collect()
    }

    /// When a version answered first.
    pub(super) fn first_answer(&self, digest: Digest) -> Option<Instant> {
        self.answers.iter().filter(|(of, ..)| *of == digest).map(|(.., at)| *at).min()
    }

    fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.failures.truncate(FAILURES_KEPT);
        for (digest, answer, at) in other.answers {
            self.note(digest, answer, at);
        }
    }

    fn fail(&mut self, reason: String) {
        self.failed += 1;
        if self.failures.len() < FAILURES_KEPT {
            self.failures.push(reason);
        }
    }

    fn note(&mut self, digest: Digest, answer: String, at: Instant) {
        match self.answers.iter_mut().find(|(of, known, _)| *of == digest && *known == answer) {
            Some((.., first)) => *first = at.min(*first),
            None => self.answers.push((digest, answer, at)),
        }
    }
}

fn call(slot: &Slot, argument: &str, stop: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        let begin = Instant::now();
        let lease = slot.acquire();
        let answer = lease.call_json(FUNCTION, argument);
        let end = Instant::now();
        match answer {
            Ok(answer) => {
                seen.calls.push((begin, end));
                seen.note(lease.version().digest(), answer, end);
            }
            Err(error) => seen.fail(runtime::one_line(&error)),
        }
        drop(lease);
        thread::sleep(REST);
    }
    seen
}
