//! Time of this thread on its processor: other jobs on the machine do not count.

use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// Processor time that this thread has used.
#[must_use]
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanoseconds = i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    Duration::from_nanos(u64::try_from(nanoseconds).expect("a clock of processor time starts at zero"))
}

/// Processor time of one call.
pub fn time<R>(call: impl FnOnce() -> R) -> (R, Duration) {
    let start = thread_time();
    let result = call();
    (result, thread_time().saturating_sub(start))
}

/// Keeps this thread on the last processor that it may use; says whether that worked.
#[must_use]
pub fn pin() -> bool {
    let Ok(allowed) = rustix::thread::sched_getaffinity(None) else { return false };
    let Some(last) = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu)) else { return false };
    let mut one = CpuSet::new();
    one.set(last);
    sched_setaffinity(None, &one).is_ok()
}

/// The smallest and the median of some times.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds a time.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The smallest, in seconds: the time without disturbance.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.0.iter().min().map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The median, in seconds.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    }
}
