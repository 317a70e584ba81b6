//! The routes of a node.

mod delivery;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use flow::{Changes, Clock, Event, Functions, Inlet, InletError, Route, RouteObserver, RouteParts, RouteStatus, Seen};
use runtime::one_line;
use serde_json::Value;

use crate::body;
use crate::config::{NodeRoute, NodesSpec, SourceSpec};
use crate::journal::{Entry, Journal, Level};
use crate::refusal::{Class, Refusal};
use crate::upstream::Upstream;
use crate::{describe, sinks, sources};

/// How long a push waits for a place in a full queue.
const WAIT: Duration = Duration::from_secs(1);
/// How long a route that is changed or removed may take to process what it has received.
const CHANGE: Duration = Duration::from_secs(5);

/// The routes of a node by name.
pub(crate) struct Routes {
    node: String,
    functions: Arc<dyn Functions>,
    clock: Arc<dyn Clock>,
    upstream: Arc<Upstream>,
    journal: Arc<Journal>,
    table: Mutex<Table>,
    /// What the route of this name has taken of other nodes, whatever has changed since.
    seen: Mutex<BTreeMap<String, Seen>>,
}

#[derive(Default)]
struct Table {
    running: BTreeMap<String, Running>,
    /// What routes take of other nodes that are being changed.
    changing: Vec<NodesSpec>,
}

struct Running {
    spec: NodeRoute,
    route: Route,
}

impl Routes {
    /// No routes yet.
    pub(crate) fn new(
        node: String,
        functions: Arc<dyn Functions>,
        clock: Arc<dyn Clock>,
        upstream: Arc<Upstream>,
        journal: Arc<Journal>,
    ) -> Self {
        Self { node, functions, clock, upstream, journal, table: Mutex::default(), seen: Mutex::default() }
    }

    /// Stops what is removed or changed once it has processed what it received, and starts what is added or changed.
    pub(crate) fn apply(&self, changes: Changes<NodeRoute>) {
        let Changes { removed, added, changed } = changes;
        let stopping: Vec<(String, Running)> = {
            let mut table = self.lock();
            let names: Vec<String> = removed.into_iter().chain(changed.keys().cloned()).collect();
            let stopping = names.into_iter().filter_map(|name| table.running.remove_entry(&name));
            let stopping: Vec<(String, Running)> = stopping.collect();
            let before = stopping.iter().map(|(_, running)| &running.spec);
            table.changing = before.chain(added.values()).chain(changed.values()).filter_map(taken).cloned().collect();
            stopping
        };
        // What is lost stands in the journal.
        let _lost = self.stop_all(stopping, CHANGE);
        for (name, spec) in added.into_iter().chain(changed) {
            self.start(name, spec);
        }
        self.lock().changing.clear();
    }

