//! A running route: one thread reads the source, one does the rest.

mod inlet;
mod reader;
mod status;
mod worker;

use std::fmt;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::Stop;
use crate::queue::Queue;
use crate::seen::Seen;
use crate::{CallSpec, Clock, Event, Functions, QueueSpec, Sink, Source, StreamId, WindowSpec};

pub use inlet::{Delivered, Inlet, InletError};
pub use status::{Counters, RouteStatus};

use status::State;

/// Where the values of a route come from.
pub enum Input {
    /// A source that is asked.
    Polled {
        /// The source.
        source: Box<dyn Source>,
        /// Time between two values; `None` as fast as they are taken.
        every: Option<Duration>,
    },
    /// Values that are pushed into its [`Inlet`].
    Pushed,
    /// Events of other nodes that are delivered to its [`Inlet`], but for those that were taken before.
    Received(Seen),
}

/// What a route is made of.
pub struct RouteParts {
    /// Name of the route.
    pub name: String,
    /// Name of the node.
    pub origin: String,
    /// Where values come from.
    pub input: Input,
    /// Between the source and the rest.
    pub queue: QueueSpec,
    /// What is given to the function together. Without a function a window becomes one event, the list of its values.
    pub window: Option<WindowSpec>,
    /// What is done with values.
    pub call: Option<CallSpec>,
    /// Where the outcome goes.
    pub sinks: Vec<Box<dyn Sink>>,
}

/// Hears what happens to a route. Calls come from the threads of the route and must not block.
pub trait RouteObserver: Send + Sync {
    /// Something goes wrong that went well before; it is not told again while it lasts.
    fn problem(&self, route: &str, message: &str);
    /// What went wrong goes well again.
    fn recovered(&self, route: &str, message: &str);
    /// The source has no more values and what it gave was processed.
    fn ended(&self, route: &str);
}

/// Why a route cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start a thread for the route `{route}`")]
pub struct StartRouteError {
    /// Name of the route.
    pub route: String,
    /// What the system says.
    #[source]
    pub source: io::Error,
}

/// How a route stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Events that were received and not processed, because the time was over.
    pub left: usize,
    /// Events that waited for the end of their window.
    pub unfinished: usize,
    /// Threads that did not end in time, because a source, a function or a sink holds them.
    pub stuck: usize,
}

/// A running route. Dropping it stops it without waiting for anything.
pub struct Route {
    shared: Arc<Shared>,
    /// Disconnected when all threads have ended.
    ends: Receiver<()>,
    threads: Vec<thread::JoinHandle<()>>,
}

struct Shared {
    name: String,
    stream: StreamId,
    kind: Kind,
    queue: Queue<Event>,
    stop: Stop,
    clock: Arc<dyn Clock>,
    state: State,
    /// Number of the next value that comes in here.
    next: Mutex<u64>,
    seen: Seen,
}

/// How events come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Polled,
    Pushed,
    Received,
}

impl Route {
    /// Starts a route.
    ///
    /// # Errors
    /// [`StartRouteError`] where the system gives no thread.
    pub fn start(
        parts: RouteParts,
        functions: Arc<dyn Functions>,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn RouteObserver>,
    ) -> Result<Self, StartRouteError> {
        let RouteParts { name, origin, input, queue, window, call, sinks } = parts;
        let kind = match &input {
            Input::Polled { .. } => Kind::Polled,
            Input::Pushed => Kind::Pushed,
            Input::Received(_) => Kind::Received,
        };
        let seen = match &input {
            Input::Received(seen) => seen.clone(),
            Input::Polled { .. } | Input::Pushed => Seen::new(),
        };
        let shared = Arc::new(Shared {
            stream: StreamId { origin, route: name.clone(), start: clock.unix().0 },
            kind,
            queue: Queue::new(queue),
            stop: Stop::new(),
            clock,
            state: State::new(name.clone(), observer),
            next: Mutex::new(0),
            seen,
            name,
        });
        let (running, ends) = mpsc::channel();
        let mut route = Self { shared: Arc::clone(&shared), ends, threads: vec![] };
        let worker = worker::Worker::new(Arc::clone(&shared), functions, window, call, sinks);
        route.spawn("flow", running.clone(), move || worker.run())?;
        if let Input::Polled { source, every } = input {
            route.spawn("read", running, move || reader::run(&shared, source, every))?;
        }
        Ok(route)
    }

    fn spawn(
        &mut self,
        part: &str,
        running: Sender<()>,
        work: impl FnOnce() + Send + 'static,
    ) -> Result<(), StartRouteError> {
        let shared = Arc::clone(&self.shared);
        let guarded = move || {
            if panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                shared.state.broken("internal error, please report it: a thread of the route panicked");
                shared.queue.discard();
            }
            drop(running);
        };
        let name = format!("{part}-{}", self.shared.name);
        let thread = thread::Builder::new().name(name).spawn(guarded);
        let failed = |source| StartRouteError { route: self.shared.name.clone(), source };
        self.threads.push(thread.map_err(failed)?);
        Ok(())
    }

    /// Name of the route.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// The stream of the events that begin in this run.
    #[must_use]
    pub fn stream(&self) -> &StreamId {
        &self.shared.stream
    }

    /// Where values or events of other nodes are put in.
    #[must_use]
    pub fn inlet(&self) -> Inlet {
        Inlet::new(Arc::clone(&self.shared))
    }

    /// What the route has done so far and how it is.
    #[must_use]
    pub fn status(&self) -> RouteStatus {
        self.shared.state.status(&self.shared)
    }

    /// Stops the source first, then processes what was received, for `within` at most.
    #[must_use = "it says what was lost"]
    pub fn stop(self, within: Duration) -> Stopped {
        let until = Instant::now() + within;
        self.shared.stop.set();
        if self.shared.kind != Kind::Polled {
            self.shared.queue.close();
        }
        let ended = |until: Instant| {
            let rest = until.saturating_duration_since(Instant::now());
            self.ends.recv_timeout(rest) == Err(RecvTimeoutError::Disconnected)
        };
        let mut left = 0;
        if !ended(until) {
            left = self.shared.queue.discard();
            // What is only slow ends now.
            ended(Instant::now() + GRACE);
        }
        let stuck = self.threads.iter().filter(|thread| !thread.is_finished()).count();
        // The sender is dropped just before a thread is finished.
        let stuck = if ended(Instant::now()) { 0 } else { stuck };
        Stopped { left, unfinished: self.shared.state.unfinished(), stuck }
    }
}

/// What a thread gets beyond its time to see that nothing is left to do.
const GRACE: Duration = Duration::from_millis(200);

impl Drop for Route {
    fn drop(&mut self) {
        self.shared.stop.set();
        self.shared.queue.discard();
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("stream", &self.shared.stream).finish_non_exhaustive()
    }
}

impl fmt::Debug for RouteParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteParts").field("name", &self.name).field("input", &self.input).finish_non_exhaustive()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Polled { every, .. } => f.debug_struct("Polled").field("every", every).finish_non_exhaustive(),
            Self::Pushed => f.write_str("Pushed"),
            Self::Received(_) => f.write_str("Received"),
        }
    }
}
