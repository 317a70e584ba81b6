//! One thread that calls, and two that call the same slot.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;

use super::guests::Guests;
use super::statistics::median;
use super::{native, rows};

/// Calls between two looks at the clock.
const STRIDE: u32 = 64;
/// How often one and two threads take turns.
const ROUNDS: u32 = 5;

/// How much more two threads do than one, and how much more they do without Wasm: what the machine has to give.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Threads {
    pub(super) one_calls_per_second: f64,
    pub(super) two_calls_per_second: f64,
    /// The median over pairs that were measured one after the other.
    pub(super) ratio: f64,
    pub(super) native_ratio: f64,
}

/// Calls from one and from two threads in turns.
///
/// # Errors
/// A call fails.
pub(super) fn measure(guests: &Guests, integers: &[i64], budget: Duration) -> anyhow::Result<Threads> {
    let turn = budget / (4 * ROUNDS);
    let wasm = || rows::typed(guests, black_box(integers)).map(drop);
    let native = || {
        native::integers(black_box(integers)).map(|stats| {
            black_box(stats);
        })
    };
    let [mut one, mut two, mut ratios, mut native_ratios] = [const { vec![] }; 4];
    for _ in 0..ROUNDS {
        let [alone, both] = [rate(1, turn, &wasm)?, rate(2, turn, &wasm)?];
        ratios.push(both / alone);
        one.push(alone);
        two.push(both);
        native_ratios.push(rate(2, turn, &native)? / rate(1, turn, &native)?);
    }
    let middle = |values: &[f64]| median(values).context("there are no rounds");
    Ok(Threads {
        one_calls_per_second: middle(&one)?,
        two_calls_per_second: middle(&two)?,
        ratio: middle(&ratios)?,
        native_ratio: middle(&native_ratios)?,
    })
}

/// Calls a second of all threads together.
fn rate(threads: usize, turn: Duration, call: &(impl Fn() -> anyhow::Result<()> + Sync)) -> anyhow::Result<f64> {
    let barrier = Barrier::new(threads);
    let work = || -> anyhow::Result<f64> {
        barrier.wait();
        let begin = Instant::now();
        let mut calls = 0_u32;
        while begin.elapsed() < turn || calls == 0 {
            (0..STRIDE).try_for_each(|_| call())?;
            calls = calls.saturating_add(STRIDE);
        }
        Ok(f64::from(calls) / begin.elapsed().as_secs_f64())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_fold(0.0, |sum, worker| {
            let rate = worker.join().map_err(|_| anyhow::anyhow!("a thread that called panicked"))??;
            Ok(sum + rate)
        })
    })
}
