//! The instances of one version and who may use them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::call_error::CallError;
use crate::instance::Instance;

/// A call that waited this long goes before all that came later, so that a busy caller cannot starve it.
const PATIENCE: Duration = Duration::from_millis(2);

/// What a version did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls that came to an end.
    pub calls: u64,
    /// Calls among them that ended with an error.
    pub failed: u64,
    /// Instances that were started.
    pub started: u64,
    /// Instances that were dropped because a call broke them.
    pub spoiled: u64,
}

/// How a call on a seated instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
}

/// A bounded set of warm instances.
pub(crate) struct Pool {
    state: Mutex<State>,
    returned: Condvar,
    capacity: usize,
}

#[derive(Default)]
struct State {
    #[allow(
        clippy::vec_box,
        reason = "an instance moves between its caller and here at every call: one pointer each time"
    )]
    idle: Vec<Box<Instance>>,
    /// Idle ones and those in use.
    live: usize,
    waiting: usize,
    /// Waiting calls that ran out of patience.
    impatient: usize,
    counters: Counters,
}

/// What a caller gets: an idle instance, or the right to start one.
enum Seat {
    Idle(Box<Instance>),
    Empty,
}

impl Pool {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), returned: Condvar::new(), capacity }
    }

    /// An instance and how much of `deadline` is left for the call.
    pub(crate) fn check_out(
        &self,
        deadline: Duration,
        start: impl FnOnce(Duration) -> Result<Box<Instance>, CallError>,
    ) -> Result<(Box<Instance>, Duration), CallError> {
        let (seat, remaining) = {
            let mut state = self.lock();
            match state.seat(self.capacity, false) {
                Some(seat) => (seat, deadline),
                None => self.wait(state, deadline)?,
            }
        };
        match seat {
            Seat::Idle(instance) => Ok((instance, remaining)),
            Seat::Empty => {
                let started = start(remaining);
                let mut state = self.lock();
                match &started {
                    Ok(_) => state.counters.started += 1,
                    Err(_) => {
                        state.counters.calls += 1;
                        state.counters.failed += 1;
                        state.live -= 1;
                        self.wake(&state);
                    }
                }
                started.map(|instance| (instance, remaining))
            }
        }
    }

    /// Takes an instance back after a call, `None` if it broke.
    pub(crate) fn check_in(&self, instance: Option<Box<Instance>>, outcome: Outcome) {
        let mut state = self.lock();
        state.counters.calls += 1;
        state.counters.failed += u64::from(outcome == Outcome::Failed);
        match instance {
            Some(instance) => state.idle.push(instance),
            None => {
                state.live -= 1;
                state.counters.spoiled += 1;
            }
        }
        self.wake(&state);
    }

    /// Adds an instance that was started ahead, if there is room.
    pub(crate) fn add(&self, instance: Box<Instance>) {
        let mut state = self.lock();
        if state.live < self.capacity {
            state.live += 1;
            state.counters.started += 1;
            state.idle.push(instance);
            self.wake(&state);
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many instances there are, idle or in use.
    pub(crate) fn live(&self) -> usize {
        self.lock().live
    }

    pub(crate) fn counters(&self) -> Counters {
        self.lock().counters
    }

    fn wait(&self, mut state: MutexGuard<'_, State>, deadline: Duration) -> Result<(Seat, Duration), CallError> {
        let since = Instant::now();
        let mut impatient = false;
        state.waiting += 1;
        let seat = loop {
            let waited = since.elapsed();
            if waited >= deadline {
                break None;
            }
            if let Some(seat) = state.seat(self.capacity, impatient) {
                break Some(seat);
            }
            if !impatient && waited >= PATIENCE {
                impatient = true;
                state.impatient += 1;
            }
            let pause = if impatient { deadline - waited } else { PATIENCE.min(deadline - waited) };
            state = self.returned.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.waiting -= 1;
        state.impatient -= usize::from(impatient);
        if impatient {
            self.wake(&state);
        }
        let waited = since.elapsed();
        match seat {
            Some(seat) => Ok((seat, deadline.saturating_sub(waited))),
            None => Err(CallError::Busy { instances: self.capacity, waited }),
        }
    }

    fn wake(&self, state: &State) {
        match (state.waiting, state.impatient) {
            (0, _) => {}
            (_, 0) => self.returned.notify_one(),
            _ => self.returned.notify_all(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn seat(&mut self, capacity: usize, impatient: bool) -> Option<Seat> {
        if self.impatient > 0 && !impatient {
            return None;
        }
        if let Some(instance) = self.idle.pop() {
            return Some(Seat::Idle(instance));
        }
        (self.live < capacity).then(|| {
            self.live += 1;
            Seat::Empty
        })
    }
}

#[cfg(test)]
mod tests;
