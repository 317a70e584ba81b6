//! `wasmtube`: compiles models to Wasm files, calls and inspects functions, runs nodes that use them, and speaks to such
//! nodes.
//!
//! [`args`] says what may be asked, each file of [`commands`] answers one command, [`render`] turns answers into text.
//! What is asked for goes to standard output; progress, logs and errors go to standard error. With `--json` an error is
//! an answer as well, `{"error":"..."}`. Exit codes: 0 done, 1 the
//! work failed, 2 wrong usage.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod args;
mod commands;
mod demo;
mod files;
mod guest_log;
mod loadable;
mod logging;
mod render;
#[cfg(feature = "compiler")]
mod trial;
mod usage;
mod wasm_file;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::args::Command;
use crate::commands::Outcome;
use crate::usage::Usage;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    logging::start(log_level(&arguments.command));
    let answers_json = arguments.command.answers_json();
    match commands::run(arguments.command) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            render::complain(&render::error::text(&error));
            if error.is::<Usage>() {
                return ExitCode::from(2);
            }
            if answers_json {
                // Whoever cannot be told on standard output was told on standard error.
                drop(render::print(&render::error::json(&error)));
            }
            ExitCode::from(1)
        }
    }
}

/// The demo shows every event itself, and a node is asked for its log.
fn log_level(command: &Command) -> LevelFilter {
    if let Command::Run(arguments) = command {
        return arguments.log;
    }
    if matches!(command, Command::Demo(_)) { LevelFilter::ERROR } else { LevelFilter::WARN }
}

/// Whoever reads our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
