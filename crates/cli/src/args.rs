//! What may be asked on the command line: one file for each command.

mod at;
mod bench;
#[cfg(feature = "compiler")]
mod build;
mod call;
mod check;
mod demo;
#[cfg(feature = "compiler")]
mod diff;
mod events;
mod explain;
mod function;
mod inspect;
mod new;
mod pack;
#[cfg(feature = "compiler")]
mod preprocess;
mod push;
mod rollback;
mod run;
#[cfg(feature = "compiler")]
mod shaping;
mod slots;
mod status;
mod value;
mod watch;

use clap::{Parser, Subcommand};

pub(crate) use at::At;
pub(crate) use bench::{BenchArguments, BenchCallsArguments, BenchSubject};
#[cfg(feature = "compiler")]
pub(crate) use build::BuildArguments;
pub(crate) use call::{CallArguments, Convention, Format, NamedFile};
pub(crate) use check::CheckArguments;
pub(crate) use demo::DemoArguments;
#[cfg(feature = "compiler")]
pub(crate) use demo::PhotoArguments;
#[cfg(feature = "compiler")]
pub(crate) use diff::DiffArguments;
pub(crate) use events::EventsArguments;
pub(crate) use explain::ExplainArguments;
pub(crate) use function::NamedFunction;
pub(crate) use inspect::InspectArguments;
pub(crate) use new::{Language, NewArguments};
pub(crate) use pack::PackArguments;
#[cfg(feature = "compiler")]
pub(crate) use preprocess::Preprocess;
pub(crate) use push::PushArguments;
pub(crate) use rollback::RollbackArguments;
pub(crate) use run::RunArguments;
#[cfg(feature = "compiler")]
pub(crate) use shaping::Shaping;
pub(crate) use slots::SlotsArguments;
pub(crate) use status::StatusArguments;
pub(crate) use watch::WatchArguments;

const EXAMPLES: &str = "\
Examples:
  wasmtube demo                                       see it work, on this machine
  wasmtube build model.onnx -o model.wasm             compile a model
  wasmtube call model.wasm infer --tensor input.npy   run it
  wasmtube inspect model.wasm                         what a file is and offers
  wasmtube new thermostat --lang c                    a project with a function of your own
  wasmtube run node.toml                              a node with functions, routes and a page
  wasmtube push model.wasm                            replace a function of it while it runs

`wasmtube help COMMAND` has examples for each command.

Exit codes: 0 done, 1 the work failed, 2 wrong usage.
Environment: NO_COLOR=1 turns colors off, WASMTUBE_AT is the address of the node
that is meant where --at is not given; `call` speaks to a node with --at only.";

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
    #[cfg(feature = "compiler")]
    Diff(DiffArguments),
    Call(CallArguments),
    Inspect(InspectArguments),
    New(NewArguments),
    Pack(PackArguments),
    Watch(WatchArguments),
    Run(RunArguments),
    Check(CheckArguments),
    Status(StatusArguments),
    Slots(SlotsArguments),
    Push(PushArguments),
    Rollback(RollbackArguments),
    Events(EventsArguments),
    Explain(ExplainArguments),
    Demo(DemoArguments),
    Bench(BenchArguments),
}

impl Command {
    /// Whether the answer is for programs, so that an error has to be as well.
    pub(crate) fn answers_json(&self) -> bool {
        match self {
            #[cfg(feature = "compiler")]
            Self::Build(arguments) => arguments.json,
            #[cfg(feature = "compiler")]
            Self::Diff(arguments) => arguments.json,
            Self::Inspect(arguments) => arguments.json,
            Self::Pack(arguments) => arguments.json,
            Self::Check(arguments) => arguments.json,
            Self::Status(arguments) => arguments.json,
            Self::Slots(arguments) => arguments.json,
            Self::Push(arguments) => arguments.json,
            Self::Rollback(arguments) => arguments.json,
            Self::Events(arguments) => arguments.json,
            Self::Bench(BenchArguments { subject: BenchSubject::Calls(arguments) }) => arguments.json,
            Self::New(_) | Self::Watch(_) | Self::Run(_) | Self::Call(_) | Self::Explain(_) | Self::Demo(_) => false,
        }
    }
}
