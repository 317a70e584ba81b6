//! The instances of one version and who may use them.
//!
//! Each instance has a *place*, locked while a call runs on it. A call of a version without keys takes any place that is
//! not locked, first of all the one that its thread had last, so that threads do not share what they write; only where
//! all are taken it stands in [`Queue`]. A call with a key takes the place of its key, which [`Keys`] grants.
//!
//! Some calls are timed. The usual call, which finds a place [`READY`], is not, and does not look whether it should be.

mod failure;
mod keys;
mod queue;

use std::cell::Cell;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError, Weak};
use std::time::{Duration, Instant};

use crate::call_error::CallError;
use crate::engine::{Ticker, Watched};
use crate::instance::Instance;
use crate::latency::{Latency, Quantiles};
use crate::limits::Limits;

use failure::Failure;
use keys::Keys;
use queue::Queue;

/// So many calls in a place are timed at first,
const TIMED_FIRST: u64 = 256;
/// and then one of so many.
const TIMED_EACH: u64 = 256;

/// There is no instance in a place.
const EMPTY: u8 = 0;
/// There is one for a usual call.
const READY: u8 = 1;
/// There is one, whose next call is timed.
const TIMED: u8 = 2;

/// What a version did so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Calls that came to an end on an instance.
    pub calls: u64,
    /// Calls among them that ended with an error.
    pub failed: u64,
    /// Failed calls whose function trapped, broke a limit other than the deadline or broke the convention.
    pub traps: u64,
    /// Failed calls whose function did not answer within the deadline.
    pub timeouts: u64,
    /// Failed calls that the function answered with an error object.
    pub error_objects: u64,
    /// Instances that were started, with those that were only tried.
    pub started: u64,
    /// Instances that were dropped because a call broke them.
    pub spoiled: u64,
    /// Instances that were dropped, with the state of their key, to make room for another key.
    pub evicted: u64,
}

/// How a call on a seated instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
}

/// Which instance serves which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Any of so many serves any call.
    Any(NonZeroUsize),
    /// One for each key.
    Keyed,
}

/// A bounded set of warm instances.
pub(crate) struct Pool {
    places: Box<[Place]>,
    order: Order,
    deadline: Duration,
    /// Instances that were started outside of a call.
    started: AtomicU64,
}

enum Order {
    Any(Queue),
    Keyed(Keys),
}

/// Where an instance is or may be. The lock is held for the whole call, so what others read stands beside it.
#[derive(Default)]
#[repr(align(128))]
struct Place {
    instance: Mutex<Option<Box<Instance>>>,
    /// [`EMPTY`], [`READY`] or [`TIMED`].
    state: AtomicU8,
    /// Whether a call has the place. For a moment the lock may also be held to look whether it is.
    busy: AtomicBool,
    counts: Counts,
    /// There since the first call that was timed.
    latency: OnceLock<Box<Latency>>,
}

/// Written by whoever holds the place only.
#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    failed: AtomicU64,
    traps: AtomicU64,
    timeouts: AtomicU64,
    error_objects: AtomicU64,
    started: AtomicU64,
    spoiled: AtomicU64,
    evicted: AtomicU64,
}

/// The right to use one place, given back when it is dropped.
pub(crate) struct Seat<'p> {
    pool: &'p Pool,
    at: usize,
    guard: Option<MutexGuard<'p, Option<Box<Instance>>>>,
    /// What is left of the deadline, if the call had to wait or is timed.
    remaining: Option<Duration>,
    /// Whose instance it is.
    key: Option<Arc<str>>,
    pub(crate) outcome: Outcome,
}

/// An instance that made room for another key.
pub(crate) struct Evicted {
    pub(crate) key: Arc<str>,
    pub(crate) instance: Option<Box<Instance>>,
}

thread_local! {
    /// The place that this thread had last, in whatever pool.
    static LAST: Cell<usize> = const { Cell::new(0) };
}

impl Pool {
    pub(crate) fn new(sharing: Sharing, limits: &Limits, ticker: &Ticker) -> Arc<Self> {
        let (places, order) = match sharing {
            Sharing::Any(instances) => (instances, Order::Any(Queue::new(limits.queue))),
            Sharing::Keyed => (limits.keys, Order::Keyed(Keys::new(limits))),
        };
        let places = (0..places.get()).map(|_| Place::default()).collect();
        let pool = Arc::new(Self { places, order, deadline: limits.deadline, started: AtomicU64::new(0) });
        let watched: Weak<Self> = Arc::downgrade(&pool);
        ticker.watch(watched);
        pool
    }

