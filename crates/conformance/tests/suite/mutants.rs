//! Changed models through the whole compiler: a refusal with a reason or a file, never a panic, never a defect; and a
//! file computes what the interpreter does.
//!
//! Every case is decided by its seed alone, which a failure prints. Longer runs:
//! `WASMTUBE_MUTANTS_SECONDS=600 cargo nextest run -p wasmtube-conformance mutants`, from another case on with
//! `WASMTUBE_MUTANTS_FROM=100000`.

use std::time::{Duration, Instant};

use compiler::{ModelSource, Options, Stage, compile, dump};
use ir::Class;
use wasmtube_conformance::inputs::Numbers;
use wasmtube_conformance::models;

use crate::agreement::{Ran, run};

use self::wire::{Kind, Message};

mod mutate;
mod seeds;
mod wire;

/// Cases of a run without a time of its own.
const CASES: u64 = 4000;
/// Of those that compile, one in so many is run, up to this many.
const RUN_EVERY: u64 = 8;
const RUNS: u64 = 60;
/// A model that takes longer counts as one that hangs.
const SLOWEST: Duration = Duration::from_secs(20);

fn seed_models() -> Vec<Message> {
    let digits = models::read(&models::repository().join("models/digits/digits.onnx")).unwrap();
    let small = seeds::all();
    small.iter().chain([&digits]).map(|bytes| Message::read(Kind::Model, bytes)).collect()
}

/// Says which case it was if the test ends by a panic, and keeps the file.
struct Case<'b> {
    seed: u64,
    onnx: &'b [u8],
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mutant-{}.onnx", self.seed));
            let kept = std::fs::write(&file, self.onnx);
            eprintln!("mutant {}: WASMTUBE_MUTANTS_FROM={} begins here; {file:?} {kept:?}", self.seed, self.seed);
        }
    }
}

#[test]
fn seeds_compile_and_survive_the_mutator_unchanged() {
    for (index, model) in seed_models().iter().enumerate() {
        let onnx = model.bytes();
        assert_eq!(Message::read(Kind::Model, &onnx).bytes(), onnx);
        if let Err(refused) = compile(&ModelSource::whole(&onnx), &Options::named("seed")) {
            panic!("seed model {index}: {:?}", refused.reasons());
        }
        assert_eq!(run(&ModelSource::whole(&onnx)), Ran::Agrees, "seed model {index}");
    }
}

#[test]
fn changed_models_are_refused_or_compute_what_the_interpreter_does() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let from = number("WASMTUBE_MUTANTS_FROM").unwrap_or(0);
    let until = number("WASMTUBE_MUTANTS_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let models = seed_models();
    let (mut compiled, mut ran, mut agreed, mut cases) = (0_u64, 0, 0, 0);
    for seed in from.. {
        match until {
            Some(until) if Instant::now() >= until => break,
            None if cases == CASES => break,
            Some(_) | None => {}
        }
        cases += 1;
        let onnx = mutate::mutant(&mut Numbers::seeded(seed), &models);
        let case = Case { seed, onnx: &onnx };
        if survives(&case) {
            compiled += 1;
            if compiled.is_multiple_of(RUN_EVERY) && (until.is_some() || ran < RUNS) {
                ran += 1;
                agreed += u64::from(run(&ModelSource::whole(&onnx)) == Ran::Agrees);
            }
        }
    }
    println!("{cases} mutants, {compiled} compile, {ran} were run, {agreed} agree");
    let enough = compiled * 10 > cases && compiled < cases && agreed * 2 > ran && ran > 0;
    assert!(enough, "of {cases} mutants {compiled} compile and {agreed} of {ran} agree: the changes show little");
}

/// Whether a model compiles; a refusal must blame the model.
fn survives(case: &Case<'_>) -> bool {
    let started = Instant::now();
    let options = Options { golden: case.seed.is_multiple_of(16), ..Options::named("mutant") };
    let outcome = compile(&ModelSource::whole(case.onnx), &options);
    assert!(started.elapsed() < SLOWEST, "takes {:?}", started.elapsed());
    if case.seed.is_multiple_of(64) {
        for stage in Stage::ALL {
            let text = dump(&ModelSource::whole(case.onnx), &options, stage).unwrap_or_default();
            assert!(!text.replace('\n', "").contains(char::is_control), "{stage:?}: {text:?}");
        }
    }
    match outcome {
        Ok(_) => true,
        Err(refused) => {
            assert!(!refused.reasons().is_empty());
            for reason in refused.reasons() {
                assert_ne!(reason.code.class(), Class::Internal, "{reason}");
                let text = format!("{reason}\n{}", reason.help);
                assert!(!text.replace('\n', "").contains(char::is_control), "{text:?}");
            }
            false
        }
    }
}
