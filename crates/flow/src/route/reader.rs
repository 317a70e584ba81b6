//! The thread that asks a source.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use super::Shared;
use super::status::{Trouble, shown};
use crate::clock::lock;
use crate::pace::Pace;
use crate::queue::Offered;
use crate::{DEPTH_MAX, Event, EventId, Source, SourceError, is_too_deep};

/// How long a source without a pace rests after a failure.
const REST: Duration = Duration::from_secs(1);
/// How long an offer waits before it looks again.
const WAIT: Duration = Duration::from_secs(60);

pub(super) fn run(shared: &Arc<Shared>, mut source: Box<dyn Source>, every: Option<Duration>) {
    let mut pace = every.map(|every| Pace::new(every, shared.clock.now()));
    loop {
        let stopped = match &pace {
            Some(pace) => shared.clock.sleep_until(pace.due(), &shared.stop),
            None => shared.stop.is_set(),
        };
        if stopped {
            break;
        }
        match source.read() {
            Ok(Some(value)) if is_too_deep(&value) => {
                let reason = format!("the value is nested more deeply than {DEPTH_MAX} levels");
                shared.state.counted.read_failures.fetch_add(1, Ordering::Relaxed);
                shared.state.fail(Trouble::Read, &SourceError { reason });
            }
            Ok(Some(value)) => {
                shared.state.succeed(Trouble::Read);
                let mut event = shared.number(value);
                while let Offered::Full(back) = shared.queue.offer(event, WAIT) {
                    event = back;
                }
            }
            Ok(None) => {
                shared.state.source_ended();
                break;
            }
            Err(error) => {
                shared.state.counted.read_failures.fetch_add(1, Ordering::Relaxed);
                shared.state.fail(Trouble::Read, &error);
                if pace.is_none() && shared.clock.sleep_until(shared.clock.now() + REST, &shared.stop) {
                    break;
                }
            }
        }
        if let Some(pace) = &mut pace {
            let missed = pace.advance(shared.clock.now());
            shared.state.counted.missed.fetch_add(missed, Ordering::Relaxed);
        }
    }
    shared.queue.close();
}

impl Shared {
    /// Makes the next event of this run of a value that comes in here.
    pub(super) fn number(&self, value: Value) -> Event {
        let sequence = {
            let mut next = lock(&self.next);
            *next += 1;
            *next - 1
        };
        let event = Event { id: EventId { stream: self.stream.clone(), sequence }, time: self.clock.unix(), value };
        self.note_received(shown(&event));
        event
    }

    pub(super) fn note_received(&self, shown: Event) {
        self.state.counted.received.fetch_add(1, Ordering::Relaxed);
        self.state.keep_received(shown);
    }
}
