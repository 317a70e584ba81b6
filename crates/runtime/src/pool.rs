//! The instances of one version and who may use them.
//!
//! Each instance has a seat, which a call locks until it ends. A thread begins its search at a seat of its own, so that
//! threads that call at once touch no common memory as long as there are seats enough.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::call_error::CallError;
use crate::instance::Instance;
use crate::stripe;

/// A call that waited this long goes before all that came later, so that a busy caller cannot starve it. Whoever waits
/// looks for a seat as often, too.
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

/// A bounded set of warm instances.
pub(crate) struct Pool {
    seats: Box<[Seat]>,
    /// Calls that may wait.
    queue: usize,
    waiting: AtomicUsize,
    /// Waiting calls that ran out of patience.
    impatient: AtomicUsize,
    /// Instances that were started and not dropped.
    live: AtomicUsize,
    started: AtomicU64,
    spoiled: AtomicU64,
    /// Calls that failed because no instance could be started.
    unstarted: AtomicU64,
    /// Held by whoever waits while it looks for a seat, so that it cannot miss that one becomes free.
    bell: Mutex<()>,
    returned: Condvar,
}

/// Place of one instance, on cache lines of its own.
#[repr(align(128))]
#[derive(Default)]
struct Seat {
    instance: Mutex<Option<Box<Instance>>>,
    /// Written by whoever holds the instance.
    calls: AtomicU64,
    failed: AtomicU64,
}

/// A seat that a call holds, and the instance there.
pub(crate) struct Seated<'p> {
    pool: &'p Pool,
    seat: &'p Seat,
    /// `None` once it was given back.
    guard: Option<MutexGuard<'p, Option<Box<Instance>>>>,
}

