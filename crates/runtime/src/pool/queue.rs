//! Calls that wait for any instance, in the order in which they came.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Pool, Seat};
use crate::call_error::CallError;

/// Once the first in line has waited this long it goes before all that come later, so that a busy caller cannot starve
/// it. Before that those who call again and again keep their instances, which spares a switch of threads at each call.
const PATIENCE: Duration = Duration::from_millis(2);
/// How often the first in line looks by itself. Who leaves looks for it without a barrier, so it may miss a line that
/// forms at that moment.
const LOOK: Duration = Duration::from_millis(1);

/// The line, and what can be known of it without locking it.
pub(super) struct Queue {
    line: Mutex<VecDeque<Arc<Condvar>>>,
    waiting: AtomicUsize,
    impatient: AtomicBool,
    limit: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        let (waiting, impatient) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { line: Mutex::default(), waiting, impatient, limit }
    }

    /// Whether newcomers must stand in line.
    #[inline]
    pub(super) fn is_impatient(&self) -> bool {
        self.impatient.load(Ordering::Relaxed)
    }

    /// A place of the pool, once it is this call's turn and one is free.
    #[cold]
    pub(super) fn wait<'p>(&self, pool: &'p Pool) -> Result<Seat<'p>, CallError> {
        let since = Instant::now();
        let wake = Arc::new(Condvar::new());
        let mut line = self.lock();
        let busy =
            |waiting, waited| CallError::Busy { instances: pool.places.len(), waiting, queue: self.limit, waited };
        while line.len() >= self.limit {
            if self.limit == 0
                && let Some(seat) = pool.try_any()
            {
                return Ok(seat);
            }
            if self.limit > 0 || pool.is_full() {
                return Err(busy(line.len(), Duration::ZERO));
            }
            thread::yield_now();
        }
        line.push_back(Arc::clone(&wake));
        self.waiting.store(line.len(), Ordering::SeqCst);
        let found = loop {
            let is_first = line.front().is_some_and(|first| Arc::ptr_eq(first, &wake));
            let waited = since.elapsed();
            if is_first && let Some(seat) = pool.try_any() {
                break Ok(seat);
            }
            if waited >= pool.deadline {
                break Err(busy(line.len() - 1, waited));
            }
            let left = pool.deadline - waited;
            if is_first && waited >= PATIENCE {
                self.impatient.store(true, Ordering::Relaxed);
            }
            let pause = if is_first { left.min(LOOK) } else { left };
            line = wake.wait_timeout(line, pause).unwrap_or_else(PoisonError::into_inner).0;
        };
        let was_first = line.front().is_some_and(|first| Arc::ptr_eq(first, &wake));
        line.retain(|other| !Arc::ptr_eq(other, &wake));
        self.waiting.store(line.len(), Ordering::SeqCst);
        if was_first {
            self.impatient.store(false, Ordering::Relaxed);
            if let Some(next) = line.front() {
                next.notify_one();
            }
        }
        drop(line);
        found.map(|mut seat| {
            seat.remaining = Some(pool.deadline.saturating_sub(since.elapsed()));
            seat
        })
    }

    /// A place became free.
    #[inline]
    pub(super) fn left(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.wake();
        }
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().len()
    }

    #[cold]
    fn wake(&self) {
        if let Some(first) = self.lock().front() {
            first.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Condvar>>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
