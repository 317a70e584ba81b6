//! The thread that sends what waits.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use flow::{Event, StreamId};
use runtime::one_line;

use super::Upstream;
use crate::body::{Delivery, Receipt};
use crate::client::{Client, ClientError};
use crate::journal::{Entry, Level};

/// Events that are sent at once, at most.
const BATCH: usize = 500;
/// How long the other node may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pause after a failure, doubled by each one that follows.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Pause after a delivery that took all that waited, so that the next one has more than one event.
const GATHER: Duration = Duration::from_millis(5);
/// A node that takes nothing for so long is told of.
const FULL: Duration = Duration::from_secs(2);
/// How often a thread with nothing to send looks whether a stream may be tried again.
const LOOK: Duration = Duration::from_secs(1);

/// What a delivery came to.
enum Outcome {
    /// Something was taken.
    Progress,
    /// The other node takes nothing at present.
    Full(String),
    /// It cannot be reached, or refuses.
    Failed(String),
    /// It will never take this.
    Refused(String),
    /// It did not answer in time, which may be for the size.
    TooLate(String),
}

pub(super) fn run(upstream: &Upstream) {
    let mut pause = PAUSE_MIN;
    let mut most = BATCH;
    let mut client = Client::with_patience("", PATIENCE);
    while let Some((url, events)) = next(upstream, most) {
        if client.url() != url {
            client = Client::with_patience(&url, PATIENCE);
        }
        match deliver(upstream, &client, &events) {
            Outcome::Progress => {
                (pause, most) = (PAUSE_MIN, BATCH);
                if events.len() < BATCH && upstream.stop.wait(GATHER) {
                    return;
                }
            }
            // Whose fault it is shows in ever smaller deliveries.
            Outcome::Refused(reason) => match events.as_slice() {
                [event] => upstream.give_up(event, &reason),
                several => most = several.len() / 2,
            },
            outcome @ (Outcome::Full(_) | Outcome::Failed(_) | Outcome::TooLate(_)) => {
                if matches!(outcome, Outcome::TooLate(_)) {
                    most = (events.len() / 2).max(1);
                }
                upstream.failed(outcome);
                if upstream.stop.wait(pause) {
                    return;
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Waits for something to send; `None` when nothing is to be sent any more.
fn next(upstream: &Upstream, most: usize) -> Option<(String, Vec<Event>)> {
    let mut state = upstream.lock();
    loop {
        if upstream.stop.is_set() {
            return None;
        }
        let url = state.spec.as_ref().map(|spec| spec.url.as_str().to_owned());
        if let Some(url) = url {
            let events = state.buffer.batch(most, Instant::now());
            if !events.is_empty() {
                return Some((url, events));
            }
        }
        state = upstream.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn deliver(upstream: &Upstream, client: &Client, events: &[Event]) -> Outcome {
    let delivery = Delivery { from: upstream.node.clone(), events: events.to_vec() };
    match client.deliver(&delivery) {
        Ok(receipt) => upstream.receive(receipt),
        Err(ClientError::Refused { status: 400 | 413 | 415 | 422, message, .. }) => Outcome::Refused(message),
        Err(ClientError::Refused { status: 429 | 503, message, .. }) => Outcome::Full(message),
        Err(error @ ClientError::TooLate { .. }) => Outcome::TooLate(one_line(&error)),
        Err(error) => Outcome::Failed(one_line(&error)),
    }
}

impl Upstream {
    fn receive(&self, receipt: Receipt) -> Outcome {
        let mut state = self.lock();
        let removed = state.buffer.acknowledge(&receipt.acknowledged);
        for id in &receipt.acknowledged {
            state.unclaimed.remove(&id.stream);
        }
        let mut news = Vec::new();
        let has_unclaimed = !receipt.unclaimed.is_empty();
        for stream in receipt.unclaimed {
            state.buffer.park(stream.clone(), Instant::now());
            if state.unclaimed.insert(stream.clone()) {
                news.push(unclaimed(&receipt.by, &stream));
            }
        }
        self.changed.notify_all();
        let is_full = removed == 0 && !has_unclaimed;
        let was_told = !is_full && std::mem::take(&mut state.told);
        if !is_full {
            state.failing = None;
        }
        state.reachable = true;
        state.problem = state.unclaimed.first().map(|stream| unclaimed(&receipt.by, stream));
        drop(state);
        if was_told {
            let message = format!("{} takes events again", receipt.by);
            self.journal.note(Entry::new(Level::Info, "upstream-back", "upstream", message));
        }
        for message in news {
            self.journal.note(Entry::new(Level::Warning, "unclaimed", "upstream", message));
        }
        if is_full {
            Outcome::Full(format!("{} takes nothing at present, its queues are full", receipt.by))
        } else {
            Outcome::Progress
        }
    }

    /// Notes that nothing could be sent, and tells of it the first time.
    fn failed(&self, outcome: Outcome) {
        let (reachable, problem) = match outcome {
            Outcome::Progress => return,
            Outcome::Full(problem) => (true, problem),
            Outcome::Failed(problem) | Outcome::TooLate(problem) | Outcome::Refused(problem) => (false, problem),
        };
        let mut state = self.lock();
        let since = *state.failing.get_or_insert_with(Instant::now);
        if reachable && since.elapsed() < FULL {
            return;
        }
        let was_told = std::mem::replace(&mut state.told, true);
        state.reachable = reachable;
        state.problem = Some(problem.clone());
        drop(state);
        if !was_told {
            let message = format!("events wait for the upstream node: {problem}");
            self.journal.note(Entry::new(Level::Warning, "upstream-lost", "upstream", message));
        }
    }

    fn give_up(&self, event: &Event, reason: &str) {
        self.lock().buffer.give_up(&event.id);
        self.changed.notify_all();
        let message = format!("{} is lost, the upstream node refuses it: {reason}", event.id);
        self.journal.note(Entry::new(Level::Error, "failed", "upstream", message));
    }
}

fn unclaimed(by: &str, stream: &StreamId) -> String {
    let StreamId { origin, route, .. } = stream;
    format!("{by} has no route that takes `{route}` of {origin}: give it one whose source is of the kind `nodes`")
}
