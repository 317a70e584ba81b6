//! `cargo xtask bench models`: how fast compiled models run, as a share of the processor's 128-bit multiply-add peak.
//!
//! Every round runs each model once and the peak once, so that all see the same machine; the figures are minima and
//! medians of the processor time of one pinned thread. No model is timed before its answer agrees with its reference.
#![forbid(unsafe_code)]

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use compiler::{ModelSource, Options, Profile};
use serde_json::json;
use wasmtube_conformance::clock::{self, Times};
use wasmtube_conformance::engine::{self, Running};
use wasmtube_conformance::inputs::relative_error;
use wasmtube_conformance::peak::Peak;
use wasmtube_conformance::{models, references};

const MODELS: [&str; 4] = ["mobilenetv2-tv-f32", "squeezenet1.1-f32", "mlperf-tiny-resnet8-f32", "mnist-8"];
/// Long enough that reading the clock does not count.
const PEAK_WINDOW: f64 = 0.025;
const USAGE: &str = "usage: bench-models [--rounds N] [--steps] [--json]\n\
    --rounds N  rounds, 40 unless told\n\
    --steps     time of each step of the first model\n\
    --json      JSON instead of a table\n\
    Reads models from the folder that WASMTUBE_MODELS names.";

fn main() -> Result<()> {
    let mut rounds = 40;
    let (mut as_json, mut steps) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().context(USAGE)?.parse().context(USAGE)?,
            "--json" => as_json = true,
            "--steps" => steps = true,
            "--help" => {
                println!("{USAGE}");
                return Ok(());
            }
            other => anyhow::bail!("unknown argument `{other}`\n{USAGE}"),
        }
    }
    let folder = models::outside().context("WASMTUBE_MODELS must name the folder of models")?;
    let pinned = clock::pin();
    let report = measure(&folder, rounds, steps)?;
    if as_json {
        report.print_json(pinned)
    } else {
        report.print_table(pinned)
    }
    Ok(())
}

/// One model with one profile.
struct Case {
    model: &'static str,
    profile: Profile,
    running: Running,
    macs: f64,
    step_names: Vec<String>,
    compile: Times,
    run: Times,
    steps: Vec<Times>,
}

struct Report {
    cases: Vec<Case>,
    /// Multiply-accumulates a second.
    peak: f64,
    rounds: usize,
}

fn measure(folder: &Path, rounds: usize, steps: bool) -> Result<Report> {
    let engine = engine::wasmtime().map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut cases = vec![];
    for model in MODELS {
        for profile in [Profile::Relaxed, Profile::Simd128] {
            cases.push(case(folder, model, profile, &engine).with_context(|| model.to_owned())?);
        }
    }
    let mut peak = Peak::new(&engine).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut turns = 10_000;
    while peak.run(turns).map_err(|error| anyhow::anyhow!("{error:?}"))?.as_secs_f64() < PEAK_WINDOW {
        turns *= 2;
    }
    let mut peaks = Times::default();
    for _ in 0..rounds {
        for case in &mut cases {
            let (result, time) = clock::time(|| case.running.infer());
            result.map_err(|error| anyhow::anyhow!("{error:?}"))?;
            case.run.push(time);
        }
        if steps {
            for k in 0..cases[0].step_names.len() {
                let (result, time) = clock::time(|| cases[0].running.step(i32::try_from(k).expect("few steps")));
                result.map_err(|error| anyhow::anyhow!("{error:?}"))?;
                cases[0].steps[k].push(time);
            }
        }
        peaks.push(peak.run(turns).map_err(|error| anyhow::anyhow!("{error:?}"))?);
    }
    Ok(Report { cases, peak: Peak::macs(turns) / peaks.minimum(), rounds })
}

fn case(folder: &Path, model: &'static str, profile: Profile, engine: &wasmtime::Engine) -> Result<Case> {
    let file = format!("{model}.onnx");
    let onnx = models::read(&folder.join(&file))?;
    let mut compile = Times::default();
    let options = Options { profile, golden: false, ..Options::named(model) };
    let (artifact, time) = clock::time(|| compiler::compile(&ModelSource::whole(&onnx), &options));
    compile.push(time);
    let artifact = artifact?;
    let declared = artifact.manifest.model.context("a compiled model says so")?;
    let mut running = Running::new(engine, &artifact.wasm).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let reference = &references::of(folder, &file)?[0];
    let result = (|| {
        running.write(declared.inputs[0].address, &reference.tensor)?;
        running.infer()?;
        running.read(declared.outputs[0].address, reference.outputs[0].len())
    })();
    let found = result.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let error = relative_error(&found, &reference.outputs[0]);
    ensure!(error <= 1e-4, "{model} answers with an error of {error:e}");
    Ok(Case {
        model,
        profile,
        running,
        macs: declared.macs as f64,
        steps: vec![Times::default(); declared.step_names.len()],
        step_names: declared.step_names,
        compile,
        run: Times::default(),
    })
}

impl Report {
    fn share(&self, macs: f64, seconds: f64) -> f64 {
        macs / seconds / self.peak
    }

    fn print_table(&self, pinned: bool) {
        let gflops = 2e-9 * self.peak;
        println!("128-bit multiply-add peak {gflops:.1} GFLOP/s; {} rounds; pinned: {pinned}", self.rounds);
        println!("| model | profile | MMAC | minimum ms | median ms | GFLOP/s | of the peak | build ms |");
        println!("|---|---|---|---|---|---|---|---|");
        for case in &self.cases {
            let (minimum, median) = (case.run.minimum(), case.run.median());
            println!(
                "| {} | {} | {:.1} | {:.3} | {:.3} | {:.1} | {:.1} % | {:.0} |",
                case.model,
                case.profile.name(),
                case.macs / 1e6,
                minimum * 1e3,
                median * 1e3,
                2e-9 * case.macs / minimum,
                100.0 * self.share(case.macs, minimum),
                case.compile.minimum() * 1e3,
            );
        }
        let first = &self.cases[0];
        if !first.steps[0].minimum().is_nan() {
            for (name, times) in first.step_names.iter().zip(&first.steps) {
                println!("{:10.1} us  {name}", times.minimum() * 1e6);
            }
        }
    }

    fn print_json(&self, pinned: bool) {
        let cases: Vec<_> = self
            .cases
            .iter()
            .map(|case| {
                json!({
                    "model": case.model,
                    "profile": case.profile.name(),
                    "macs": case.macs,
                    "minimum_seconds": case.run.minimum(),
                    "median_seconds": case.run.median(),
                    "share_of_peak": self.share(case.macs, case.run.minimum()),
                    "build_seconds": case.compile.minimum(),
                })
            })
            .collect();
        let report = json!({
            "peak_flops": 2.0 * self.peak,
            "rounds": self.rounds,
            "pinned": pinned,
            "cases": cases,
        });
        println!("{report:#}");
    }
}
