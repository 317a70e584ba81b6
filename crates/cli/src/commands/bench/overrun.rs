//! How long after its deadline a function still runs that never ends.

use std::time::Instant;

use anyhow::ensure;
use runtime::{CallError, EngineOptions};
use serde::Serialize;

use super::clock::nanoseconds;
use super::guests::{Guests, LOOP_DEADLINE};
use super::statistics::median;

/// Beyond the deadline: one tick of the engine, and what the system takes to run a thread that is awake.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Overrun {
    pub(super) deadline_ns: f64,
    pub(super) tick_ns: f64,
    /// How often.
    pub(super) times: usize,
    pub(super) median_ns: f64,
    pub(super) maximum_ns: f64,
}

/// Calls an endless loop, `times` times, each with the next call of another function of the same instance.
///
/// # Errors
/// A call ends otherwise than by its deadline, or the next one is not answered.
pub(super) fn measure(guests: &Guests, times: usize) -> anyhow::Result<Overrun> {
    let mut overruns = vec![];
    for _ in 0..times {
        let start = Instant::now();
        let ended = guests.endless.acquire().call_scalars("endless", &[]);
        let taken = start.elapsed();
        ensure!(matches!(ended, Err(CallError::DeadlineExceeded { .. })), "an endless loop ended with {ended:?}");
        guests.endless.acquire().call_scalars("noop", &[])?;
        overruns.push(nanoseconds(taken) - nanoseconds(LOOP_DEADLINE));
    }
    let none = f64::NAN;
    Ok(Overrun {
        deadline_ns: nanoseconds(LOOP_DEADLINE),
        tick_ns: nanoseconds(EngineOptions::default().tick),
        times,
        median_ns: median(&overruns).unwrap_or(none),
        maximum_ns: overruns.iter().copied().fold(none, f64::max),
    })
}
