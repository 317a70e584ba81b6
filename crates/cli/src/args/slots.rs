use clap::Args;

use super::At;

const EXAMPLES: &str = "\
Examples:
  wasmtube slots                             what runs on the node of this machine
  wasmtube slots --at 127.0.0.1:7701         what runs on another one
  wasmtube slots --json                      everything, with functions and history, for programs";

/// Lists the slots of a running node and their live versions.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SlotsArguments {
    #[command(flatten)]
    pub(crate) at: At,
    /// Prints everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
