use std::path::PathBuf;

use clap::Args;

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube inspect model.wasm                what it is, whether it is whole, how it is called
  wasmtube inspect model.wasm --steps        also what each step of a compiled model does
  wasmtube inspect model.wasm --json         all of it for programs

Exit code 1 means that the file cannot be used as it is; the reason is in the output.";

/// Shows what a Wasm file is and offers, and whether it is whole.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct InspectArguments {
    /// The Wasm file
    #[arg(value_parser = value::file())]
    pub(crate) file: PathBuf,
    /// Shows the steps of a compiled model
    #[arg(long)]
    pub(crate) steps: bool,
    /// Prints everything as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