    /// A place for a call, at best with an instance in it.
    #[inline]
    pub(crate) fn seat(&self) -> Result<Seat<'_>, CallError> {
        let Order::Any(queue) = &self.order else { return Err(CallError::internal("a key was expected")) };
        if !queue.is_impatient() {
            let last = LAST.get();
            let at = if last < self.places.len() { last } else { last % self.places.len() };
            // Each branch returns its seat itself, so that no seat is copied.
            let state = self.places[at].state.load(Ordering::Relaxed);
            if state == READY
                && let Some(seat) = self.try_at(at)
            {
                return Ok(seat);
            }
            if state == TIMED
                && let Some(seat) = self.try_timed(at)
            {
                return Ok(seat);
            }
            if let Some(seat) = self.try_any() {
                return Ok(seat);
            }
        }
        queue.wait(self)
    }

    /// The place of this key, and the instance that was there for another one.
    pub(crate) fn seat_of(&self, key: &Arc<str>) -> Result<(Seat<'_>, Option<Evicted>), CallError> {
        let Order::Keyed(keys) = &self.order else { return Err(CallError::internal("no key was expected")) };
        let since = Instant::now();
        let granted = keys.enter(key, self.deadline)?;
        let place = &self.places[granted.at];
        let guard = place.instance.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = granted.waited.then(|| since.elapsed());
        let timed = (place.state.load(Ordering::Relaxed) != READY).then_some(Duration::ZERO);
        let mut seat = Seat {
            pool: self,
            at: granted.at,
            guard: Some(guard),
            remaining: waited.or(timed).map(|waited| self.deadline.saturating_sub(waited)),
            key: Some(Arc::clone(key)),
            outcome: Outcome::Failed,
        };
        let evicted = granted.evicted.map(|key| {
            add(&place.counts.evicted, 1);
            Evicted { key, instance: seat.remove() }
        });
        Ok((seat, evicted))
    }

    /// Adds an instance that was started ahead. Where calls have filled or hold the places it is dropped, and the answer
    /// is `false`.
    pub(crate) fn add(&self, instance: Box<Instance>) -> bool {
        let empty = |place: &&Place| !place.is_present();
        for place in self.places.iter().filter(empty) {
            if let Some(mut guard) = try_lock(&place.instance)
                && guard.is_none()
            {
                *guard = Some(instance);
                place.state.store(TIMED, Ordering::Relaxed);
                drop(guard);
                self.left();
                return true;
            }
        }
        false
    }

    /// Counts an instance that was started outside of a call.
    pub(crate) fn count_start(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// How many instances can be started before it is known who calls.
    pub(crate) fn room_ahead(&self) -> usize {
        match self.order {
            Order::Any(_) => self.places.len(),
            Order::Keyed(_) => 0,
        }
    }

    /// How many instances there are, idle or in use.
    pub(crate) fn live(&self) -> usize {
        self.places.iter().filter(|place| place.is_present()).count()
    }

    pub(crate) fn counters(&self) -> Counters {
        let sum = |count: fn(&Counts) -> &AtomicU64| {
            self.places.iter().map(|place| count(&place.counts).load(Ordering::Relaxed)).sum()
        };
        Counters {
            calls: sum(|counts| &counts.calls),
            failed: sum(|counts| &counts.failed),
            traps: sum(|counts| &counts.traps),
            timeouts: sum(|counts| &counts.timeouts),
            error_objects: sum(|counts| &counts.error_objects),
            started: sum(|counts| &counts.started) + self.started.load(Ordering::Relaxed),
            spoiled: sum(|counts| &counts.spoiled),
            evicted: sum(|counts| &counts.evicted),
        }
    }

    /// How long the calls took that were timed.
    pub(crate) fn latency(&self) -> Quantiles {
        Quantiles::merged(self.places.iter().filter_map(|place| place.latency.get()).map(Box::as_ref))
    }

    /// Any place that is not taken, one with an instance if there is one.
    #[cold]
    fn try_any(&self) -> Option<Seat<'_>> {
        [true, false].into_iter().find_map(|present| {
            let fits = |at: &usize| self.places[*at].is_present() == present;
            (0..self.places.len()).filter(fits).find_map(|at| {
                let seat = self.try_timed(at)?;
                LAST.set(at);
                Some(seat)
            })
        })
    }

    /// For a call that is timed.
    #[cold]
    fn try_timed(&self, at: usize) -> Option<Seat<'_>> {
        let mut seat = self.try_at(at)?;
        seat.remaining = Some(self.deadline);
        Some(seat)
    }

    #[inline]
    fn try_at(&self, at: usize) -> Option<Seat<'_>> {
        let place = &self.places[at];
        let guard = try_lock(&place.instance)?;
        place.busy.store(true, Ordering::Relaxed);
        Some(Seat { pool: self, at, guard: Some(guard), remaining: None, key: None, outcome: Outcome::Failed })
    }

    /// Whether calls have all places.
    fn is_full(&self) -> bool {
        self.places.iter().all(|place| place.busy.load(Ordering::Relaxed))
    }

    /// A place became free.
    #[inline]
    fn left(&self) {
        if let Order::Any(queue) = &self.order {
            queue.left();
        }
    }
}

impl Watched for Pool {
    fn seems_held(&self) -> bool {
        match &self.order {
            Order::Any(_) => self.places.iter().any(|place| place.busy.load(Ordering::Relaxed)),
            Order::Keyed(keys) => keys.is_any_running(),
        }
    }

