//! What happens when the program is interrupted or told to end: the temporary folder goes and the program ends, but
//! where the demo waits for just that, it goes on to its end, and a second time ends it.

use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

use super::folder;

/// What shells report of a program that SIGINT ended.
const INTERRUPTED: i32 = 130;

static STATE: Mutex<State> = Mutex::new(State::Fatal);
static CHANGED: Condvar = Condvar::new();

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It ends the program.
    Fatal,
    /// It is waited for.
    Awaited,
    /// It came.
    Came,
}

/// As long as this lives, being interrupted once is what is waited for.
pub(super) struct Listening(());

/// Prepares for being interrupted.
pub(super) fn prepare() -> anyhow::Result<()> {
    let interrupted = || {
        let mut state = lock();
        if *state == State::Awaited {
            *state = State::Came;
            CHANGED.notify_all();
            return;
        }
        folder::remove();
        process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(interrupted).context("cannot prepare for being interrupted")
}

impl Listening {
    pub(super) fn begin() -> Self {
        *lock() = State::Awaited;
        Self(())
    }

    /// Waits for it, but no longer than `most`; answers whether it came.
    pub(super) fn wait(&self, most: Duration) -> bool {
        let waited = CHANGED.wait_timeout_while(lock(), most, |state| *state == State::Awaited);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == State::Came
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        *lock() = State::Fatal;
    }
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
