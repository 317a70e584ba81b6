//! Compiles a model of the user's and classifies a photo with it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use compiler::{ModelSource, Options};
use runtime::{Engine, LoadOptions, Picture, Version};

use super::claims::Claims;
use super::known_answers;
use crate::args::{DemoArguments, PhotoArguments};
use crate::commands::{Outcome, build, labels, preprocess};
use crate::files::{self, Content};
use crate::render::style::Style;
use crate::render::{complain, diagnostics, print, ranking, units};

const TOP: usize = 5;

/// Whether the files that are given can be read and the photo is one.
pub(super) fn check(arguments: &DemoArguments) -> anyhow::Result<()> {
    let PhotoArguments { model, labels, image, preprocess } = &arguments.photo;
    model.as_deref().map(|model| files::read(model, Content::Model)).transpose()?;
    labels.as_deref().map(labels::read).transpose()?;
    preprocess::read(preprocess)?;
    image.as_deref().map(decode).transpose()?;
    Ok(())
}

/// Does nothing unless a model and a photo are given.
pub(super) fn run(arguments: &DemoArguments, engine: &Engine, claims: &mut Claims) -> anyhow::Result<Outcome> {
    let (Some(model), Some(image)) = (&arguments.photo.model, &arguments.photo.image) else {
        return Ok(Outcome::Done);
    };
    claims.title(&format!("A photo, classified by {}", model.display()))?;
    let onnx = files::read(model, Content::Model)?;
    let labels = arguments.photo.labels.as_deref().map(labels::read).transpose()?.unwrap_or_default();
    let name = model.file_stem().map_or("model".into(), |stem| stem.to_string_lossy().into_owned());
    let options =
        Options { preprocess: preprocess::read(&arguments.photo.preprocess)?, labels, ..Options::named(name) };
    let begun = Instant::now();
    let artifact =
        match build::compile(&ModelSource { onnx: &onnx, external: &build::Beside::of(model) }, &options, None) {
            Ok(artifact) => artifact,
            Err(refused) => {
                complain(&diagnostics::text(&refused, Style::stderr()));
                return Ok(Outcome::Failed);
            }
        };
    claims.line(&format!(
        "{} -> {} of Wasm in {}, known answers included",
        units::bytes(onnx.len() as u64),
        units::bytes(artifact.wasm.len() as u64),
        units::duration(begun.elapsed())
    ))?;
    let begun = Instant::now();
    let version = Arc::new(Version::load(engine, artifact.wasm, LoadOptions::default())?);
    claims.line(&format!("ready to run after another {}", units::duration(begun.elapsed())))?;
    known_answers::check(&version, claims)?;

    let photo = decode(image)?;
    let lease = version.lease();
    // The first call also starts the instance.
    lease.predict(&photo)?;
    let begun = Instant::now();
    let outputs = lease.predict(&photo)?;
    let elapsed = units::duration(begun.elapsed());
    claims.line(&format!("{}, {} x {} pixels, in {elapsed}:", image.display(), photo.width(), photo.height()))?;
    print(&ranking::outputs(&outputs, TOP, &options.labels, Style::stdout()))?;
    let finite = outputs.iter().all(|output| output.f64s().iter().all(|value| value.is_finite()));
    claims.check(finite, "every output is a number")?;
    Ok(Outcome::Done)
}

fn decode(image: &Path) -> anyhow::Result<Picture> {
    Picture::decode(&files::read(image, Content::Picture)?).with_context(|| format!("cannot use {}", image.display()))
}
