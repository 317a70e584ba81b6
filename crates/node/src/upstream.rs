//! Sending events up to another node, none lost and none doubled while both run.
//!
//! Events wait in a bounded buffer until the other node acknowledges them. What it acknowledged is removed, everything
//! else is sent again: it passes over what it has seen.

mod buffer;
mod sender;

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use flow::{Event, Sink, SinkError, Stop, StreamId};

use crate::body;
use crate::config::UpstreamSpec;
use crate::journal::{Entry, Journal, Level};

use self::buffer::Buffer;

/// What waits to be sent up. There is one for a node, whatever its configuration says.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// Name of this node.
    node: String,
    journal: Arc<Journal>,
    state: Mutex<State>,
    changed: Condvar,
    stop: Stop,
}

#[derive(Debug)]
struct State {
    spec: Option<UpstreamSpec>,
    buffer: Buffer,
    reachable: bool,
    problem: Option<String>,
    /// Since when nothing is taken.
    failing: Option<Instant>,
    /// Whether a problem was told of that is not over.
    told: bool,
    /// Streams that the other node has no route for, each told of once.
    unclaimed: BTreeSet<StreamId>,
}

impl Upstream {
    /// Starts the thread that sends.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start(node: String, spec: Option<UpstreamSpec>, journal: Arc<Journal>) -> io::Result<Arc<Self>> {
        let state = State {
            spec,
            buffer: Buffer::default(),
            reachable: false,
            problem: None,
            told: false,
            failing: None,
            unclaimed: BTreeSet::new(),
        };
        let upstream =
            Arc::new(Self { node, journal, state: Mutex::new(state), changed: Condvar::new(), stop: Stop::new() });
        let sending = Arc::clone(&upstream);
        thread::Builder::new().name("upstream".into()).spawn(move || sender::run(&sending))?;
        Ok(upstream)
    }

    /// Sends elsewhere from now on, what waits as well.
    pub(crate) fn set(&self, spec: Option<UpstreamSpec>) {
        let mut state = self.lock();
        if state.spec != spec {
            state.spec = spec;
            state.problem = None;
            state.unclaimed.clear();
            state.buffer.unpark();
            self.changed.notify_all();
        }
    }

    /// Where routes put events.
    pub(crate) fn sink(self: &Arc<Self>) -> Box<dyn Sink> {
        Box::new(UpstreamSink { upstream: Arc::clone(self) })
    }

    pub(crate) fn body(&self) -> Option<body::Upstream> {
        let state = self.lock();
        let spec = state.spec.as_ref()?;
        Some(body::Upstream {
            url: spec.url.as_str().into(),
            reachable: state.reachable,
            problem: state.problem.clone(),
            waiting: state.buffer.len() as u64,
            capacity: spec.buffer.get() as u64,
            acknowledged: state.buffer.acknowledged,
            dropped: state.buffer.dropped,
            oldest: state.buffer.oldest().map(|time| time.0),
        })
    }

    /// Waits until nothing waits, and ends the thread; answers how many events are lost.
    pub(crate) fn stop(&self, within: Duration) -> usize {
        let until = Instant::now() + within;
        let mut state = self.lock();
        while state.buffer.len() > 0 && state.spec.is_some() {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.stop.set();
        self.changed.notify_all();
        state.buffer.len()
    }

    fn push(&self, event: &Event) -> Result<(), SinkError> {
        let mut state = self.lock();
        let Some(capacity) = state.spec.as_ref().map(|spec| spec.buffer.get()) else {
            return Err(SinkError { reason: "there is no upstream node any more".into() });
        };
        let is_first = state.buffer.dropped == 0;
        let fits = state.buffer.push(event.clone(), capacity);
        self.changed.notify_all();
        if fits {
            return Ok(());
        }
        drop(state);
        let reason = format!("the buffer for the upstream node holds {capacity} events and drops the oldest");
        if is_first {
            self.journal.note(Entry::new(Level::Error, "upstream-full", "upstream", reason.clone()));
        }
        Err(SinkError { reason })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct UpstreamSink {
    upstream: Arc<Upstream>,
}

impl Sink for UpstreamSink {
    fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        self.upstream.push(event)
    }
}
