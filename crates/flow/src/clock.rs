//! Time as something that is asked for, so that tests can turn it.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Timestamp;

/// A word to stop, which wakes whoever sleeps on it. Clones are the same word.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// Not said yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says it.
    pub fn set(&self) {
        *lock(&self.shared.0) = true;
        self.shared.1.notify_all();
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *lock(&self.shared.0)
    }

    /// Waits for it, but no longer than `most`; answers whether it was said.
    #[must_use]
    pub fn wait(&self, most: Duration) -> bool {
        let (said, changed) = &*self.shared;
        let waited = changed.wait_timeout_while(lock(said), most, |said| !*said);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Where the time comes from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Time since some moment; it never goes back.
    fn now(&self) -> Duration;
    /// The time of day, which may be set.
    fn unix(&self) -> Timestamp;
    /// Sleeps until `now` is `at` or later, or until `stop` is said; answers whether it was said.
    fn sleep_until(&self, at: Duration, stop: &Stop) -> bool;
}

/// The time of the system.
#[derive(Debug)]
pub struct SystemClock {
    begun: Instant,
}

impl SystemClock {
    /// A clock that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { begun: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn unix(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Duration, stop: &Stop) -> bool {
        match at.checked_sub(self.now()) {
            Some(rest) if !rest.is_zero() => stop.wait(rest),
            _ => stop.is_set(),
        }
    }
}

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct VirtualClock {
    now: Mutex<Duration>,
    turned: Condvar,
    epoch: Timestamp,
}

/// How often a sleeper under a virtual clock looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(5);

impl VirtualClock {
    /// A clock that says `epoch` is the time of day.
    #[must_use]
    pub fn new(epoch: Timestamp) -> Self {
        Self { now: Mutex::new(Duration::ZERO), turned: Condvar::new(), epoch }
    }

    /// Turns it forward.
    pub fn advance(&self, by: Duration) {
        *lock(&self.now) += by;
        self.turned.notify_all();
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Duration {
        *lock(&self.now)
    }

    fn unix(&self) -> Timestamp {
        let since = u64::try_from(self.now().as_micros()).unwrap_or(u64::MAX);
        Timestamp(self.epoch.0.saturating_add(since))
    }

    fn sleep_until(&self, at: Duration, stop: &Stop) -> bool {
        let mut now = lock(&self.now);
        while *now < at && !stop.is_set() {
            now = self.turned.wait_timeout(now, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        stop.is_set()
    }
}

/// A value behind a lock, whatever became of those who held it before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
