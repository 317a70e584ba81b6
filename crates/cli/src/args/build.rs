use std::path::PathBuf;

use abi::PreprocessName;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use compiler::{Profile, Stage};

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube build mobilenet.onnx              writes mobilenet.wasm beside it
  wasmtube build mobilenet.onnx -o m.wasm --preprocess imagenet --labels synset.txt
                                             takes photos, answers names
  wasmtube build model.onnx --dim batch=1 --dim length=64
                                             gives free dimensions their sizes
  wasmtube build model.onnx --shape image=1,3,224,224
                                             the same for a whole input, also
                                             where dimensions have no names
  wasmtube build model.onnx --const mask=mask.npy
                                             freezes an input: the module has
                                             one input less
  wasmtube build model.onnx --emit plan      shows a stage, writes nothing
  wasmtube build model.onnx --json           for programs, refusals included

A model that cannot be compiled is refused with every reason at once;
`wasmtube explain CODE` says more about each. Weights that a model keeps in other
files are read from its folder.";

const NO_PREPROCESS: &str = "none";

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
    /// How a picture becomes the input; without it the file takes tensors only
    #[arg(long, value_name = "SET", value_parser = preprocess_parser(), default_value = NO_PREPROCESS)]
    pub(crate) preprocess: Preprocess,
    /// Names of the classes, one a line, the first for class 0
    #[arg(long, value_name = "FILE", value_parser = value::file())]
    pub(crate) labels: Option<PathBuf>,
    /// Instructions that may be used: `simd128` gives the same bits everywhere, `relaxed` is faster
    #[arg(long, value_parser = profile_parser(), default_value = Profile::Relaxed.name())]
    pub(crate) profile: Profile,
    /// Name of the module; the name of the model's file if not given
    #[arg(long, value_parser = value::name)]
    pub(crate) name: Option<String>,
    /// Version of the module, free text
    #[arg(long, value_name = "VERSION", default_value = "1")]
    pub(crate) module_version: String,
    /// Size of a free dimension; may be repeated
    #[arg(long, value_name = "NAME=SIZE", value_parser = dimension)]
    pub(crate) dim: Vec<(String, usize)>,
    /// Shape of an input, for dimensions without a name; may be repeated
    #[arg(long, value_name = "INPUT=SIZES", value_parser = shape)]
    pub(crate) shape: Vec<(String, Vec<usize>)>,
    /// Makes an input a constant: the array of a .npy file; may be repeated
    #[arg(long = "const", value_name = "INPUT=FILE", value_parser = frozen)]
    pub(crate) constants: Vec<(String, PathBuf)>,
    /// Leaves known answers out, which a node checks before it uses the file
    #[arg(long)]
    pub(crate) no_golden: bool,
    /// Prints a stage of the compiler and writes no file
    #[arg(long, value_name = "STAGE", value_parser = stage_parser(), conflicts_with_all = ["output", "json"])]
    pub(crate) emit: Option<Stage>,
    /// Prints the result, or the reasons of a refusal, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A set of preprocessing, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Preprocess(pub(crate) Option<PreprocessName>);

pub(super) fn preprocess_parser() -> impl clap::builder::TypedValueParser<Value = Preprocess> {
    let names = PreprocessName::ALL.map(PreprocessName::name).into_iter().chain([NO_PREPROCESS]);
    PossibleValuesParser::new(names).map(|name| Preprocess(name.parse().ok()))
}

fn profile_parser() -> impl clap::builder::TypedValueParser<Value = Profile> {
    let profiles = [Profile::Relaxed, Profile::Simd128];
    PossibleValuesParser::new(profiles.map(Profile::name))
        .try_map(move |name| profiles.into_iter().find(|profile| profile.name() == name).ok_or("no such profile"))
}

fn stage_parser() -> impl clap::builder::TypedValueParser<Value = Stage> {
    PossibleValuesParser::new(Stage::ALL.map(Stage::name))
        .try_map(|name| Stage::ALL.into_iter().find(|stage| stage.name() == name).ok_or("no such stage"))
}

fn dimension(text: &str) -> Result<(String, usize), String> {
    match text.split_once('=').map(|(name, size)| (name, size.parse())) {
        Some((name, Ok(size @ 1..))) if !name.is_empty() => Ok((name.into(), size)),
        _ => Err("write it as NAME=SIZE with a size from 1".into()),
    }
}

fn shape(text: &str) -> Result<(String, Vec<usize>), String> {
    let parsed = text.rsplit_once('=').and_then(|(name, sizes)| {
        let sizes = sizes.split(',').map(|size| size.trim().parse().ok().filter(|size| *size > 0));
        let sizes: Vec<usize> = sizes.collect::<Option<_>>()?;
        (!name.is_empty()).then(|| (name.to_owned(), sizes))
    });
    parsed.ok_or_else(|| "write it as INPUT=SIZES with sizes from 1, such as image=1,3,224,224".into())
}

fn frozen(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((_, "-")) => Err(value::NO_STANDARD_STREAM.into()),
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.into(), path.into())),
        _ => Err("write it as INPUT=FILE with a file of NumPy, such as mask=mask.npy".into()),
    }
}
