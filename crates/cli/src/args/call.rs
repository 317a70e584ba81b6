use std::path::PathBuf;
use std::str::FromStr;

use abi::Window;
use clap::{Args, ValueEnum};
use node::config::NodeUrl;

use super::at::node_url;
use super::host::HostArguments;
use super::value::{self, NO_STANDARD_STREAM};

const EXAMPLES: &str = "\
Examples:
  wasmtube call add.wasm add 6 7             numbers in, a number out
  wasmtube call stats.wasm calc_stats --json '{\"values\": [3, 1, 2]}'
  wasmtube call stats.wasm calc_stats --json - < values.json
  wasmtube call plain-stats.wasm stats --json '[3, 1, 2]'
                                             a list<i64> in, a record out, both shown as JSON
  wasmtube call zip.wasm compress --bytes log.txt --output log.z
  wasmtube call mobilenet.wasm predict --image cat.jpg --top 3
  wasmtube call model.wasm infer --tensor input.npy --output scores.npy
  wasmtube call mobilenet.wasm predict --image cat.jpg --convention classic
                                             as the paper's host calls it: JSON in place of the picture
  wasmtube call model.wasm infer --tensor a=left.npy --tensor b=right.npy --format json
  wasmtube call counter.wasm count --allow kv,log,config --config unit=celsius
                                             a function that keeps values and writes to the log
  wasmtube call counter count --key kitchen --at 127.0.0.1:7700
                                             a function that keeps its state by key
  wasmtube call stats calc_stats --json '{\"values\": [3, 1, 2]}' --at 127.0.0.1:7700
                                             the same function in the slot `stats` of a running node

A compiled model has the function `infer` for tensors and, built with --preprocess, `predict` for pictures.";

/// Calls a function of a Wasm file, or of a running node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CallArguments {
    /// The Wasm file; with --at the slot
    #[arg(value_parser = value::file())]
    pub(crate) file: PathBuf,
    /// The function; `wasmtube inspect FILE` lists them
    pub(crate) function: String,
    /// Numbers that the function takes
    #[arg(value_name = "SCALAR", allow_negative_numbers = true, conflicts_with_all = ["json", "bytes", "image", "tensor"])]
    pub(crate) scalars: Vec<String>,
    /// JSON that the function takes, an array for a list or an object for a record of numbers; `-` reads it from standard
    /// input
    #[arg(long, value_name = "TEXT", allow_negative_numbers = true, conflicts_with_all = ["bytes", "image", "tensor"])]
    pub(crate) json: Option<String>,
    /// File whose bytes the function takes; `-` reads them from standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["image", "tensor"])]
    pub(crate) bytes: Option<PathBuf>,
    /// Picture that the function takes, PNG or JPEG
    #[arg(long, value_name = "FILE", value_parser = value::file(), conflicts_with = "tensor")]
    pub(crate) image: Option<PathBuf>,
    /// Tensor that the model takes, as NumPy writes it; may be repeated, in the order of the inputs or with names
    #[arg(long, value_name = "[NAME=]FILE.npy")]
    pub(crate) tensor: Vec<NamedFile>,
    /// Where to write an output tensor; may be repeated, in the order of the outputs or with names. Or the one file for
    /// the bytes that a function answers, a list or record as well
    #[arg(long, value_name = "[NAME=]FILE")]
    pub(crate) output: Vec<NamedFile>,
    /// How many of the highest scores of a model to show
    #[arg(long, value_name = "K")]
    pub(crate) top: Option<usize>,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Calls the function on the node at this address instead
    #[arg(long, value_name = "URL", value_parser = node_url)]
    pub(crate) at: Option<NodeUrl>,
    /// Whose state the function is to see, where it keeps state by key
    #[arg(long, value_name = "TEXT")]
    pub(crate) key: Option<String>,
    /// Longest time that the call may take, in milliseconds; 5000 if not given, on a node what its slot allows
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "at")]
    pub(crate) deadline: Option<u64>,
    /// Calls the function in this convention, where the file offers it beside its own
    #[arg(long, value_enum, conflicts_with = "at")]
    pub(crate) convention: Option<Convention>,
    /// Where a function of the classic convention gets its argument: `end` of memory, an address, or `alloc:NAME`; what
    /// the file says, else `end` where that is safe
    #[arg(long, value_name = "PLACE", conflicts_with = "at")]
    pub(crate) window: Option<Window>,
    #[command(flatten)]
    pub(crate) host: HostArguments,
}

/// A convention that a file may offer beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Convention {
    /// The paper's: JSON or a picture in place
    Classic,
}

/// How answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: rankings with labels, indented JSON
    Table,
    /// For programs: one line of JSON
    Json,
}

/// `NAME=FILE` or `FILE`. A file whose name holds `=` is written with a `=` before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedFile {
    /// Empty where the position decides.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl FromStr for NamedFile {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = text.split_once('=').unwrap_or(("", text));
        if path == "-" {
            return Err(NO_STANDARD_STREAM);
        }
        Ok(Self { name: name.into(), path: path.into() })
    }
}