impl Pool {
    /// Room for `capacity` instances, for which at most `queue` calls wait.
    pub(crate) fn new(capacity: usize, queue: usize) -> Self {
        Self {
            seats: (0..capacity).map(|_| Seat::default()).collect(),
            queue,
            waiting: AtomicUsize::new(0),
            impatient: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            started: AtomicU64::new(0),
            spoiled: AtomicU64::new(0),
            unstarted: AtomicU64::new(0),
            bell: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// A seat with an instance, which `start` makes if there is none, and how much of `deadline` is left for the call.
    pub(crate) fn check_out(
        &self,
        deadline: Duration,
        start: impl FnOnce(Duration) -> Result<Box<Instance>, CallError>,
    ) -> Result<(Seated<'_>, Duration), CallError> {
        let at_once = if self.impatient.load(Ordering::Relaxed) == 0 { self.seat() } else { None };
        let (mut seated, remaining) = match at_once {
            Some(seated) => (seated, deadline),
            None => self.wait(deadline)?,
        };
        if seated.instance().is_none() {
            match start(remaining) {
                Ok(instance) => seated.settle(instance),
                Err(error) => {
                    self.unstarted.fetch_add(1, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok((seated, remaining))
    }

    /// Adds an instance that was started ahead, if there is room.
    pub(crate) fn add(&self, instance: Box<Instance>) {
        if let Some(mut seated) = self.seats.iter().filter_map(|seat| self.lock(seat)).find(|seat| seat.is_empty()) {
            seated.settle(instance);
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.seats.len()
    }

    /// How many instances there are, idle or in use.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    pub(crate) fn counters(&self) -> Counters {
        let sum = |of: fn(&Seat) -> &AtomicU64| self.seats.iter().map(|seat| of(seat).load(Ordering::Relaxed)).sum();
        let (calls, failed): (u64, u64) = (sum(|seat| &seat.calls), sum(|seat| &seat.failed));
        let unstarted = self.unstarted.load(Ordering::Relaxed);
        Counters {
            calls: calls + unstarted,
            failed: failed + unstarted,
            started: self.started.load(Ordering::Relaxed),
            spoiled: self.spoiled.load(Ordering::Relaxed),
        }
    }

    /// A free seat, best one where an instance is.
    fn seat(&self) -> Option<Seated<'_>> {
        let (before, from_own) = self.seats.split_at(stripe::own() % self.seats.len());
        let mut empty = None;
        for seat in from_own.iter().chain(before) {
            match self.lock(seat) {
                Some(seated) if !seated.is_empty() => return Some(seated),
                Some(seated) => empty = empty.or(Some(seated)),
                None => {}
            }
        }
        empty
    }

    fn lock<'p>(&'p self, seat: &'p Seat) -> Option<Seated<'p>> {
        let guard = match seat.instance.try_lock() {
            Ok(guard) => guard,
            // Whoever panicked took the instance away.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Seated { pool: self, seat, guard: Some(guard) })
    }

    fn wait(&self, deadline: Duration) -> Result<(Seated<'_>, Duration), CallError> {
        let since = Instant::now();
        let waiting = Waiting::join(&self.waiting);
        if waiting.before >= self.queue {
            return Err(self.busy(since.elapsed()));
        }
        let mut impatient = None;
        let mut bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        let seated = loop {
            let waited = since.elapsed();
            if waited >= deadline {
                break None;
            }
            let may_sit = impatient.is_some() || self.impatient.load(Ordering::SeqCst) == 0;
            if may_sit && let Some(seated) = self.seat() {
                break Some(seated);
            }
            if waited >= PATIENCE {
                impatient.get_or_insert_with(|| Waiting::join(&self.impatient));
            }
            let pause = PATIENCE.min(deadline - waited);
            bell = self.returned.wait_timeout(bell, pause).unwrap_or_else(PoisonError::into_inner).0;
        };
        drop(bell);
        let waited = since.elapsed();
        match seated {
            Some(seated) => Ok((seated, deadline.saturating_sub(waited))),
            None => Err(self.busy(waited)),
        }
    }

    fn busy(&self, waited: Duration) -> CallError {
        let waiting = self.waiting.load(Ordering::Relaxed).saturating_sub(1);
        CallError::Busy { instances: self.capacity(), waiting, waited }
    }

    /// Tells those who wait that a seat may be free.
    fn ring(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            drop(self.bell.lock().unwrap_or_else(PoisonError::into_inner));
            match self.impatient.load(Ordering::SeqCst) {
                0 => self.returned.notify_one(),
                _ => self.returned.notify_all(),
            }
        }
    }
}

impl Seated<'_> {
    pub(crate) fn instance(&mut self) -> Option<&mut Instance> {
        self.guard.as_mut()?.as_deref_mut()
    }

    fn is_empty(&self) -> bool {
        self.guard.as_ref().is_none_or(|guard| guard.is_none())
    }

    fn settle(&mut self, instance: Box<Instance>) {
        if let Some(guard) = &mut self.guard {
            **guard = Some(instance);
            self.pool.started.fetch_add(1, Ordering::Relaxed);
            self.pool.live.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes the instance away, because the call broke it.
    pub(crate) fn spoil(&mut self) -> Option<Box<Instance>> {
        let instance = self.guard.as_mut()?.take()?;
        self.pool.spoiled.fetch_add(1, Ordering::Relaxed);
        self.pool.live.fetch_sub(1, Ordering::Relaxed);
        Some(instance)
    }

    /// Counts the call that ends.
    pub(crate) fn count(&self, has_failed: bool) {
        // Nobody else writes them meanwhile.
        let add = |counter: &AtomicU64, more| counter.store(counter.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        add(&self.seat.calls, 1);
        if has_failed {
            add(&self.seat.failed, 1);
        }
    }
}

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(self.spoil());
            self.count(true);
        }
        self.guard = None;
        self.pool.ring();
    }
}

/// One more of those who wait, as long as it lives.
struct Waiting<'p> {
    counter: &'p AtomicUsize,
    /// How many there were.
    before: usize,
}

impl<'p> Waiting<'p> {
    fn join(counter: &'p AtomicUsize) -> Self {
        Self { counter, before: counter.fetch_add(1, Ordering::SeqCst) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.counter.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
