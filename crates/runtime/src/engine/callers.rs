//! The threads that call for those who must not wait. They start when they are needed and end when they are idle.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const THREAD: &str = "wasmtube-call";
/// Most threads; calls beyond wait for one.
const THREADS_MAX: usize = 64;
/// How long a thread without work stays.
const STAY: Duration = Duration::from_secs(10);
type Job = Box<dyn FnOnce() + Send>;

/// The threads and what waits for them. A job keeps what it needs of the engine alive.
pub(crate) struct Callers {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Callers {
    pub(super) fn new() -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), work: Condvar::new() }) }
    }

    /// Runs `job` on one of the threads; here, where the system refuses the first one.
    pub(crate) fn submit(&self, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.lock();
        state.jobs.push_back(Box::new(job));
        if state.idle >= state.jobs.len() {
            self.shared.work.notify_one();
            return;
        }
        if state.threads == THREADS_MAX {
            return;
        }
        let shared = Arc::clone(&self.shared);
        match thread::Builder::new().name(THREAD.into()).spawn(move || shared.serve()) {
            Ok(_) => state.threads += 1,
            Err(error) if state.threads > 0 => tracing::warn!(%error, "no thread more for calls"),
            Err(error) => {
                tracing::warn!(%error, "no thread for calls, calling here");
                let job = state.jobs.pop_back();
                drop(state);
                job.into_iter().for_each(|job| job());
            }
        }
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        let mut state = self.lock();
        loop {
            while let Some(job) = state.jobs.pop_front() {
                drop(state);
                // A call catches its own panic; what may be left is that of the executor that it wakes.
                if panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("whoever waits for a call panicked when it was woken");
                }
                state = self.lock();
            }
            if state.closed {
                break;
            }
            state.idle += 1;
            let (woken, waited) = self.work.wait_timeout(state, STAY).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.jobs.is_empty() {
                break;
            }
        }
        state.threads -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn jobs_run_side_by_side() {
        let (callers, meeting) = (Callers::new(), Arc::new(Barrier::new(5)));
        for _ in 0..4 {
            let meeting = Arc::clone(&meeting);
            callers.submit(move || {
                meeting.wait();
            });
        }
        meeting.wait();
    }

    #[test]
    fn threads_are_bounded_and_no_job_is_lost() {
        let (callers, (done, jobs)) = (Callers::new(), mpsc::channel());
        for number in 0..1000 {
            let done = done.clone();
            callers.submit(move || done.send(number).unwrap());
        }
        drop(done);
        let mut found: Vec<u32> = jobs.iter().collect();
        found.sort_unstable();
        assert_eq!(found, (0..1000).collect::<Vec<_>>());
        assert!(callers.shared.lock().threads <= THREADS_MAX);
    }

    #[test]
    fn what_waits_is_done_though_the_owner_is_gone() {
        let (callers, (done, jobs)) = (Callers::new(), mpsc::channel());
        for _ in 0..100 {
            let done = done.clone();
            callers.submit(move || done.send(()).unwrap());
        }
        drop((callers, done));
        assert_eq!(jobs.iter().count(), 100);
    }
}
