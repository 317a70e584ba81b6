//! How the overhead depends on the size of the argument: the paper found it constant, at one size.

use std::time::Duration;

use serde::Serialize;

use super::fit::{self, Line};
use super::guests::Guests;
use super::rows::Row;
use super::{measure, paper, rows};
use crate::render::units;

/// How many integers.
const INTEGERS: [usize; 6] = [60, 600, 6_000, 60_000, 600_000, 1_000_000];
/// Sides of the pictures, from 150 KB to 6.2 MB.
const PICTURES: [(u32, u32); 4] = [(224, 224), (448, 448), (1280, 720), (1920, 1080)];
/// An overhead counts as constant up to this many times what it is for the smallest argument,
const CONSTANT: f64 = 2.0;
/// and up to this share of the native time, which noise alone may make of it.
const NOISE: f64 = 0.1;

/// One convention over all sizes.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Series {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) points: Vec<SweepPoint>,
    /// Of the line that was laid through the overheads.
    pub(super) constant_ns: f64,
    pub(super) ns_per_byte: f64,
    pub(super) grows: bool,
    /// What follows from the points, in words.
    pub(super) finding: String,
}

/// One size.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct SweepPoint {
    /// How many integers the argument has; of a picture none.
    pub(super) integers: Option<usize>,
    /// Bytes of the argument.
    pub(super) bytes: usize,
    /// The fastest batch.
    pub(super) ns: f64,
    pub(super) native_ns: f64,
    pub(super) over_native_ns: f64,
    pub(super) ratio: f64,
}

/// Times every convention at the first `sizes` sizes of integers and of pictures.
///
/// # Errors
/// A call fails.
pub(super) fn measure(
    guests: &Guests,
    budget: Duration,
    sizes: usize,
    mut progress: impl FnMut(f64),
) -> anyhow::Result<Vec<Series>> {
    let integers = || INTEGERS.iter().take(sizes);
    let pictures = || PICTURES.iter().take(sizes);
    let steps = u32::try_from(integers().count() + pictures().count())?.max(1);
    let mut found: Vec<(&'static str, &'static str, Vec<SweepPoint>)> = vec![];
    let mut done = 0_u32;
    let mut step = |mut rows: Vec<Row>, integers: Option<usize>| -> anyhow::Result<()> {
        let at = |share: f64| (f64::from(done) + share) / f64::from(steps);
        let times = measure::side_by_side(&mut rows, budget / steps, |share| progress(at(share)))?;
        done += 1;
        for (row, of) in rows.iter().zip(&times) {
            let native = rows.iter().zip(&times).find(|(other, _)| Some(other.id) == row.native);
            let Some((_, native)) = native else { continue };
            let point = SweepPoint {
                integers,
                bytes: row.bytes,
                ns: of.minimum,
                native_ns: native.minimum,
                over_native_ns: of.minimum - native.minimum,
                ratio: of.minimum / native.minimum,
            };
            match found.iter_mut().find(|(id, ..)| *id == row.id) {
                Some((.., points)) => points.push(point),
                None => found.push((row.id, row.title, vec![point])),
            }
        }
        Ok(())
    };
    for &count in integers() {
        step(rows::integers(guests, &values(count))?, Some(count))?;
    }
    for &(width, height) in pictures() {
        step(rows::picture(guests, width, height)?, None)?;
    }
    series(&found)
}

/// The integers of the paper, then pseudorandom ones of about the same size.
fn values(count: usize) -> Vec<i32> {
    let mut state = 42_u32;
    let more = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i32::from(state.to_be_bytes()[0])
    });
    paper::INTEGERS.into_iter().chain(more).take(count).collect()
}

fn series(found: &[(&'static str, &'static str, Vec<SweepPoint>)]) -> anyhow::Result<Vec<Series>> {
    let lines: Vec<(&str, Line)> = found
        .iter()
        .map(|(id, _, points)| {
            let points: Vec<fit::Point> = points.iter().map(SweepPoint::overhead).collect();
            let line = fit::line(&points).ok_or_else(|| anyhow::anyhow!("no line fits the times of {id}"))?;
            Ok((*id, line))
        })
        .collect::<anyhow::Result<_>>()?;
    let slope = |id: &str| lines.iter().find(|(of, _)| *of == id).map(|(_, line)| line.slope);
    let copy = found.iter().filter(|(id, ..)| *id == "picture").flat_map(|(.., points)| points);
    #[allow(clippy::cast_precision_loss, reason = "an argument has fewer than 2^52 bytes")]
    let copy = copy.map(|point| point.native_ns / point.bytes as f64).fold(f64::NAN, f64::max);
    let of = |((id, title, points), (_, line)): (&(&'static str, &'static str, Vec<SweepPoint>), &(&str, Line))| {
        let grows = grows(points);
        let cause = cause(id, *line, copy, slope("json-noop"));
        Series {
            id,
            title,
            points: points.clone(),
            constant_ns: line.constant,
            ns_per_byte: line.slope,
            grows,
            finding: finding(points, *line, grows, &cause),
        }
    };
    Ok(found.iter().zip(&lines).map(of).collect())
}

