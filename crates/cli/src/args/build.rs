use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use compiler::{BOUND, Profile, Stage};

use super::preprocess::{self, Preprocess};
use super::shaping::Shaping;
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube build mobilenet.onnx              writes mobilenet.wasm beside it
  wasmtube build mobilenet.onnx -o m.wasm --preprocess imagenet --labels synset.txt
                                             takes photos, answers names
  wasmtube build yolo.onnx --preprocess letterbox.toml
                                             sizes, channels and constants of your own,
                                             as docs/preprocessing.md says
  wasmtube build model.onnx --dim batch=1 --dim length=64
                                             gives free dimensions their sizes
  wasmtube build model.onnx --shape image=1,3,224,224
                                             the same for a whole input, also
                                             where dimensions have no names
  wasmtube build model.onnx --const mask=mask.npy
                                             freezes an input: the module has
                                             one input less
  wasmtube build model.onnx --check          runs the file and compares it with the reference interpreter
  wasmtube build model.onnx --emit plan      shows a stage, writes nothing
  wasmtube build model.onnx --json           for programs, refusals included

A model that cannot be compiled is refused with every reason at once;
`wasmtube explain CODE` says more about each. Weights that a model keeps in other
files are read from its folder.";

/// Compiles an ONNX model to one self-contained Wasm file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BuildArguments {
    /// The ONNX model
    #[arg(value_parser = value::file())]
    pub(crate) model: PathBuf,
    /// The file to write; beside the model, ending in .wasm, if not given
    #[arg(short, long, value_name = "FILE", value_parser = value::file())]
    pub(crate) output: Option<PathBuf>,
    /// How a picture becomes the input: imagenet, tf, caffe, lite, unit, raw, bgr, yolox, or a TOML file of your own;
    /// without it the file takes tensors only
    #[arg(long, value_name = "SET|FILE", value_parser = preprocess::parse, default_value = preprocess::NONE)]
    pub(crate) preprocess: Preprocess,
    /// Names of the classes, one a line, the first for class 0
    #[arg(long, value_name = "FILE", value_parser = value::file())]
    pub(crate) labels: Option<PathBuf>,
    /// Name of the module; the name of the model's file if not given
    #[arg(long, value_parser = value::name)]
    pub(crate) name: Option<String>,
    /// Version of the module, free text
    #[arg(long, value_name = "VERSION", default_value = "1")]
    pub(crate) module_version: String,
    #[command(flatten)]
    pub(crate) shaping: Shaping,
    /// Leaves known answers out, which a node checks before it uses the file
    #[arg(long)]
    pub(crate) no_golden: bool,
    /// Runs the file on seeded inputs and compares it with the reference interpreter; if an error is beyond --bound, no
    /// file is written
    #[arg(long, conflicts_with = "emit")]
    pub(crate) check: bool,
    /// Largest error that --check allows, as a share of the largest value of an output
    #[arg(long, value_name = "SHARE", value_parser = value::bound, allow_negative_numbers = true,
        default_value_t = BOUND, requires = "check")]
    pub(crate) bound: f64,
    /// Prints a stage of the compiler and writes no file
    #[arg(long, value_name = "STAGE", value_parser = stage_parser(), conflicts_with_all = ["output", "json"])]
    pub(crate) emit: Option<Stage>,
    /// Prints the result, or the reasons of a refusal, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) fn profile_parser() -> impl clap::builder::TypedValueParser<Value = Profile> {
    let profiles = [Profile::Relaxed, Profile::Simd128];
    PossibleValuesParser::new(profiles.map(Profile::name))
        .try_map(move |name| profiles.into_iter().find(|profile| profile.name() == name).ok_or("no such profile"))
}

fn stage_parser() -> impl clap::builder::TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::name))
        .try_map(|name| Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or("no such stage"))
}
