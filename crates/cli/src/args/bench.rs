use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube bench calls                       what a call costs on this machine, in each convention";

const CALLS_EXAMPLES: &str = "\
Examples:
  wasmtube bench calls                       the tables, after some 20 s
  wasmtube bench calls --quick               after 3 s: for a first look
  wasmtube bench calls --seconds 120         less noise
  wasmtube bench calls --json > calls.json   for programs, times in nanoseconds
  wasmtube bench calls --svg calls.svg       also draws the tables

Every row is timed beside the same work without Wasm, in turns, so that whatever else the
machine does meets both. `call` is the fastest batch: what a call costs if nothing comes
between. Percentiles are those of single calls. Compare numbers of one run only.

Exit code 1 means that a call failed or that a file could not be written; no time is too long.";

/// Measures on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BenchArguments {
    #[command(subcommand)]
    pub(crate) subject: BenchSubject,
}

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchSubject {
    Calls(BenchCallsArguments),
}

/// Times calls of functions in each convention beside native code, and how the time grows with the argument.
#[derive(Debug, Args)]
#[command(after_help = CALLS_EXAMPLES)]
pub(crate) struct BenchCallsArguments {
    /// How long calls are timed; calls after idleness and the largest arguments take some seconds more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3600), default_value_t = 10)]
    pub(crate) seconds: u32,
    /// Times for one second, and small arguments only
    #[arg(long, conflicts_with = "seconds")]
    pub(crate) quick: bool,
    /// Also writes the tables as a drawing
    #[arg(long, value_name = "FILE.svg", value_parser = value::file())]
    pub(crate) svg: Option<PathBuf>,
    /// Prints everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
