//! `wasmtube bench calls`: what a call costs in each convention, beside the same work without Wasm in the same run.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use super::clock::Clock;
use super::guests::Guests;
use super::machine::Machine;
use super::report::{self, Report};
use super::{idle, measure, paper, rows, svg, sweep, text, threads};
use crate::args::BenchCallsArguments;
use crate::commands::Outcome;
use crate::files;
use crate::render::print;
use crate::render::progress::Progress;
use crate::render::style::Style;

/// What a measurement takes part by part.
#[derive(Debug, Clone, Copy)]
struct Plan {
    rows: Duration,
    threads: Duration,
    sweep: Duration,
    /// How many sizes of the sweep, from the smallest.
    sizes: usize,
    idle: Duration,
    idle_times: usize,
}

impl Plan {
    fn of(arguments: &BenchCallsArguments) -> Self {
        if arguments.quick {
            let short = Duration::from_millis(300);
            return Self { rows: short, threads: short, sweep: short, sizes: 3, idle: short, idle_times: 1 };
        }
        let all = Duration::from_secs(arguments.seconds.into());
        Self {
            rows: all.mul_f64(0.4),
            threads: all.mul_f64(0.15),
            sweep: all.mul_f64(0.45),
            sizes: usize::MAX,
            idle: Duration::from_secs(1),
            idle_times: 3,
        }
    }
}

pub(super) fn run(arguments: &BenchCallsArguments) -> anyhow::Result<Outcome> {
    if let Some(path) = &arguments.svg {
        let folder = files::folder(path);
        anyhow::ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", path.display(), folder.display());
    }
    let report = measured(Plan::of(arguments))?;
    if let Some(path) = &arguments.svg {
        files::write(path, svg::drawing(&report).as_bytes())?;
    }
    if arguments.json {
        print(&format!("{}\n", serde_json::to_string(&report)?))?;
    } else {
        print(&text::text(&report, Style::stdout()))?;
    }
    Ok(Outcome::Done)
}

fn measured(plan: Plan) -> anyhow::Result<Report> {
    // Elsewhere nobody waits, and what is written would be timed as well.
    let progress = io::stderr().is_terminal().then(|| Progress::start(None));
    let stage = |name, done| progress.iter().for_each(|progress| progress.stage(name, done));
    stage("compiling the functions", 0.0);
    let guests = Guests::load()?;
    let clock = Clock::measure();
    let integers: Vec<i64> = paper::INTEGERS.into_iter().map(i64::from).collect();

    let mut all = rows::nothing(&guests)?;
    all.extend(rows::integers(&guests, &paper::INTEGERS)?);
    let times = measure::side_by_side(&mut all, plan.rows, |done| stage("timing calls", 0.35 * done))?;
    let rows = report::measured(&all, &times)?;
    drop(all);

    stage("calling from two threads", 0.35);
    let threads = threads::measure(&guests, &integers, plan.threads)?;
    stage("waiting, then calling", 0.5);
    let idle = idle::measure(&guests, &integers, plan.idle, plan.idle_times)?;
    let sweep = sweep::measure(&guests, plan.sweep, plan.sizes, |done| {
        stage("timing larger arguments", 0.6 + 0.4 * done);
    })?;
    let sweep_finding = sweep::verdict(&sweep);
    Ok(Report { machine: Machine::here(), clock, rows, idle, threads, sweep, sweep_finding, paper: paper::TABLE_II })
}
