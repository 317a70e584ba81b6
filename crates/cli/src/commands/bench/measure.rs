//! Times rows side by side: in every round each row has its turn, so that whatever else the machine does meets all of
//! them alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::clock::{nanoseconds, whole_nanoseconds};
use super::rows::Row;
use super::statistics::Distribution;

/// How long one turn of a row lasts, if a call does not take longer: short enough that many turns see no interruption.
const TURN: Duration = Duration::from_micros(500);
/// The part of the calls of a turn that come before it untimed: what the rows before have left in the caches has to go.
const UNTIMED: u32 = 8;
/// The share of the time that is spent to warm up.
const WARM_UP: f64 = 0.1;
/// Rounds that take place in any case.
const ROUNDS_MIN: u32 = 3;

/// What was seen of one row.
#[derive(Debug, Clone)]
pub(super) struct Times {
    /// The fastest batch, in nanoseconds a call: what the call costs if nothing comes between.
    pub(super) minimum: f64,
    /// Single calls, with one reading of the clock each.
    pub(super) singles: Distribution,
    /// All calls that were timed, those of the batches included.
    pub(super) calls: u64,
}

/// Times every row for its share of `budget`, in rounds of which `ROUNDS_MIN` take place in any case. `progress` is told
/// the share that is done.
///
/// # Errors
/// A call fails, or answers wrongly before it is timed or afterwards.
pub(super) fn side_by_side(
    rows: &mut [Row],
    budget: Duration,
    mut progress: impl FnMut(f64),
) -> anyhow::Result<Vec<Times>> {
    rows.iter_mut().try_for_each(Row::check)?;
    let begin = Instant::now();
    let share = u32::try_from(rows.len().max(1))?;
    let warm_up = budget.mul_f64(WARM_UP) / share;
    let turns: Vec<u32> = rows.iter_mut().map(|row| calls_in_a_turn(row, warm_up)).collect::<Result<_, _>>()?;
    let empty = Times { minimum: f64::INFINITY, singles: Distribution::default(), calls: 0 };
    let mut times = vec![empty; rows.len()];
    let mut round = 0;
    while round < ROUNDS_MIN || begin.elapsed() < budget {
        for ((row, &calls), times) in rows.iter_mut().zip(&turns).zip(&mut times) {
            batch(row, calls, times)?;
            singles(row, calls, times)?;
        }
        round += 1;
        progress((begin.elapsed().as_secs_f64() / budget.as_secs_f64().max(1e-9)).min(1.0));
    }
    rows.iter_mut().try_for_each(Row::check)?;
    Ok(times)
}

/// Calls for `warm_up`, once at least, and answers how many calls fill a turn.
fn calls_in_a_turn(row: &mut Row, warm_up: Duration) -> anyhow::Result<u32> {
    let begin = Instant::now();
    let mut fastest = Duration::MAX;
    let mut calls = 1_u32;
    loop {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(row.call()?);
        }
        let time = start.elapsed();
        fastest = fastest.min(time / calls);
        if begin.elapsed() >= warm_up {
            break;
        }
        if time < TURN {
            calls = calls.saturating_mul(2);
        }
    }
    let fitting = TURN.as_nanos() / fastest.as_nanos().max(1);
    Ok(u32::try_from(fitting).unwrap_or(u32::MAX).max(1))
}

fn batch(row: &mut Row, calls: u32, times: &mut Times) -> anyhow::Result<()> {
    for _ in 0..calls / UNTIMED {
        black_box(row.call()?);
    }
    let start = Instant::now();
    for _ in 0..calls {
        black_box(row.call()?);
    }
    times.minimum = times.minimum.min(nanoseconds(start.elapsed()) / f64::from(calls));
    times.calls += u64::from(calls);
    Ok(())
}

fn singles(row: &mut Row, calls: u32, times: &mut Times) -> anyhow::Result<()> {
    // What is written down between two calls would push their data out of the caches.
    let mut taken = Vec::with_capacity(usize::try_from(calls)?);
    for _ in 0..calls {
        let start = Instant::now();
        let answer = row.call();
        taken.push(start.elapsed());
        black_box(answer?);
    }
    times.calls += u64::from(calls);
    taken.into_iter().for_each(|time| times.singles.add(whole_nanoseconds(time)));
    Ok(())
}
