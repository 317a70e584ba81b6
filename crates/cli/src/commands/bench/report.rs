//! Everything that was measured, as `--json` prints it.

use serde::Serialize;

use super::clock::Clock;
use super::idle::Idle;
use super::machine::Machine;
use super::measure::Times;
use super::paper::Published;
use super::rows::Row;
use super::sweep::Series;
use super::threads::Threads;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) clock: Clock,
    pub(super) rows: Vec<Measured>,
    pub(super) idle: Idle,
    pub(super) threads: Threads,
    pub(super) sweep: Vec<Series>,
    pub(super) sweep_finding: String,
    pub(super) paper: [Published; 3],
}

/// One row. Times are nanoseconds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Measured {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// The row without Wasm that it is held against.
    pub(super) native: Option<&'static str>,
    pub(super) argument_bytes: usize,
    /// All calls that were timed.
    pub(super) calls: u64,
    /// The fastest batch, a call.
    pub(super) minimum_ns: f64,
    /// How many of them were timed one by one.
    pub(super) single_calls: u64,
    /// Of single calls, each with one reading of the clock.
    pub(super) median_ns: u64,
    pub(super) p90_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) maximum_ns: u64,
    pub(super) over_native_ns: Option<f64>,
    pub(super) ratio: Option<f64>,
}

impl Report {
    pub(super) fn row(&self, id: &str) -> Option<&Measured> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// Rows with what follows from the fastest batches of them and of their native rows.
///
/// # Errors
/// A row was never timed.
pub(super) fn measured(rows: &[Row], times: &[Times]) -> anyhow::Result<Vec<Measured>> {
    let minimum = |id: &str| rows.iter().zip(times).find(|(row, _)| row.id == id).map(|(_, times)| times.minimum);
    rows.iter()
        .zip(times)
        .map(|(row, times)| {
            let percentile = |percent| {
                let found = times.singles.percentile(percent);
                found.ok_or_else(|| anyhow::anyhow!("{} was never timed", row.id))
            };
            let native = row.native.and_then(minimum);
            Ok(Measured {
                id: row.id,
                title: row.title,
                native: row.native,
                argument_bytes: row.bytes,
                calls: times.calls,
                single_calls: times.singles.len(),
                minimum_ns: times.minimum,
                median_ns: percentile(50)?,
                p90_ns: percentile(90)?,
                p99_ns: percentile(99)?,
                maximum_ns: percentile(100)?,
                over_native_ns: native.map(|native| times.minimum - native),
                ratio: native.map(|native| times.minimum / native),
            })
        })
        .collect()
}
