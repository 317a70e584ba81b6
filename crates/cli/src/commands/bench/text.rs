//! What was measured, for people.

use std::fmt::Write as _;

use super::paper;
use super::report::{Measured, Report};
use super::sweep::{Series, SweepPoint};
use crate::render::style::Style;
use crate::render::table::{Align, Table};
use crate::render::units::{bytes, duration, nanoseconds};

const INFALLIBLE: &str = "writing to a string cannot fail";

pub(super) fn text(report: &Report, style: Style) -> String {
    let mut text = String::new();
    let machine = &report.machine;
    writeln!(
        text,
        "{}, {} {}, {} threads; wasmtube {}; the clock tells {} apart, reading it takes {}",
        machine.processor,
        machine.architecture,
        machine.system,
        machine.threads,
        machine.version,
        nanoseconds_of(report.clock.resolution_ns),
        nanoseconds(report.clock.reading_ns),
    )
    .expect(INFALLIBLE);
    if machine.unoptimized {
        writeln!(text, "{}", style.yellow("built without optimization: times of native code mean little"))
            .expect(INFALLIBLE);
    }
    let title = |text: &mut String, title: &str| writeln!(text, "\n{}", style.bold(title)).expect(INFALLIBLE);
    title(&mut text, "Mean and median of the paper's 60 integers");
    text.push_str(&calls(report).text(style));
    text.push_str(
        "  native, call: the fastest batch. median to maximum: single calls, with one reading of the clock each.\n",
    );

    title(&mut text, "Beside Table II of the paper");
    text.push_str(&beside_paper(report).text(style));
    writeln!(text, "  Paper: {}; another machine, so only rows of one side compare.", paper::SETTING)
        .expect(INFALLIBLE);

    title(&mut text, "Calls after idleness and from two threads, each of which acquires a lease");
    let idle = &report.idle;
    writeln!(
        text,
        "  first call after {}: no-op {} (median of {}; maximum {}), 60 integers {}, native {}",
        duration(std::time::Duration::from_secs_f64(idle.seconds)),
        nanoseconds(idle.median_ns),
        idle.times,
        nanoseconds(idle.maximum_ns),
        nanoseconds(idle.integers_median_ns),
        nanoseconds(idle.native_median_ns),
    )
    .expect(INFALLIBLE);
    let threads = &report.threads;
    writeln!(
        text,
        "  two threads do {:.2} x the calls of one ({:.0} a second, {:.0}); native {:.2} x",
        threads.ratio, threads.two_calls_per_second, threads.one_calls_per_second, threads.native_ratio
    )
    .expect(INFALLIBLE);

    title(&mut text, "An endless loop");
    let overrun = &report.overrun;
    writeln!(
        text,
        "  with a deadline of {} it is stopped {} later (median of {}), {} at most; a tick is {}",
        nanoseconds(overrun.deadline_ns),
        nanoseconds(overrun.median_ns),
        overrun.times,
        nanoseconds(overrun.maximum_ns),
        nanoseconds(overrun.tick_ns),
    )
    .expect(INFALLIBLE);

    title(&mut text, "Is the overhead constant? Time over native by size of the argument");
    for integers in [true, false] {
        text.push_str(&by_size(report, integers).text(style));
        text.push('\n');
    }
    for series in &report.sweep {
        writeln!(text, "  {}: {}", series.title, series.finding).expect(INFALLIBLE);
    }
    writeln!(text, "  {}", report.sweep_finding).expect(INFALLIBLE);
    text
}

fn calls(report: &Report) -> Table {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("argument", Align::Right),
        ("native", Align::Right),
        ("call", Align::Right),
        ("over native", Align::Right),
        ("x native", Align::Right),
        ("median", Align::Right),
        ("90 %", Align::Right),
        ("99 %", Align::Right),
        ("maximum", Align::Right),
        ("calls", Align::Right),
    ]);
    for row in &report.rows {
        let Some(native) = row.native.and_then(|native| report.row(native)) else { continue };
        table.row([
            row.title.into(),
            bytes(u64::try_from(row.argument_bytes).unwrap_or(u64::MAX)),
            nanoseconds(native.minimum_ns),
            nanoseconds(row.minimum_ns),
            row.over_native_ns.map(nanoseconds).unwrap_or_default(),
            row.ratio.map(ratio).unwrap_or_default(),
            nanoseconds_of(row.median_ns),
            nanoseconds_of(row.p90_ns),
            nanoseconds_of(row.p99_ns),
            nanoseconds_of(row.maximum_ns),
            row.calls.to_string(),
        ]);
    }
    table
}

fn beside_paper(report: &Report) -> Table {
    let mut table = Table::new(&[
        ("paper", Align::Left),
        ("mean", Align::Right),
        ("minimum", Align::Right),
        ("maximum", Align::Right),
        ("here", Align::Left),
        ("fastest batch", Align::Right),
        ("median", Align::Right),
        ("maximum", Align::Right),
    ]);
    for published in &report.paper {
        let here = report.row(published.beside);
        let of = |what: fn(&Measured) -> String| here.map(what).unwrap_or_default();
        table.row([
            published.name.into(),
            nanoseconds(published.mean_us * 1e3),
            nanoseconds(published.minimum_us * 1e3),
            nanoseconds(published.maximum_us * 1e3),
            of(|row| row.title.into()),
            of(|row| nanoseconds(row.minimum_ns)),
            of(|row| nanoseconds_of(row.median_ns)),
            of(|row| nanoseconds_of(row.maximum_ns)),
        ]);
    }
    table
}

/// Series over the same sizes: those of integers, or those of pictures.
fn by_size(report: &Report, integers: bool) -> Table {
    let has = |series: &&Series| series.points.iter().all(|point| point.integers.is_some() == integers);
    let series: Vec<&Series> = report.sweep.iter().filter(has).collect();
    let size = |point: &SweepPoint| match point.integers {
        Some(integers) => format!("{integers} integers"),
        None => bytes(u64::try_from(point.bytes).unwrap_or(u64::MAX)),
    };
    let sizes: Vec<String> = series.first().iter().flat_map(|series| &series.points).map(size).collect();
    let mut heading = vec![("", Align::Left)];
    heading.extend(sizes.iter().map(|size| (size.as_str(), Align::Right)));
    heading.extend([("constant", Align::Right), ("a byte", Align::Right)]);
    let mut table = Table::new(&heading);
    for series in series {
        let points = series.points.iter().map(|point| nanoseconds(point.over_native_ns));
        let line = [nanoseconds(series.constant_ns), format!("{:.3} ns", series.ns_per_byte)];
        table.row([series.title.to_owned()].into_iter().chain(points).chain(line));
    }
    table
}

#[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
fn nanoseconds_of(whole: u64) -> String {
    nanoseconds(whole as f64)
}

fn ratio(value: f64) -> String {
    if value < 100.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}
