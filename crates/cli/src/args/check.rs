use std::path::PathBuf;

use clap::Args;

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube check node.toml                   everything that is wrong, with file, line and column
  wasmtube check node.toml --json            for programs

Slots, routes and the files of functions are looked at, nothing is started. Exit code 1 means
that there are errors; what may be as intended, such as a file that is not there yet, is a warning.";

/// Checks the configuration of a node without running it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArguments {
    /// The configuration of the node
    #[arg(value_name = "NODE.toml", value_parser = value::file())]
    pub(crate) config: PathBuf,
    /// Prints what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
