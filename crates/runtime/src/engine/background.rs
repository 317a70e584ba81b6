//! Threads of a low priority, so that calls do not feel it when versions are prepared. Each deployment has its own: none
//! waits for another.

use std::cell::Cell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

const THREAD: &str = "wasmtube-deploy";
/// Calls come first, yet a tenth of a core is left to prepare a version where calls take all there is.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;
/// Each that compiles takes memory by the size of its code. The second place is for the small one beside a large one.
const COMPILE_AT_ONCE: usize = 2;

thread_local! {
    /// Whether this is one of these threads.
    static IS_APART: Cell<bool> = const { Cell::new(false) };
}

/// What the threads share: the right to compile.
#[derive(Debug, Default)]
pub(crate) struct Background {
    compiling: Mutex<usize>,
    left: Condvar,
}

impl Background {
    /// Waits for the right to compile; answers nothing where `is_given_up` became true before.
    pub(crate) fn place(&self, is_given_up: impl Fn() -> bool) -> Option<CompilePlace<'_>> {
        let mut compiling = self.lock();
        while *compiling >= COMPILE_AT_ONCE {
            if is_given_up() {
                return None;
            }
            compiling = self.left.wait(compiling).unwrap_or_else(PoisonError::into_inner);
        }
        *compiling += 1;
        Some(CompilePlace { background: self })
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.compiling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to compile.
pub(crate) struct CompilePlace<'a> {
    background: &'a Background,
}

impl Drop for CompilePlace<'_> {
    fn drop(&mut self) {
        *self.background.lock() -= 1;
        self.background.left.notify_all();
    }
}

/// Runs `work` on a thread of its own and waits for it; here, where this is such a thread, or the system has none. `None`
/// where it panicked.
pub(super) fn wait_for<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    let work = Mutex::new(Some(work));
    if IS_APART.get() {
        return run(&work);
    }
    thread::scope(|scope| match named().spawn_scoped(scope, || lowered(|| run(&work))) {
        Ok(thread) => thread.join().ok().flatten(),
        Err(error) => {
            warn(&error);
            run(&work)
        }
    })
}

/// Runs `work` on a thread of its own; here, where the system has none.
pub(super) fn begin(work: impl FnOnce() + Send + 'static) {
    let work = Arc::new(Mutex::new(Some(work)));
    let there = Arc::clone(&work);
    if let Err(error) = named().spawn(move || lowered(|| run(&there))) {
        warn(&error);
        run(&work);
    }
}

/// What a thread that was refused would have taken is still there.
fn run<T>(work: &Mutex<Option<impl FnOnce() -> T>>) -> Option<T> {
    let work = work.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    if done.is_err() {
        tracing::error!("preparing a version panicked; please report this");
    }
    done.ok()
}

fn named() -> thread::Builder {
    thread::Builder::new().name(THREAD.into())
}

fn warn(error: &io::Error) {
    tracing::warn!(%error, "no thread to prepare a version on, preparing it here");
}

fn lowered<T>(work: impl FnOnce() -> T) -> T {
    IS_APART.set(true);
    lower_priority();
    work()
}

/// To a low one of the ordinary priorities. Only on Linux it belongs to the thread and not to the process.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, "cannot lower the priority of the thread that prepares a version");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_compile_as_may() {
        let background = Background::default();
        let places: Vec<_> = (0..COMPILE_AT_ONCE).map(|_| background.place(|| false).unwrap()).collect();
        assert!(background.place(|| true).is_none(), "what is given up waits no more");
        thread::scope(|scope| {
            let waiting = scope.spawn(|| background.place(|| false).is_some());
            drop(places);
            assert!(waiting.join().unwrap());
        });
        assert_eq!(*background.lock(), 0);
    }

    #[test]
    fn work_within_work_has_no_thread_of_its_own() {
        let thread = || thread::current().id();
        let threads = wait_for(|| (thread(), wait_for(thread))).unwrap();
        assert_eq!(threads.1, Some(threads.0));
        assert_ne!(threads.0, thread());
    }
}
