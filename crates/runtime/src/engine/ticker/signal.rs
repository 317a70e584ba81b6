//! An alarm by a condition, for systems without timers that a thread can wait for.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
pub(super) struct Alarm {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Alarm {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self::default())
    }

    /// Wakes the thread, sooner than it has to be.
    pub(super) fn set(&self, _: Duration) {
        *self.is_set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    /// Sleeps until the alarm goes off.
    pub(super) fn wait(&self) {
        let is_set = self.is_set.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.changed.wait_while(is_set, |is_set| !*is_set);
        *woken.unwrap_or_else(PoisonError::into_inner) = false;
    }
}
