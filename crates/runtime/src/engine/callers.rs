//! The threads that call for those who must not wait. They start when they are needed and end when they are idle. One
//! caller, which is a slot, has some of them at most, so that calls that do not end hold up no other.

use std::collections::{HashMap, VecDeque};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const THREAD: &str = "wasmtube-call";
/// Most threads; calls beyond wait for one.
const THREADS_MAX: usize = 64;
/// Most threads for one caller.
pub(crate) const EACH_MAX: usize = 16;
/// How long a thread without work stays.
const STAY: Duration = Duration::from_secs(10);
type Job = Box<dyn FnOnce() + Send>;
/// Who calls: what no other caller has while its jobs are there.
pub(crate) type Caller = usize;

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
    /// What runs as soon as a thread is free.
    jobs: VecDeque<(Caller, Job)>,
    desks: HashMap<Caller, Desk>,
    threads: usize,
    idle: usize,
    closed: bool,
}

/// The jobs of one caller.
#[derive(Default)]
struct Desk {
    /// Those that run, or do as soon as a thread is free.
    admitted: usize,
    waiting: VecDeque<Job>,
}

impl Callers {
    pub(super) fn new() -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), work: Condvar::new() }) }
    }

    /// Runs `job` on one of the threads; here, where the system refuses the first one.
    pub(crate) fn submit(&self, caller: Caller, job: impl FnOnce() + Send + 'static) {
        let mut state = self.shared.lock();
        let desk = state.desks.entry(caller).or_default();
        if desk.admitted == EACH_MAX {
            desk.waiting.push_back(Box::new(job));
            return;
        }
        desk.admitted += 1;
        state.jobs.push_back((caller, Box::new(job)));
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
                if let Some((caller, job)) = job {
                    job();
                    self.shared.lock().ended(caller);
                }
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
            while let Some((caller, job)) = state.jobs.pop_front() {
                drop(state);
                // A call catches its own panic; what may be left is that of the executor that it wakes.
                if panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
                    tracing::error!("whoever waits for a call panicked when it was woken");
                }
                state = self.lock();
                state.ended(caller);
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

impl State {
    /// A job of the caller ended, so that its next one may run.
    fn ended(&mut self, caller: Caller) {
        let Some(desk) = self.desks.get_mut(&caller) else { return };
        match desk.waiting.pop_front() {
            Some(job) => self.jobs.push_back((caller, job)),
            None => {
                desk.admitted -= 1;
                if desk.admitted == 0 {
                    self.desks.remove(&caller);
                }
            }
        }
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
            callers.submit(0, move || {
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
            callers.submit(0, move || done.send(number).unwrap());
        }
        drop(done);
        let mut found: Vec<u32> = jobs.iter().collect();
        found.sort_unstable();
        assert_eq!(found, (0..1000).collect::<Vec<_>>());
        assert!(callers.shared.lock().threads <= THREADS_MAX);
    }

    #[test]
    fn a_caller_whose_jobs_do_not_end_holds_up_no_other() {
        let (callers, (release, held)) = (Callers::new(), mpsc::channel::<()>());
        let held = Arc::new(Mutex::new(held));
        for _ in 0..2 * THREADS_MAX {
            let held = Arc::clone(&held);
            callers.submit(1, move || assert!(held.lock().unwrap().recv().is_err()));
        }
        for caller in 2..10 {
            let (done, heard) = mpsc::channel();
            callers.submit(caller, move || done.send(()).unwrap());
            heard.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        drop(release);
        while !callers.shared.lock().desks.is_empty() {
            thread::yield_now();
        }
    }

    #[test]
    fn what_waits_is_done_though_the_owner_is_gone() {
        let (callers, (done, jobs)) = (Callers::new(), mpsc::channel());
        for _ in 0..100 {
            let done = done.clone();
            callers.submit(0, move || done.send(()).unwrap());
        }
        drop((callers, done));
        assert_eq!(jobs.iter().count(), 100);
    }
}
