use std::path::PathBuf;

use clap::Args;
use compiler::BOUND;

use super::NamedFile;
use super::shaping::Shaping;
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube diff model.onnx                   is the compiled file right, and which step is not?
  wasmtube diff model.onnx --tensor input.npy --reference output.npy
                                             holds it against what another program answers
  wasmtube diff model.onnx --tensor a=left.npy --tensor b=right.npy --bound 1e-3
  wasmtube diff model.onnx --json            for programs

Three comparisons, in the order in which a model is compiled: the imported graph
with the reference, the graph after each pass with the imported one, and what
each step of the compiled file writes with what the reference interpreter has.
The first place beyond the bound is where it goes wrong.

Exit code 1 means that something is beyond the bound; the last lines say what to do about it.";

/// Finds the pass or the step that makes the answer of a compiled model wrong.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DiffArguments {
    /// The ONNX model
    #[arg(value_parser = value::file())]
    pub(crate) model: PathBuf,
    /// Tensor for an input, as NumPy writes it; may be repeated, in the order of the inputs or with names
    #[arg(long, value_name = "[NAME=]FILE.npy", conflicts_with = "seed")]
    pub(crate) tensor: Vec<NamedFile>,
    /// What an output should be, from another program; may be repeated, in the order of the outputs or with names
    #[arg(long, value_name = "[NAME=]FILE.npy")]
    pub(crate) reference: Vec<NamedFile>,
    /// Seed of the inputs where none are given: values from -1 to 1, of every fourth seed from 0 to 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Largest error, as a share of the largest value of a tensor
    #[arg(long, value_name = "SHARE", value_parser = value::bound, allow_negative_numbers = true, default_value_t = BOUND)]
    pub(crate) bound: f64,
    #[command(flatten)]
    pub(crate) shaping: Shaping,
    /// Prints everything as JSON; a number that is not finite is null
    #[arg(long)]
    pub(crate) json: bool,
}
