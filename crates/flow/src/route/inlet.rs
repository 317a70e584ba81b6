//! Where others put values and events into a route.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::status::shown;
use super::{Kind, Shared};
use crate::clock::lock;
use crate::queue::Offered;
use crate::{DEPTH_MAX, Event, EventId, StreamId, is_too_deep};

/// Why nothing can be put in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InletError {
    /// The route has another source.
    #[error("the route `{route}` takes no {what}: its source is {source_kind}")]
    WrongSource {
        /// The route.
        route: String,
        /// What was to be put in.
        what: &'static str,
        /// What its source is.
        source_kind: &'static str,
    },
    /// A value has too many lists and objects within each other.
    #[error("value {position} is nested more deeply than {DEPTH_MAX} levels")]
    TooDeep {
        /// Its position among those that were given, from 0.
        position: usize,
    },
    /// The route was stopped.
    #[error("the route `{route}` was stopped")]
    Stopped {
        /// The route.
        route: String,
    },
}

/// What became of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// For each stream the last event that need not come again; nothing for a stream of which nothing was taken yet.
    pub acknowledged: Vec<EventId>,
    /// Streams of which some events found no place.
    pub refused: Vec<StreamId>,
}

/// Where values or events are put into a route. Clones are the same.
#[derive(Clone)]
pub struct Inlet {
    shared: Arc<Shared>,
}

impl Inlet {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Name of the route.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.shared.name
    }

    /// Puts in values in their order, as many as find a place within `wait`; answers how many.
    ///
    /// # Errors
    /// [`InletError`]: nothing was taken.
    pub fn push(&self, values: Vec<Value>, wait: Duration) -> Result<usize, InletError> {
        self.check(Kind::Pushed, "values")?;
        if let Some(position) = values.iter().position(is_too_deep) {
            return Err(InletError::TooDeep { position });
        }
        let until = Instant::now() + wait;
        let mut taken = 0;
        // Numbers are given in the order of the queue, and only to what has a place there.
        let mut next = lock(&self.shared.next);
        for value in values {
            let id = EventId { stream: self.shared.stream.clone(), sequence: *next };
            let event = Event { id, time: self.shared.clock.unix(), value };
            match self.offer(event, until) {
                Offered::Taken | Offered::Dropped => {
                    *next += 1;
                    taken += 1;
                }
                Offered::Full(_) => break,
                Offered::Closed(_) if taken == 0 => return Err(self.stopped()),
                Offered::Closed(_) => break,
            }
        }
        Ok(taken)
    }

    /// Puts in events of other nodes, each stream in its order, as many as find a place within `wait`. Those that came
    /// before are passed over.
    ///
    /// # Errors
    /// [`InletError`]: nothing was taken.
    pub fn deliver(&self, events: Vec<Event>, wait: Duration) -> Result<Delivered, InletError> {
        self.check(Kind::Received, "events of other nodes")?;
        let until = Instant::now() + wait;
        let mut seen = self.shared.seen.lock();
        let mut refused = BTreeSet::new();
        let mut streams = BTreeMap::new();
        for event in events {
            let id = event.id.clone();
            if refused.contains(&id.stream) {
                continue;
            }
            streams.entry(id.stream.clone()).or_insert(());
            if !seen.is_new(&id) {
                self.shared.state.counted.duplicates.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            match self.offer(event, until) {
                Offered::Taken | Offered::Dropped => seen.note(&id),
                Offered::Full(_) => {
                    refused.insert(id.stream);
                }
                Offered::Closed(_) => return Err(self.stopped()),
            }
        }
        let last = |stream: StreamId| seen.last(&stream).map(|sequence| EventId { stream, sequence });
        let acknowledged = streams.into_keys().filter_map(last).collect();
        Ok(Delivered { acknowledged, refused: refused.into_iter().collect() })
    }

    fn offer(&self, event: Event, until: Instant) -> Offered<Event> {
        let shown = shown(&event);
        let offered = self.shared.queue.offer(event, until.saturating_duration_since(Instant::now()));
        if matches!(offered, Offered::Taken | Offered::Dropped) {
            self.shared.note_received(shown);
        }
        offered
    }

    fn check(&self, wanted: Kind, what: &'static str) -> Result<(), InletError> {
        let source_kind = match self.shared.kind {
            kind if kind == wanted => return Ok(()),
            Kind::Polled => "asked by the route itself",
            Kind::Pushed => "`push`",
            Kind::Received => "`nodes`",
        };
        Err(InletError::WrongSource { route: self.shared.name.clone(), what, source_kind })
    }

    fn stopped(&self) -> InletError {
        InletError::Stopped { route: self.shared.name.clone() }
    }
}

impl fmt::Debug for Inlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet").field("route", &self.route()).finish_non_exhaustive()
    }
}
