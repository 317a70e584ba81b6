//! The first call after nobody has called for a while.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::clock::nanoseconds;
use super::guests::Guests;
use super::statistics::median;
use super::{native, rows};

/// First calls, beside the same work without Wasm after as long a sleep: waking up costs both the same.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Idle {
    /// How long nobody called.
    pub(super) seconds: f64,
    /// How often.
    pub(super) times: usize,
    pub(super) median_ns: f64,
    pub(super) maximum_ns: f64,
    pub(super) native_median_ns: f64,
}

/// Sleeps and calls, `times` times, with Wasm and without in turns.
///
/// # Errors
/// A call fails.
pub(super) fn measure(guests: &Guests, integers: &[i64], idle: Duration, times: usize) -> anyhow::Result<Idle> {
    rows::typed(guests, integers)?;
    let (mut wasm, mut native) = (vec![], vec![]);
    for _ in 0..times {
        wasm.push(first_call(idle, || rows::typed(guests, integers).map(drop))?);
        native.push(first_call(idle, || {
            native::integers(integers).map(|stats| {
                black_box(stats);
            })
        })?);
    }
    let none = f64::NAN;
    Ok(Idle {
        seconds: idle.as_secs_f64(),
        times,
        median_ns: median(&wasm).unwrap_or(none),
        maximum_ns: wasm.iter().copied().fold(none, f64::max),
        native_median_ns: median(&native).unwrap_or(none),
    })
}

fn first_call(idle: Duration, mut call: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    std::thread::sleep(idle);
    let start = Instant::now();
    call()?;
    Ok(nanoseconds(start.elapsed()))
}
