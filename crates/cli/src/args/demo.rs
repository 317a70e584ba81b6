#[cfg(feature = "compiler")]
use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "compiler")]
use super::build::{Preprocess, preprocess_parser};
#[cfg(feature = "compiler")]
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube demo                              about half a minute
  wasmtube demo --once                       some seconds, checks every claim, for tests
  wasmtube demo --model mobilenet.onnx --labels synset.txt --image cat.jpg";

/// Compiles a model, runs a function on this machine's own readings and replaces it under load.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArguments {
    /// Takes a few readings only; exit code 1 if any claim fails
    #[arg(long, conflicts_with = "seconds")]
    pub(crate) once: bool,
    /// How many readings to take, one a second
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=3600))]
    pub(crate) seconds: u32,
    #[cfg(feature = "compiler")]
    #[command(flatten)]
    pub(crate) photo: PhotoArguments,
}

/// A model of your own that classifies a photo.
#[cfg(feature = "compiler")]
#[derive(Debug, Args)]
pub(crate) struct PhotoArguments {
    /// Also compiles this ONNX model
    #[arg(long, value_name = "FILE", value_parser = value::file(), requires = "image")]
    pub(crate) model: Option<PathBuf>,
    /// Names of its classes, one a line
    #[arg(long, value_name = "FILE", value_parser = value::file(), requires = "model")]
    pub(crate) labels: Option<PathBuf>,
    /// Classifies this photo with it, PNG or JPEG
    #[arg(long, value_name = "FILE", value_parser = value::file(), requires = "model")]
    pub(crate) image: Option<PathBuf>,
    /// How the photo becomes its input
    #[arg(long, value_name = "SET", value_parser = preprocess_parser(), default_value = "imagenet")]
    pub(crate) preprocess: Preprocess,
}
