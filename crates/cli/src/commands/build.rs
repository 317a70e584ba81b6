mod checked;
mod external;
mod frozen;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use abi::{Digest, Manifest, ModelDecl};
use anyhow::Context as _;
use compiler::{Artifact, Checked, Diagnostics, ModelSource, Options, Stage};
use serde::Serialize;

use self::checked::CheckedJson;
pub(crate) use self::external::Beside;
use super::{Outcome, labels, preprocess};
use crate::args::{BuildArguments, Preprocess, Shaping};
use crate::files::{self, Content};
use crate::loadable::{self, NotLoadable};
use crate::render::listing::Listing;
use crate::render::printable::{printable, printable_lines};
use crate::render::progress::Progress;
use crate::render::style::Style;
use crate::render::{complain, diagnostics, error, print, tensor, units};
use crate::usage::usage;
use crate::wasm_file;

pub(super) fn run(arguments: &BuildArguments) -> anyhow::Result<Outcome> {
    let output = output(arguments)?;
    let options = match options(arguments) {
        Ok(options) => options,
        Err(error) => return refuse(&error.downcast::<Diagnostics>()?, arguments.json),
    };
    let model = &arguments.model;
    let onnx = files::read(model, Content::Model)?;
    let external = Beside::of(model);
    let source = ModelSource { onnx: &onnx, external: &external };
    if let Some(stage) = arguments.emit {
        return match compiler::dump(&source, &options, stage) {
            Ok(text) => {
                print(&printable_lines(&text))?;
                Ok(Outcome::Done)
            }
            Err(refused) => refuse(&refused, arguments.json),
        };
    }
    let begun = Instant::now();
    let advice = options.golden.then_some("--no-golden leaves out the known answers");
    let compiled = compile(&source, &options, advice);
    let elapsed = begun.elapsed();
    let mut artifact = match compiled {
        Ok(artifact) => artifact,
        Err(refused) => return refuse(&refused, arguments.json),
    };
    let data = external.files();
    files::refuse_overwriting(&output, data.iter().map(|file| ("data of the model", file.as_path())))?;
    let checked = if arguments.check { Some(checked::check(&source, &options, &artifact.wasm)?) } else { None };
    drop(onnx);
    artifact.notes.extend(excess(&artifact.wasm).with_context(|| format!("cannot build {}", model.display()))?);
    if let Some(wrong) = checked.as_ref().and_then(|checked| checked::complaint(checked, model)) {
        return refuse_wrong(arguments, checked.as_ref(), &wrong);
    }
    files::write(&output, &artifact.wasm)?;
    if arguments.json {
        let built = Built {
            check: checked.as_ref().map(CheckedJson::from),
            file: output.display().to_string(),
            digest: artifact.digest,
            bytes: artifact.wasm.len(),
            notes: &artifact.notes,
            manifest: &artifact.manifest,
        };
        print(&format!("{}\n", serde_json::to_string(&built)?))?;
    } else {
        print(&summary(&output, &artifact, elapsed, checked.as_ref(), Style::stdout()))?;
    }
    Ok(Outcome::Done)
}

/// Compiles and shows the stage if it takes long, with `advice` on how to wait less long.
pub(crate) fn compile(
    source: &ModelSource<'_>,
    options: &Options,
    advice: Option<&'static str>,
) -> Result<Artifact, Diagnostics> {
    let progress = Progress::start(advice);
    compiler::compile_observed(source, options, &mut |what| match what {
        compiler::Progress::Stage(stage) => progress.stage(doing(stage), begins_at(stage)),
        compiler::Progress::KnownAnswers(share) => {
            progress.stage("computing known answers", 0.2 + 0.5 * share);
        }
    })
}

/// Why a host with the usual limits cannot load the file, for a note, if a slot may be given more; else it is refused.
fn excess(wasm: &[u8]) -> anyhow::Result<Option<String>> {
    let module = runtime::Module::read(wasm.to_vec())?;
    let (limits, allow) = (runtime::Limits::default(), std::collections::BTreeSet::new());
    match loadable::check(module.interface(), &wasm_file::read(wasm)?, &limits, &allow) {
        Ok(()) => Ok(None),
        Err(error @ NotLoadable::Memory { .. }) => Ok(Some(error.to_string())),
        Err(error @ NotLoadable::Refused(_)) => Err(error.into()),
    }
}

/// The JSON of a file that was built.
#[derive(Serialize)]
struct Built<'a> {
    file: String,
    digest: Digest,
    bytes: usize,
    notes: &'a [String],
    manifest: &'a Manifest,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<CheckedJson>,
}

/// Says why a model is refused.
pub(super) fn refuse(refused: &Diagnostics, json: bool) -> anyhow::Result<Outcome> {
    if json {
        print(&format!("{}\n", diagnostics::json(refused)?))?;
    } else {
        complain(&diagnostics::text(refused, Style::stderr()));
    }
    Ok(Outcome::Failed)
}

