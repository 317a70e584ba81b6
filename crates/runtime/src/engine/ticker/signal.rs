//! An alarm by a condition, for systems without timers that a thread can wait for.

use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
pub(super) struct Alarm {
    due: Mutex<Option<Instant>>,
    changed: Condvar,
}

impl Alarm {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self::default())
    }

    /// Lets the thread sleep on for so long.
    pub(super) fn set(&self, after: Duration) {
        *self.due() = Instant::now().checked_add(after);
        self.changed.notify_one();
    }

    /// Sleeps until the alarm goes off.
    pub(super) fn wait(&self) {
        let mut due = self.due();
        loop {
            due = match *due {
                None => self.changed.wait(due).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let left = at.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        *due = None;
                        return;
                    }
                    self.changed.wait_timeout(due, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
