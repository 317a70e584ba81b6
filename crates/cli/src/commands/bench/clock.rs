//! The clock that times are taken with.

use std::time::{Duration, Instant};

use serde::Serialize;

/// Pairs of readings that are looked at.
const READINGS: u32 = 10_000;

/// What one reading costs and what it can tell apart.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Clock {
    /// The smallest difference between two readings that is not zero: what the clock can tell apart, or what it costs to
    /// read it if that is more.
    pub(super) resolution_ns: u64,
    /// Time from one reading to the next. Every single call includes it once.
    pub(super) reading_ns: f64,
}

impl Clock {
    pub(super) fn measure() -> Self {
        let begin = Instant::now();
        let mut last = begin;
        let mut resolution = Duration::MAX;
        for _ in 0..READINGS {
            let now = Instant::now();
            let step = now.duration_since(last);
            if !step.is_zero() {
                resolution = resolution.min(step);
            }
            last = now;
        }
        let reading_ns = nanoseconds(last.duration_since(begin)) / f64::from(READINGS);
        Self { resolution_ns: whole_nanoseconds(resolution), reading_ns }
    }
}

/// As a number, for ratios.
pub(super) fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

/// A time of more than 584 years is that long.
pub(super) fn whole_nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