    fn is_any_held(&self) -> bool {
        match &self.order {
            Order::Any(_) => self.places.iter().any(|place| try_lock(&place.instance).is_none()),
            // Who runs has entered under this lock.
            Order::Keyed(keys) => keys.is_any_running(),
        }
    }
}

impl Seat<'_> {
    /// Sees that there is an instance, which `start` starts within what is left of the deadline where there is none.
    #[inline]
    pub(crate) fn occupy(
        &mut self,
        start: impl FnOnce(Duration) -> Result<Box<Instance>, CallError>,
    ) -> Result<(), CallError> {
        if self.is_occupied() { Ok(()) } else { self.start(start) }
    }

    /// What the start takes is taken from the deadline.
    #[cold]
    fn start(&mut self, start: impl FnOnce(Duration) -> Result<Box<Instance>, CallError>) -> Result<(), CallError> {
        let (begun, limit) = (Instant::now(), self.remaining.unwrap_or(self.pool.deadline));
        let instance = start(limit).inspect_err(|error| self.blame(error))?;
        let place = &self.pool.places[self.at];
        place.state.store(TIMED, Ordering::Relaxed);
        add(&place.counts.started, 1);
        if let Some(guard) = &mut self.guard {
            **guard = Some(instance);
        }
        self.remaining = Some(limit.saturating_sub(begun.elapsed()));
        Ok(())
    }

    /// The instance of an occupied seat.
    #[inline]
    pub(crate) fn instance(&mut self) -> Result<&mut Instance, CallError> {
        let instance = self.guard.as_mut().and_then(|guard| guard.as_deref_mut());
        instance.ok_or_else(|| CallError::internal("a seat without an instance"))
    }

    /// Counts why the call failed.
    #[cold]
    pub(crate) fn blame(&self, error: &CallError) {
        let counts = &self.pool.places[self.at].counts;
        match Failure::of(error) {
            Failure::Trap => add(&counts.traps, 1),
            Failure::Timeout => add(&counts.timeouts, 1),
            Failure::ErrorObject => add(&counts.error_objects, 1),
            Failure::Other => return,
        };
    }

    /// Counts how long the answer took, if it is one, of a call that was timed.
    #[cold]
    pub(crate) fn note(&self, took: Duration) {
        let place = &self.pool.places[self.at];
        if self.outcome == Outcome::Succeeded {
            place.latency.get_or_init(Box::default).note(took);
        }
        if place.is_present() {
            let is_next_timed = place.counts.calls.load(Ordering::Relaxed) < TIMED_FIRST - 1;
            place.state.store(if is_next_timed { TIMED } else { READY }, Ordering::Relaxed);
        }
    }

    /// Takes out an instance that must not be called again.
    #[cold]
    pub(crate) fn spoil(&mut self) -> Option<Box<Instance>> {
        let instance = self.remove();
        add(&self.pool.places[self.at].counts.spoiled, u64::from(instance.is_some()));
        instance
    }

    fn remove(&mut self) -> Option<Box<Instance>> {
        let instance = self.guard.as_mut().and_then(|guard| guard.take());
        self.pool.places[self.at].state.store(EMPTY, Ordering::Relaxed);
        instance
    }

    /// What is left of the deadline, if the call had to wait or is timed.
    #[inline]
    pub(crate) fn remaining(&self) -> Option<Duration> {
        self.remaining
    }

    fn is_occupied(&self) -> bool {
        self.guard.as_ref().is_some_and(|guard| guard.is_some())
    }
}

impl Drop for Seat<'_> {
    #[inline]
    fn drop(&mut self) {
        let place = &self.pool.places[self.at];
        if std::thread::panicking() {
            drop(self.spoil());
        }
        if add(&place.counts.calls, 1).is_multiple_of(TIMED_EACH) {
            place.time_next();
        }
        add(&place.counts.failed, u64::from(self.outcome == Outcome::Failed));
        let occupied = self.is_occupied();
        place.busy.store(false, Ordering::Relaxed);
        self.guard = None;
        match (&self.pool.order, &self.key) {
            (Order::Keyed(keys), Some(key)) => keys.leave(key, occupied),
            _ => self.pool.left(),
        }
    }
}

impl Place {
    /// Whether there is an instance.
    #[inline]
    fn is_present(&self) -> bool {
        self.state.load(Ordering::Relaxed) != EMPTY
    }

    #[cold]
    fn time_next(&self) {
        if self.is_present() {
            self.state.store(TIMED, Ordering::Relaxed);
        }
    }
}

/// Only the holder of the place writes, so that nobody has to lock the line.
#[inline]
fn add(count: &AtomicU64, more: u64) -> u64 {
    let sum = count.load(Ordering::Relaxed).wrapping_add(more);
    count.store(sum, Ordering::Relaxed);
    sum
}

/// A call that panicked has left no instance behind.
#[inline]
fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests;