fn refuse_wrong(arguments: &BuildArguments, checked: Option<&Checked>, wrong: &str) -> anyhow::Result<Outcome> {
    complain(&error::text(&anyhow::anyhow!("{wrong}")));
    if arguments.json {
        let json = serde_json::json!({ "error": wrong, "check": checked.map(CheckedJson::from) });
        print(&format!("{json}\n"))?;
    }
    Ok(Outcome::Failed)
}

fn output(arguments: &BuildArguments) -> anyhow::Result<PathBuf> {
    let model = &arguments.model;
    let output = arguments.output.clone().unwrap_or_else(|| model.with_extension("wasm"));
    files::refuse_overwriting(&output, inputs(arguments))?;
    if output.is_dir() {
        return Err(usage(format!("{} is a folder: give a file with --output", output.display())));
    }
    Ok(output)
}

/// What the arguments name to be read, each with what it is.
fn inputs(arguments: &BuildArguments) -> Vec<(&'static str, &Path)> {
    let mut inputs = vec![("the model", arguments.model.as_path())];
    inputs.extend(arguments.labels.iter().map(|labels| ("the labels", labels.as_path())));
    inputs.extend(arguments.shaping.constants.iter().map(|(_, array)| ("the array of a --const", array.as_path())));
    if let Preprocess::File(path) = &arguments.preprocess {
        inputs.push(("the file of --preprocess", path));
    }
    inputs
}

fn options(arguments: &BuildArguments) -> anyhow::Result<Options> {
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => stem(&arguments.model)?,
    };
    Ok(Options {
        version: arguments.module_version.clone(),
        preprocess: preprocess::read(&arguments.preprocess)?,
        labels: arguments.labels.as_deref().map(labels::read).transpose()?.unwrap_or_default(),
        golden: !arguments.no_golden,
        ..shaped(name, &arguments.shaping)?
    })
}

/// The name of a model's file, which names its module.
pub(super) fn stem(model: &Path) -> anyhow::Result<String> {
    let stem = model.file_stem().ok_or_else(|| usage(format!("{} is not the name of a file", model.display())))?;
    Ok(stem.to_string_lossy().into_owned())
}

/// The usual options for a model that is shaped so.
pub(super) fn shaped(name: String, shaping: &Shaping) -> anyhow::Result<Options> {
    let mut dims = BTreeMap::new();
    for (dim, size) in &shaping.dim {
        if dims.insert(dim.clone(), *size).is_some_and(|before| before != *size) {
            return Err(usage(format!("--dim gives `{dim}` two sizes: give one")));
        }
    }
    let mut shapes = BTreeMap::new();
    for (input, shape) in &shaping.shape {
        if shapes.insert(input.clone(), shape.clone()).is_some_and(|before| before != *shape) {
            return Err(usage(format!("--shape gives `{input}` two shapes: give one")));
        }
    }
    let constants = frozen::read(&shaping.constants)?;
    Ok(Options { profile: shaping.profile, dims, shapes, constants, ..Options::named(name) })
}

fn doing(stage: Stage) -> &'static str {
    match stage {
        Stage::Onnx => "reading the model",
        Stage::Graph => "importing the graph",
        Stage::Optimized => "optimizing the graph",
        Stage::Plan => "planning memory",
        Stage::Wat => "emitting code",
    }
}

/// Share of a build that is usually done when a stage begins.
fn begins_at(stage: Stage) -> f64 {
    match stage {
        Stage::Onnx => 0.0,
        Stage::Graph => 0.05,
        Stage::Optimized => 0.7,
        Stage::Plan => 0.75,
        Stage::Wat => 0.85,
    }
}

fn summary(output: &Path, artifact: &Artifact, elapsed: Duration, checked: Option<&Checked>, style: Style) -> String {
    let mut listing = Listing::new();
    let size = units::bytes(artifact.wasm.len() as u64);
    match &artifact.manifest.model {
        Some(model) => {
            listing.row("file", format!("{size}, of them {} weights", units::bytes(model.weights_bytes)));
            describe(model, &mut listing);
        }
        None => {
            listing.row("file", size);
        }
    }
    for (index, line) in checked.into_iter().flat_map(checked::lines).enumerate() {
        listing.row(if index == 0 { "checked" } else { "" }, line);
    }
    listing.row("digest", artifact.digest.to_string());
    listing.row("time", units::duration(elapsed));
    for (index, note) in artifact.notes.iter().enumerate() {
        listing.row(if index == 0 { "notes" } else { "" }, note);
    }
    format!("{}\n{}", style.bold(printable(&format!("wrote {}", output.display()))), listing.text(style))
}

fn describe(model: &ModelDecl, listing: &mut Listing) {
    let steps = units::plural(model.step_names.len(), "step");
    listing.row("work", format!("{} multiply-accumulates in {steps}", units::count(model.macs)));
    for (name, tensors) in [("inputs", &model.inputs), ("outputs", &model.outputs)] {
        for (index, decl) in tensors.iter().enumerate() {
            listing.row(if index == 0 { name } else { "" }, tensor::decl_text(decl));
        }
    }
    if let Some(preprocess) = &model.preprocess {
        listing.row("pictures", format!("preprocessed as `{}`: call `predict`", preprocess.name));
    }
    if !model.labels.is_empty() {
        listing.row("labels", model.labels.len().to_string());
    }
}