    fn start(&self, name: String, spec: NodeRoute) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default().clone();
        let parts = RouteParts {
            name: name.clone(),
            origin: self.node.clone(),
            input: sources::input(&spec.source, spec.every, &seen),
            queue: spec.queue,
            window: spec.window,
            call: spec.call.clone(),
            sinks: spec.sinks.iter().map(|sink| sinks::open(sink, || self.upstream.sink())).collect(),
        };
        let observer = Arc::new(Observer { journal: Arc::clone(&self.journal) });
        match Route::start(parts, Arc::clone(&self.functions), Arc::clone(&self.clock), observer) {
            Ok(route) => {
                self.lock().running.insert(name.clone(), Running { spec, route });
                self.journal.note(Entry::new(Level::Info, "route-started", &name, "started"));
            }
            Err(error) => self.journal.note(Entry::new(Level::Error, "failed", &name, one_line(&error))),
        }
    }

    /// Stops all routes; answers in sentences what was lost.
    pub(crate) fn stop(&self, within: Duration) -> Vec<String> {
        let running = std::mem::take(&mut self.lock().running);
        self.stop_all(running.into_iter().collect(), within)
    }

    /// Stops routes at once, each for `within` at most.
    fn stop_all(&self, running: Vec<(String, Running)>, within: Duration) -> Vec<String> {
        let stop = |(name, running): (String, Running)| {
            let stopped = running.route.stop(within);
            let mut lost = Vec::new();
            let mut say = |count: usize, what: &str| {
                if count > 0 {
                    lost.push(format!("route `{name}`: {count} {what}"));
                }
            };
            say(stopped.left, "events were received and not processed in time");
            say(stopped.stuck, "threads did not end in time");
            let level = match (lost.is_empty(), stopped.unfinished) {
                (true, 0) => Level::Info,
                (true, _) => Level::Warning,
                (false, _) => Level::Error,
            };
            let mut message = if lost.is_empty() { "stopped".into() } else { lost.join("; ") };
            if stopped.unfinished > 0 {
                message.push_str(&format!("; dropped from a window that was not complete: {}", stopped.unfinished));
            }
            self.journal.note(Entry::new(level, "route-stopped", &name, message));
            lost
        };
        thread::scope(|scope| {
            let threads: Vec<_> = running.into_iter().map(|running| scope.spawn(|| stop(running))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    }

    pub(crate) fn bodies(&self) -> Vec<body::Route> {
        self.lock().running.iter().map(|(name, running)| body(name, &running.spec, running.route.status())).collect()
    }

    pub(crate) fn body(&self, name: &str) -> Result<body::Route, Refusal> {
        let table = self.lock();
        let running = table.running.get(name).ok_or_else(|| missing(name, &table))?;
        Ok(body(name, &running.spec, running.route.status()))
    }

    /// Puts values into a route whose source is pushed values.
    pub(crate) fn push(&self, name: &str, values: Vec<Value>) -> Result<body::Pushed, Refusal> {
        let wanted = values.len();
        let inlet = self.inlet(name)?;
        let taken = inlet.push(values, WAIT).map_err(|error| of_inlet(&error))?;
        if taken == 0 && wanted > 0 {
            let message = format!("the queue of the route `{name}` is full: send the values again later");
            return Err(Refusal::new(Class::NotNow, "full", message));
        }
        Ok(body::Pushed { taken: taken as u64 })
    }

    fn inlet(&self, name: &str) -> Result<Inlet, Refusal> {
        let table = self.lock();
        table.running.get(name).map(|running| running.route.inlet()).ok_or_else(|| missing(name, &table))
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a route takes of other nodes.
fn taken(route: &NodeRoute) -> Option<&NodesSpec> {
    match &route.source {
        SourceSpec::Nodes(nodes) => Some(nodes),
        SourceSpec::File(_) | SourceSpec::Replay(_) | SourceSpec::Signal(_) | SourceSpec::Push => None,
    }
}

fn missing(name: &str, table: &Table) -> Refusal {
    Refusal::missing("no_such_route", "route", name, "this node has", table.running.keys())
}

fn of_inlet(error: &InletError) -> Refusal {
    let (class, code) = match error {
        InletError::WrongSource { .. } => (Class::Conflict, "wrong_source"),
        InletError::TooDeep { .. } => (Class::Invalid, "too_deep"),
        InletError::Stopped { .. } => (Class::NotNow, "stopped"),
        // Of the open set.
        _ => (Class::Internal, "internal"),
    };
    Refusal::new(class, code, error.to_string())
}

fn body(name: &str, spec: &NodeRoute, status: RouteStatus) -> body::Route {
    let samples = |events: Vec<Event>| events.into_iter().map(sample).collect();
    body::Route {
        name: name.into(),
        source: describe::source(spec),
        window: spec.window.as_ref().map(describe::window),
        call: spec.call.as_ref().map(describe::call),
        sinks: spec.sinks.iter().map(describe::sink).collect(),
        start: status.start,
        ended: status.ended,
        counters: counters(status.counters),
        queued: status.queued as u64,
        queue_capacity: status.capacity as u64,
        problem: status.problem,
        received: samples(status.received),
        outcomes: samples(status.outcomes),
    }
}

fn counters(counters: flow::Counters) -> body::RouteCounters {
    body::RouteCounters {
        received: counters.received,
        read_failures: counters.read_failures,
        dropped: counters.dropped,
        calls: counters.calls,
        call_failures: counters.call_failures,
        written: counters.written,
        write_failures: counters.write_failures,
        missed: counters.missed,
        duplicates: counters.duplicates,
    }
}

fn sample(event: Event) -> body::Sample {
    body::Sample { origin: event.id.stream.origin, sequence: event.id.sequence, time: event.time.0, value: event.value }
}

/// Tells the journal.
struct Observer {
    journal: Arc<Journal>,
}

impl RouteObserver for Observer {
    fn problem(&self, route: &str, message: &str) {
        self.journal.note(Entry::new(Level::Warning, "route-problem", route, message));
    }

    fn recovered(&self, route: &str, message: &str) {
        self.journal.note(Entry::new(Level::Info, "route-recovered", route, format!("over: {message}")));
    }

    fn ended(&self, route: &str) {
        self.journal.note(Entry::new(Level::Info, "route-ended", route, "its source has no more values"));
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.lock().running.keys().cloned().collect();
        f.debug_struct("Routes").field("names", &names).finish_non_exhaustive()
    }
}

/// What is left of `within`.
pub(crate) fn rest(begun: Instant, within: Duration) -> Duration {
    within.saturating_sub(begun.elapsed())
}
