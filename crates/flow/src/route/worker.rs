//! The thread behind the queue: window, function, sinks.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use super::Shared;
use super::status::{Trouble, shown};
use crate::call::{self, Functions};
use crate::queue::Popped;
use crate::window::Window;
use crate::{CallSpec, Event, EventId, Sink, WindowSpec};

/// How often the clock is asked whether it has completed a window.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Worker {
    shared: Arc<Shared>,
    functions: Arc<dyn Functions>,
    window: Option<Window>,
    call: Option<CallSpec>,
    sinks: Vec<Box<dyn Sink>>,
    /// Number of the next event that begins here.
    next: u64,
}

impl Worker {
    pub(super) fn new(
        shared: Arc<Shared>,
        functions: Arc<dyn Functions>,
        window: Option<WindowSpec>,
        call: Option<CallSpec>,
        sinks: Vec<Box<dyn Sink>>,
    ) -> Self {
        Self { shared, functions, window: window.map(Window::new), call, sinks, next: 0 }
    }

    pub(super) fn run(mut self) {
        loop {
            let wait = self.window.as_ref().and_then(Window::closes).map(|_| LOOK);
            match self.shared.queue.pop(wait) {
                Popped::Item(event) => self.take(event),
                Popped::Empty => {
                    let (unix, now) = (self.shared.clock.unix(), self.shared.clock.now());
                    if let Some(events) = self.window.as_mut().and_then(|window| window.close(unix, now)) {
                        self.process_window(events);
                    }
                }
                Popped::End => break,
            }
        }
        if !self.shared.stop.is_set() {
            // Nothing follows the last event, so the interval that it lies in is complete.
            if let Some(events) = self
                .window
                .as_mut()
                .and_then(|window| window.close(crate::Timestamp(u64::MAX), std::time::Duration::ZERO))
            {
                self.process_window(events);
            }
        }
        let unfinished = self.window.as_ref().map_or(0, Window::waiting);
        // Sinks are closed before anybody hears that all is done.
        self.sinks.clear();
        self.shared.state.finished(unfinished);
    }

    fn take(&mut self, event: Event) {
        match &mut self.window {
            Some(window) => {
                if let Some(events) = window.push(event, self.shared.clock.now()) {
                    self.process_window(events);
                }
            }
            None if self.call.is_some() => self.process(event.value),
            None => self.write(&event),
        }
    }

    fn process_window(&mut self, events: Vec<Event>) {
        let values = events.into_iter().map(|event| event.value).collect();
        self.process(Value::Array(values));
    }

    /// Makes a new event of a value.
    fn process(&mut self, value: Value) {
        let counted = &self.shared.state.counted;
        let outcome = match &self.call {
            None => value,
            Some(spec) => match call::call(&*self.functions, spec, &value) {
                Ok(outcome) => {
                    counted.calls.fetch_add(1, Ordering::Relaxed);
                    self.shared.state.succeed(Trouble::Call);
                    outcome
                }
                Err(failure) => {
                    counted.call_failures.fetch_add(1, Ordering::Relaxed);
                    self.shared.state.fail(Trouble::Call, &failure);
                    return;
                }
            },
        };
        let id = EventId { stream: self.shared.stream.clone(), sequence: self.next };
        self.next += 1;
        self.write(&Event { id, time: self.shared.clock.unix(), value: outcome });
    }

    fn write(&mut self, event: &Event) {
        let state = &self.shared.state;
        state.keep_outcome(shown(event));
        for (position, sink) in self.sinks.iter_mut().enumerate() {
            match sink.write(event) {
                Ok(()) => {
                    state.counted.written.fetch_add(1, Ordering::Relaxed);
                    state.succeed(Trouble::Write(position));
                }
                Err(error) => {
                    state.counted.write_failures.fetch_add(1, Ordering::Relaxed);
                    state.fail(Trouble::Write(position), &error);
                }
            }
        }
    }
}
