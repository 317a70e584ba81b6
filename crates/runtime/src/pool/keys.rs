//! Which key has which place, and the calls that wait for their key or for one of the instances that may run.
//!
//! Calls of one key run in the order in which they came; a call of another key goes before them if it can run. A key
//! that is not held gets a free place, else that of the key that was idle for the longest.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::call_error::CallError;
use crate::limits::Limits;

/// Who may run.
pub(super) struct Keys {
    state: Mutex<State>,
    instances: NonZeroUsize,
    queue: usize,
}

struct State {
    held: HashMap<Arc<str>, Held>,
    /// The keys that no call runs on, by when the last one ended.
    idle: BTreeMap<u64, Arc<str>>,
    free: Vec<usize>,
    running: usize,
    line: VecDeque<Ticket>,
    /// Counts calls.
    time: u64,
}

struct Held {
    at: usize,
    /// When its last call ended; `None` while one runs.
    idle_since: Option<u64>,
}

struct Ticket {
    key: Arc<str>,
    wake: Arc<Condvar>,
    granted: Option<Granted>,
}

/// The right to use a place.
pub(super) struct Granted {
    pub(super) at: usize,
    /// The key that had the place.
    pub(super) evicted: Option<Arc<str>>,
    pub(super) waited: bool,
}

impl Keys {
    pub(super) fn new(limits: &Limits) -> Self {
        let state = State {
            held: HashMap::new(),
            idle: BTreeMap::new(),
            free: (0..limits.keys.get()).rev().collect(),
            running: 0,
            line: VecDeque::new(),
            time: 0,
        };
        Self { state: Mutex::new(state), instances: limits.instances, queue: limits.queue }
    }

    /// Waits until a call of this key may run.
    pub(super) fn enter(&self, key: &Arc<str>, deadline: Duration) -> Result<Granted, CallError> {
        let mut state = self.lock();
        if let Some(granted) = state.grant(key, self.instances) {
            return Ok(granted);
        }
        let (instances, queue) = (self.instances.get(), self.queue);
        let busy = |waiting, waited| CallError::Busy { instances, waiting, queue, waited };
        if state.line.len() >= queue {
            return Err(busy(state.line.len(), Duration::ZERO));
        }
        let since = Instant::now();
        let wake = Arc::new(Condvar::new());
        state.line.push_back(Ticket { key: Arc::clone(key), wake: Arc::clone(&wake), granted: None });
        loop {
            let mine = state.line.iter().position(|ticket| Arc::ptr_eq(&ticket.wake, &wake));
            let Some(mine) = mine else { return Err(CallError::internal("a waiting call was forgotten")) };
            let waited = since.elapsed();
            let is_granted = state.line[mine].granted.is_some();
            if is_granted || waited >= deadline {
                let granted = state.line.remove(mine).and_then(|ticket| ticket.granted);
                return granted.ok_or_else(|| busy(state.line.len(), waited));
            }
            state = wake.wait_timeout(state, deadline - waited).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// A call of the key has ended; its instance is still there or not.
    pub(super) fn leave(&self, key: &Arc<str>, occupied: bool) {
        let mut state = self.lock();
        state.leave(key, occupied);
        state.promote(self.instances);
    }

    pub(super) fn is_any_running(&self) -> bool {
        self.lock().running > 0
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().line.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn grant(&mut self, key: &Arc<str>, instances: NonZeroUsize) -> Option<Granted> {
        if self.running >= instances.get() {
            return None;
        }
        let (at, evicted) = match self.held.get_mut(key) {
            Some(held) => {
                self.idle.remove(&held.idle_since.take()?);
                (held.at, None)
            }
            None => {
                let (at, evicted) = match self.free.pop() {
                    Some(at) => (at, None),
                    None => {
                        let (_, oldest) = self.idle.pop_first()?;
                        (self.held.remove(&oldest)?.at, Some(oldest))
                    }
                };
                self.held.insert(Arc::clone(key), Held { at, idle_since: None });
                (at, evicted)
            }
        };
        self.running += 1;
        Some(Granted { at, evicted, waited: false })
    }

    fn leave(&mut self, key: &Arc<str>, occupied: bool) {
        self.running -= 1;
        self.time += 1;
        if occupied {
            if let Some(held) = self.held.get_mut(key) {
                held.idle_since = Some(self.time);
                self.idle.insert(self.time, Arc::clone(key));
            }
        } else if let Some(held) = self.held.remove(key) {
            self.free.push(held.at);
        }
    }

    /// Lets those in line run that can, in their order.
    fn promote(&mut self, instances: NonZeroUsize) {
        for index in 0..self.line.len() {
            if self.running >= instances.get() {
                return;
            }
            if self.line[index].granted.is_none() {
                let key = Arc::clone(&self.line[index].key);
                if let Some(granted) = self.grant(&key, instances) {
                    let ticket = &mut self.line[index];
                    ticket.granted = Some(Granted { waited: true, ..granted });
                    ticket.wake.notify_one();
                }
            }
        }
    }
}
