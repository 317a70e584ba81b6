//! Sources and sinks in memory, for tests and for programs that have their own ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use crate::clock::lock;
use crate::{
    Event, EventId, Functions, RouteObserver, Sink, SinkError, Source, SourceError, Stop, StreamId, Timestamp,
};

/// A source of values and failures that are given beforehand.
#[derive(Debug)]
pub struct VecSource {
    rest: std::vec::IntoIter<Result<Value, SourceError>>,
}

impl VecSource {
    /// Gives these and ends.
    #[must_use]
    pub fn new(values: Vec<Result<Value, SourceError>>) -> Self {
        Self { rest: values.into_iter() }
    }
}

impl Source for VecSource {
    fn read(&mut self) -> Result<Option<Value>, SourceError> {
        self.rest.next().transpose()
    }
}

/// A sink that keeps what it takes. Clones are the same sink.
#[derive(Debug, Clone, Default)]
pub struct VecSink {
    events: Arc<Mutex<Vec<Event>>>,
}

impl VecSink {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it has taken, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        lock(&self.events).clone()
    }
}

impl Sink for VecSink {
    fn write(&mut self, event: &Event) -> Result<(), SinkError> {
        lock(&self.events).push(event.clone());
        Ok(())
    }
}

/// An event of the stream `origin/route@1` whose value is its position.
#[must_use]
pub fn event(sequence: u64, time: Timestamp) -> Event {
    let stream = StreamId { origin: "origin".into(), route: "route".into(), start: 1 };
    Event { id: EventId { stream, sequence }, time, value: sequence.into() }
}

/// No functions at all.
#[derive(Debug, Clone, Copy)]
pub struct NoFunctions;

impl Functions for NoFunctions {
    fn slot(&self, _: &str) -> Option<runtime::Slot> {
        None
    }
}

/// An observer that keeps what it hears.
#[derive(Debug, Default)]
pub struct Silent {
    heard: Mutex<Vec<String>>,
    ended: Stop,
}

impl Silent {
    /// What was heard: `problem: ...`, `recovered: ...`, `ended`.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        lock(&self.heard).clone()
    }

    /// Waits until a route has ended, but no longer than `most`.
    #[must_use]
    pub fn wait_for_end(&self, most: Duration) -> Option<()> {
        self.ended.wait(most).then_some(())
    }
}

impl RouteObserver for Silent {
    fn problem(&self, _: &str, message: &str) {
        lock(&self.heard).push(format!("problem: {message}"));
    }

    fn recovered(&self, _: &str, message: &str) {
        lock(&self.heard).push(format!("recovered: {message}"));
    }

    fn ended(&self, _: &str) {
        lock(&self.heard).push("ended".into());
        self.ended.set();
    }
}
