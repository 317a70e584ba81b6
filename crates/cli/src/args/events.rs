use clap::Args;

use super::At;

const EXAMPLES: &str = "\
Examples:
  wasmtube events                            what happened since the node started, as far as it keeps it
  wasmtube events --follow                   and what happens from now on, until Ctrl-C
  wasmtube events --after 120 --json         later ones than number 120, one JSON object a line

Events are what happens to the node: each step of a deployment with its time, versions that went
live or were refused, routes that fail, a configuration that changed. What flows through routes is
on its page and in their sinks.";

/// Shows what happened on a running node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EventsArguments {
    #[command(flatten)]
    pub(crate) at: At,
    /// Waits for what happens next, also when the node is away for a while
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Leaves away the events up to this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) after: u64,
    /// Prints one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}
