#[cfg(feature = "compiler")]
use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "compiler")]
use super::preprocess::{self, Preprocess};
#[cfg(feature = "compiler")]
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube demo                              runs until Ctrl-C, with a page for each node
  wasmtube demo --once                       some seconds, checks every claim, for tests
  wasmtube demo --nodes                      device, edge and cloud only
  wasmtube demo --model mobilenet.onnx --labels synset.txt --image cat.jpg";

/// Compiles a model, replaces a function under load, and runs device, edge and cloud on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArguments {
    /// Takes a few samples only; exit code 1 if any claim fails
    #[arg(long, conflicts_with = "seconds")]
    pub(crate) once: bool,
    /// Only runs the three nodes
    #[arg(long)]
    pub(crate) nodes: bool,
    /// How long the three nodes run; without it until Ctrl-C on a terminal, elsewhere for 30 s
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: Option<u32>,
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
    /// How the photo becomes its input, as for `wasmtube build`
    #[arg(long, value_name = "SET|FILE", value_parser = preprocess::parse, default_value = "imagenet")]
    pub(crate) preprocess: Preprocess,
}