impl SweepPoint {
    #[allow(clippy::cast_precision_loss, reason = "an argument has fewer than 2^52 bytes")]
    fn overhead(&self) -> fit::Point {
        fit::Point { bytes: self.bytes as f64, cost: self.over_native_ns, time: self.ns }
    }
}

fn grows(points: &[SweepPoint]) -> bool {
    match points {
        [first, .., last] => last.over_native_ns > (CONSTANT * first.over_native_ns).max(NOISE * last.native_ns),
        _ => false,
    }
}

/// Why it grows, as far as the other measurements tell.
fn cause(id: &str, line: Line, copy: f64, json_noop: Option<f64>) -> String {
    let share = |of: f64| format!("{:.0} %", (100.0 * of / line.slope).clamp(0.0, 100.0));
    match (id, json_noop) {
        ("picture" | "classic-picture", _) => "the bytes are moved more than once".into(),
        ("json", Some(noop)) => {
            format!("{} of it where nothing is computed: the guest reads text more slowly", share(noop))
        }
        _ => format!("a copy of the argument is {} of it, the rest is work on each value", share(copy)),
    }
}

fn finding(points: &[SweepPoint], line: Line, grows: bool, cause: &str) -> String {
    let [Some(first), Some(last)] = [points.first(), points.last()] else { return String::new() };
    let range = format!(
        "{} at {}, {} at {}",
        units::nanoseconds(first.over_native_ns),
        bytes(first.bytes),
        units::nanoseconds(last.over_native_ns),
        bytes(last.bytes)
    );
    if grows {
        format!("grows by {:.2} ns a byte ({range}); {cause}", line.slope)
    } else {
        format!("constant ({range})")
    }
}

fn bytes(count: usize) -> String {
    units::bytes(u64::try_from(count).unwrap_or(u64::MAX))
}

/// What follows for the paper's claim.
pub(super) fn verdict(series: &[Series]) -> String {
    let growing = series.iter().filter(|series| series.grows).count();
    match (growing, series.len()) {
        (0, _) => "The overhead is constant at these sizes, as the paper says.".into(),
        (growing, all) => format!(
            "The overhead is not constant: in {growing} of {all} ways to call it grows with the argument, because values \
             are copied and read on both sides. What is constant is the part for the call itself."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(bytes: usize, native_ns: f64, over_native_ns: f64) -> SweepPoint {
        let ns = native_ns + over_native_ns;
        SweepPoint { integers: None, bytes, ns, native_ns, over_native_ns, ratio: ns / native_ns }
    }

    #[track_caller]
    fn check(id: &'static str, points: &[(usize, f64, f64)], expected: &str) {
        let points = points.iter().map(|&(bytes, native, over)| point(bytes, native, over)).collect();
        let found = series(&[(id, id, points)]).unwrap();
        assert_eq!(found[0].finding, expected);
        let verdict = verdict(&found);
        assert_eq!(verdict.starts_with("The overhead is constant"), expected.starts_with("constant"), "{verdict}");
    }

    #[test]
    fn findings_follow_from_the_points() {
        check(
            "picture",
            &[(1_000, 50.0, 100.0), (100_000, 5_000.0, 150.0)],
            "constant (100 ns at 1.00 kB, 150 ns at 100 kB)",
        );
        check(
            "picture",
            &[(1_000, 50.0, 1_100.0), (100_000, 5_000.0, 100_100.0)],
            "grows by 1.00 ns a byte (1.10 us at 1.00 kB, 100 us at 100 kB); the bytes are moved more than once",
        );
    }

    #[test]
    fn an_overhead_below_zero_at_first_may_still_grow() {
        assert!(grows(&[point(1, 10.0, -1.0), point(2, 10.0, 5.0)]));
        assert!(!grows(&[point(1, 10.0, -1.0), point(2, 1_000.0, 5.0)]), "that is noise");
        assert!(!grows(&[point(1, 10.0, 5.0), point(2, 10.0, -5.0)]));
        assert!(!grows(&[point(1, 10.0, 5.0)]));
    }

    #[test]
    fn integers_begin_with_those_of_the_paper() {
        let values = values(100);
        assert_eq!((values.len(), &values[..60]), (100, &paper::INTEGERS[..]));
        assert!(values.iter().all(|value| (0..256).contains(value)) && super::values(7).len() == 7);
    }
}
