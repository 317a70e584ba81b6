use clap::Args;

use super::At;

const EXAMPLES: &str = "\
Examples:
  wasmtube status                            how the node of this machine is
  wasmtube status --at 127.0.0.1:7701        how another one is
  wasmtube status --json                     everything for programs";

/// Shows how a running node is: configuration, upstream, routes and neighbors.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatusArguments {
    #[command(flatten)]
    pub(crate) at: At,
    /// Prints everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
