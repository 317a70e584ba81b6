//! Compiles our own digit classifier and classifies digits that it was not trained on.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use compiler::{Artifact, ModelSource, Options, PreprocessName};
use runtime::{Engine, Lease, LoadOptions, Tensor, Version, npy, top_k};

use super::claims::Claims;
use super::known_answers;
use super::nodes::Function;
use crate::args::DemoArguments;
use crate::commands::Outcome;
use crate::render::units;

macro_rules! model {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/digits/", $file))
    };
}

const MODEL: &[u8] = model!("digits.onnx");
/// Images of 8 x 8 bytes from 0 to 16, and what was written.
const IMAGES: &[u8] = model!("heldout-images.npy");
const LABELS: &[u8] = model!("heldout-labels.npy");
/// The probabilities that ONNX Runtime computes for the same images.
const REFERENCE: &[u8] = model!("reference.npy");

const SIDE: usize = 8;
const DARKEST: f32 = 16.0;
const SHOWN: usize = 5;
/// Share of the held-out digits that must be recognized.
const SHARE_MIN: f64 = 0.95;
/// Largest difference from the reference, whose largest value is a probability near 1.
const ERROR_MAX: f32 = 1e-4;

pub(super) fn run(_: &DemoArguments, engine: &Engine, claims: &mut Claims) -> anyhow::Result<Outcome> {
    claims.title("1. A model becomes one Wasm file")?;
    let begun = Instant::now();
    let artifact = compile()?;
    let compile_time = begun.elapsed();
    let begun = Instant::now();
    let version = Arc::new(Version::load(engine, artifact.wasm.clone(), LoadOptions::default())?);
    let load_time = begun.elapsed();
    claims.line(&format!(
        "digits.onnx, {} -> digits.wasm, {}, in {}; ready to run after another {}",
        units::bytes(MODEL.len() as u64),
        units::bytes(artifact.wasm.len() as u64),
        units::duration(compile_time),
        units::duration(load_time),
    ))?;
    claims.check(
        compile()?.digest == artifact.digest,
        &format!("compiled again: the same file, {}", artifact.digest.short()),
    )?;
    known_answers::check(&version, claims)?;

    let digits = Digits::read()?;
    let begun = Instant::now();
    let answers = digits.classify(&version.lease())?;
    let each = begun.elapsed() / u32::try_from(answers.len().max(1))?;
    digits.show(&answers, claims)?;
    let right =
        answers.iter().zip(&digits.labels).filter(|(answer, label)| answer.class == usize::from(**label)).count();
    #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
    let share = right as f64 / answers.len() as f64;
    claims.check(
        share >= SHARE_MIN,
        &format!(
            "{right} of {} digits that were not in the training recognized, {:.1} %, {} each",
            answers.len(),
            share * 100.0,
            units::duration(each)
        ),
    )?;
    let error = largest_difference(&answers, &npy::read(REFERENCE)?)?;
    claims.check(error <= ERROR_MAX, &format!("largest difference from ONNX Runtime's probabilities: {error:.1e}"))?;
    Ok(Outcome::Done)
}

/// The model as a file for a node.
pub(super) fn function() -> anyhow::Result<Function> {
    Ok(Function { slot: "digits", wasm: compile()?.wasm })
}

fn compile() -> anyhow::Result<Artifact> {
    let labels = (0..10).map(|digit| digit.to_string()).collect();
    let options = Options { preprocess: Some(PreprocessName::Unit.into()), labels, ..Options::named("digits") };
    compiler::compile(&ModelSource::whole(MODEL), &options).context("the digit model is refused")
}

struct Digits {
    /// Pixels from 0 to 16.
    images: Vec<[f32; SIDE * SIDE]>,
    labels: Vec<u8>,
}

/// What the model says of an image.
struct Answer {
    class: usize,
    probabilities: Vec<f32>,
}

impl Digits {
    fn read() -> anyhow::Result<Self> {
        let images = npy::read(IMAGES)?;
        let images = images.bytes().as_chunks::<{ SIDE * SIDE }>().0;
        let images = images.iter().map(|image| image.map(f32::from)).collect();
        Ok(Self { images, labels: npy::read(LABELS)?.bytes().to_vec() })
    }

    fn classify(&self, lease: &Lease) -> anyhow::Result<Vec<Answer>> {
        let side = SIDE as u64;
        let classify = |image: &[f32; SIDE * SIDE]| {
            let input = Tensor::from_f32s(vec![1, 1, side, side], &image.map(|pixel| pixel / DARKEST))?;
            let outputs = lease.infer(&[input])?;
            let probabilities = outputs.first().and_then(Tensor::f32s).context("the model has no output of f32")?;
            let class = top_k(&probabilities, 1, &[]).first().context("the output is empty")?.class;
            Ok(Answer { class, probabilities })
        };
        self.images.iter().map(classify).collect()
    }

    /// The first images side by side, with what was written and what was recognized.
    fn show(&self, answers: &[Answer], claims: &Claims) -> anyhow::Result<()> {
        const WIDTH: usize = 2 * SIDE + 2;
        claims.line("")?;
        for row in 0..SIDE {
            let line = |image: &[f32; SIDE * SIDE]| format!("{:WIDTH$}", ink(&image[row * SIDE..(row + 1) * SIDE]));
            let line: String = self.images.iter().take(SHOWN).map(line).collect();
            claims.line(line.trim_end())?;
        }
        let written = self.labels.iter().take(SHOWN).map(|label| format!("{:WIDTH$}", format!("written: {label}")));
        claims.line(written.collect::<String>().trim_end())?;
        let read = answers.iter().take(SHOWN).map(|answer| {
            let probability = answer.probabilities[answer.class] * 100.0;
            format!("{:WIDTH$}", format!("read: {}, {probability:.1} %", answer.class))
        });
        claims.line(read.collect::<String>().trim_end())?;
        Ok(claims.line("")?)
    }
}

/// Two characters for each pixel.
fn ink(pixels: &[f32]) -> String {
    const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];
    let shade = |pixel: &f32| {
        let steps = [1.0, 5.0, 9.0, 13.0];
        SHADES[steps.iter().filter(|step| *pixel >= **step).count()]
    };
    pixels.iter().map(shade).collect()
}

fn largest_difference(answers: &[Answer], reference: &Tensor) -> anyhow::Result<f32> {
    let expected = reference.f32s().context("the reference is not of f32")?;
    let found: Vec<f32> = answers.iter().flat_map(|answer| answer.probabilities.iter().copied()).collect();
    anyhow::ensure!(found.len() == expected.len(), "the reference is of another number of images");
    let differences = found.iter().zip(&expected).map(|(found, expected)| (found - expected).abs());
    // A difference that is not a number counts as the largest.
    Ok(differences.fold(0.0, |largest, difference| if difference <= largest { largest } else { difference }))
}
