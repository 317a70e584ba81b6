//! What a route tells of itself.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{RouteObserver, Shared};
use crate::Event;
use crate::clock::lock;

/// Events that are kept to be shown.
const KEPT: usize = 120;
/// Larger values are not kept, in bytes of JSON, roughly.
const VALUE_BYTES_MAX: usize = 4096;

/// Numbers since a route began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Values that came in.
    pub received: u64,
    /// Values that could not be read.
    pub read_failures: u64,
    /// Events that the queue dropped.
    pub dropped: u64,
    /// Calls that were answered.
    pub calls: u64,
    /// Calls that failed.
    pub call_failures: u64,
    /// Events that sinks took.
    pub written: u64,
    /// Events that a sink did not take.
    pub write_failures: u64,
    /// Times that a value was due while the source was not ready, beyond what could be made up for.
    pub missed: u64,
    /// Events that had come before and were passed over.
    pub duplicates: u64,
}

/// How a route is.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteStatus {
    /// When this run began, in microseconds since the Unix epoch.
    pub start: u64,
    /// Whether the source has no more values.
    pub ended: bool,
    /// Numbers since then.
    pub counters: Counters,
    /// Events in the queue.
    pub queued: usize,
    /// How many it holds.
    pub capacity: usize,
    /// What goes wrong at present.
    pub problem: Option<String>,
    /// The last values that came in, oldest first, at most 120. A large value is replaced by a note.
    pub received: Vec<Event>,
    /// The last outcomes.
    pub outcomes: Vec<Event>,
}

/// What can go wrong on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    Panic,
    Read,
    Call,
    /// Of the sink at this position.
    Write(usize),
}

/// The numbers while they are counted.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) received: AtomicU64,
    pub(super) read_failures: AtomicU64,
    pub(super) calls: AtomicU64,
    pub(super) call_failures: AtomicU64,
    pub(super) written: AtomicU64,
    pub(super) write_failures: AtomicU64,
    pub(super) missed: AtomicU64,
    pub(super) duplicates: AtomicU64,
}

pub(super) struct State {
    route: String,
    observer: Arc<dyn RouteObserver>,
    pub(super) counted: Counted,
    ended: AtomicBool,
    unfinished: AtomicUsize,
    is_troubled: AtomicBool,
    troubles: Mutex<BTreeMap<Trouble, String>>,
    received: Mutex<VecDeque<Event>>,
    outcomes: Mutex<VecDeque<Event>>,
}

impl State {
    pub(super) fn new(route: String, observer: Arc<dyn RouteObserver>) -> Self {
        Self {
            route,
            observer,
            counted: Counted::default(),
            ended: AtomicBool::new(false),
            unfinished: AtomicUsize::new(0),
            is_troubled: AtomicBool::new(false),
            troubles: Mutex::default(),
            received: Mutex::default(),
            outcomes: Mutex::default(),
        }
    }

    pub(super) fn status(&self, shared: &Shared) -> RouteStatus {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counted = &self.counted;
        let kept = |ring: &Mutex<VecDeque<Event>>| lock(ring).iter().cloned().collect();
        RouteStatus {
            start: shared.stream.start,
            ended: self.ended.load(Ordering::Relaxed),
            counters: Counters {
                received: count(&counted.received),
                read_failures: count(&counted.read_failures),
                dropped: shared.queue.dropped(),
                calls: count(&counted.calls),
                call_failures: count(&counted.call_failures),
                written: count(&counted.written),
                write_failures: count(&counted.write_failures),
                missed: count(&counted.missed),
                duplicates: count(&counted.duplicates),
            },
            queued: shared.queue.len(),
            capacity: shared.queue.capacity(),
            problem: lock(&self.troubles).values().next().cloned(),
            received: kept(&self.received),
            outcomes: kept(&self.outcomes),
        }
    }

    pub(super) fn fail(&self, trouble: Trouble, error: &dyn std::error::Error) {
        let message = runtime::one_line(error);
        self.is_troubled.store(true, Ordering::Relaxed);
        if lock(&self.troubles).insert(trouble, message.clone()).is_none() {
            self.observer.problem(&self.route, &message);
        }
    }

    pub(super) fn succeed(&self, trouble: Trouble) {
        if !self.is_troubled.load(Ordering::Relaxed) {
            return;
        }
        let over = {
            let mut troubles = lock(&self.troubles);
            let over = troubles.remove(&trouble);
            self.is_troubled.store(!troubles.is_empty(), Ordering::Relaxed);
            over
        };
        if let Some(message) = over {
            self.observer.recovered(&self.route, &message);
        }
    }

    /// A defect of ours ended a thread.
    pub(super) fn broken(&self, message: &str) {
        self.is_troubled.store(true, Ordering::Relaxed);
        lock(&self.troubles).insert(Trouble::Panic, message.into());
        self.ended.store(true, Ordering::Relaxed);
        self.observer.problem(&self.route, message);
    }

    pub(super) fn source_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Everything is done; tells it where that is because the source has ended.
    pub(super) fn finished(&self, unfinished: usize) {
        self.unfinished.store(unfinished, Ordering::Relaxed);
        if self.ended.load(Ordering::Relaxed) {
            self.observer.ended(&self.route);
        }
    }

    pub(super) fn unfinished(&self) -> usize {
        self.unfinished.load(Ordering::Relaxed)
    }

    pub(super) fn keep_received(&self, shown: Event) {
        keep(&self.received, shown);
    }

    pub(super) fn keep_outcome(&self, shown: Event) {
        keep(&self.outcomes, shown);
    }
}

/// What is kept of an event to be shown.
pub(super) fn shown(event: &Event) -> Event {
    if weight(&event.value) > VALUE_BYTES_MAX {
        let note = Value::from(format!("more than {VALUE_BYTES_MAX} bytes of JSON, not kept to be shown"));
        Event { id: event.id.clone(), time: event.time, value: note }
    } else {
        event.clone()
    }
}

fn keep(ring: &Mutex<VecDeque<Event>>, event: Event) {
    let mut ring = lock(ring);
    if ring.len() == KEPT {
        ring.pop_front();
    }
    ring.push_back(event);
}

/// About how many bytes of JSON the value makes; stops counting beyond the limit.
fn weight(value: &Value) -> usize {
    fn add(value: &Value, sum: &mut usize) {
        *sum += match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 8,
            Value::String(text) => text.len() + 2,
            Value::Array(_) | Value::Object(_) => 2,
        };
        match value {
            Value::Array(values) => {
                for value in values {
                    if *sum > VALUE_BYTES_MAX {
                        return;
                    }
                    add(value, sum);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    if *sum > VALUE_BYTES_MAX {
                        return;
                    }
                    *sum += name.len() + 4;
                    add(value, sum);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut sum = 0;
    add(value, &mut sum);
    sum
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("route", &self.route).field("counted", &self.counted).finish_non_exhaustive()
    }
}
