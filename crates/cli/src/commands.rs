//! One file for each command: what is asked for becomes an answer on standard output.

mod bench;
#[cfg(feature = "compiler")]
pub(crate) mod build;
mod call;
mod check;
mod configuration;
#[cfg(feature = "compiler")]
mod diff;
mod events;
mod explain;
mod inspect;
#[cfg(feature = "compiler")]
pub(crate) mod labels;
mod live;
mod new;
mod pack;
#[cfg(feature = "compiler")]
pub(crate) mod preprocess;
mod push;
mod rollback;
mod run;
mod signals;
mod slots;
mod status;
mod watch;

use crate::args::Command;
use crate::demo;

/// How a command ended, if it could do its work at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was asked for is done.
    Done,
    /// It is not, and the command has said why: exit code 1.
    Failed,
}

/// Runs a command.
///
/// # Errors
/// What could not be done, with its causes; [`crate::usage::Usage`] where it makes no sense.
pub(crate) fn run(command: Command) -> anyhow::Result<Outcome> {
    match command {
        #[cfg(feature = "compiler")]
        Command::Build(arguments) => build::run(&arguments),
        #[cfg(feature = "compiler")]
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Pack(arguments) => pack::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Status(arguments) => status::run(&arguments),
        Command::Slots(arguments) => slots::run(&arguments),
        Command::Push(arguments) => push::run(&arguments),
        Command::Rollback(arguments) => rollback::run(&arguments),
        Command::Events(arguments) => events::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    }
}
