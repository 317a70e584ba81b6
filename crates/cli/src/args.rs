//! What may be asked on the command line: one file for each command.

#[cfg(feature = "compiler")]
mod build;
mod call;
mod demo;
mod explain;
mod inspect;
mod pack;
mod value;

use clap::{Parser, Subcommand};

#[cfg(feature = "compiler")]
pub(crate) use build::BuildArguments;
pub(crate) use call::{CallArguments, Format, NamedFile};
pub(crate) use demo::DemoArguments;
#[cfg(feature = "compiler")]
pub(crate) use demo::PhotoArguments;
pub(crate) use explain::ExplainArguments;
pub(crate) use inspect::InspectArguments;
pub(crate) use pack::PackArguments;

const EXAMPLES: &str = "\
Examples:
  wasmtube demo                                       see it work, on this machine
  wasmtube build model.onnx -o model.wasm             compile a model
  wasmtube call model.wasm infer --tensor input.npy   run it
  wasmtube inspect model.wasm                         what a file is and offers

`wasmtube help COMMAND` has examples for each command.

Exit codes: 0 done, 1 the work failed, 2 wrong usage.
Environment: NO_COLOR=1 turns colors off.";

/// Compiles machine-learning models to WebAssembly, and calls and replaces Wasm functions while they run.
#[derive(Debug, Parser)]
#[command(name = "wasmtube", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "compiler")]
    Build(BuildArguments),
    Call(CallArguments),
    Inspect(InspectArguments),
    Pack(PackArguments),
    Explain(ExplainArguments),
    Demo(DemoArguments),
}

impl Command {
    /// Whether the answer is for programs, so that an error has to be as well.
    pub(crate) fn answers_json(&self) -> bool {
        match self {
            #[cfg(feature = "compiler")]
            Self::Build(arguments) => arguments.json,
            Self::Inspect(arguments) => arguments.json,
            Self::Pack(arguments) => arguments.json,
            Self::Call(_) | Self::Explain(_) | Self::Demo(_) => false,
        }
    }
}
