//! The first call after nobody has called for a while.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::clock::nanoseconds;
use super::guests::Guests;
use super::statistics::median;
use super::{native, rows};

/// First calls, each after as long a sleep. Waking up costs the work without Wasm as much.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Idle {
    /// How long nobody called.
    pub(super) seconds: f64,
    /// How often.
    pub(super) times: usize,
    /// Of a call that computes nothing: acquire and call.
    pub(super) median_ns: f64,
    pub(super) maximum_ns: f64,
    /// Of mean and median of the integers, acquired and called as well.
    pub(super) integers_median_ns: f64,
    /// Of the same without Wasm.
    pub(super) native_median_ns: f64,
}

/// Sleeps and calls, `times` times, each kind in turns.
///
/// # Errors
/// A call fails.
pub(super) fn measure(guests: &Guests, integers: &[i64], idle: Duration, times: usize) -> anyhow::Result<Idle> {
    let mut nothing = || rows::acquired(&guests.noop).map(drop);
    let mut wasm = || rows::typed(guests, integers).map(drop);
    let mut native = || {
        native::integers(integers).map(|stats| {
            black_box(stats);
        })
    };
    let mut calls: [&mut dyn FnMut() -> anyhow::Result<()>; 3] = [&mut nothing, &mut wasm, &mut native];
    // What is started for the first call ever is no part of any other.
    calls.iter_mut().try_for_each(|call| call())?;
    let mut taken = [vec![], vec![], vec![]];
    for _ in 0..times {
        for (call, taken) in calls.iter_mut().zip(&mut taken) {
            taken.push(first_call(idle, call)?);
        }
    }
    let none = f64::NAN;
    let [nothing, wasm, native] = taken;
    Ok(Idle {
        seconds: idle.as_secs_f64(),
        times,
        median_ns: median(&nothing).unwrap_or(none),
        maximum_ns: nothing.iter().copied().fold(none, f64::max),
        integers_median_ns: median(&wasm).unwrap_or(none),
        native_median_ns: median(&native).unwrap_or(none),
    })
}

fn first_call(idle: Duration, call: &mut dyn FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    std::thread::sleep(idle);
    let start = Instant::now();
    call()?;
    Ok(nanoseconds(start.elapsed()))
}
