use std::path::PathBuf;

use clap::Args;

use super::At;
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube push stats.wasm --slot stats      replaces the live version of a slot
  wasmtube push stats.wasm                   the same, where the node has one slot only
  wasmtube push stats.wasm --slot stats --at 127.0.0.1:7701
  wasmtube push other.wasm --slot stats --allow-breaking
                                             although functions are gone or changed

The node checks the file beside the live version and exchanges them between two calls. Then it
replaces the slot's own file by it, so that a restart brings it back. A file that is refused
changes nothing. `wasmtube rollback SLOT` goes back.";

/// Makes a Wasm file the live version of a slot of a running node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PushArguments {
    /// The Wasm file
    #[arg(value_parser = value::file())]
    pub(crate) file: PathBuf,
    /// The slot; may be left away where there is one only
    #[arg(long, value_name = "SLOT")]
    pub(crate) slot: Option<String>,
    /// The file may lack or change functions that callers of the live version use
    #[arg(long)]
    pub(crate) allow_breaking: bool,
    #[command(flatten)]
    pub(crate) at: At,
    /// Prints the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
