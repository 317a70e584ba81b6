use std::path::PathBuf;

use abi::State;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube pack guest.wasm -o stats.wasm     a guest of our SDK says everything itself
  wasmtube pack add.wasm -o add.sealed.wasm --name add --version 2 --state stateless
  wasmtube pack other.wasm -o other.sealed.wasm --manifest other.json

`wasmtube inspect FILE --json` shows the manifest of a sealed file: a pattern for your own.";

/// Seals a Wasm module: adds the head section with its manifest, length and hash.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PackArguments {
    /// The module to seal
    #[arg(value_parser = value::file())]
    pub(crate) input: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE", value_parser = value::file())]
    pub(crate) output: PathBuf,
    /// Manifest in JSON, for modules that say nothing of themselves
    #[arg(long, value_name = "FILE", value_parser = value::file(), conflicts_with_all = ["name", "version", "state"])]
    pub(crate) manifest: Option<PathBuf>,
    /// Name of the module; what it says itself, else the name of its file
    #[arg(long, value_parser = value::name)]
    pub(crate) name: Option<String>,
    /// Version of the module, free text; what it says itself, else 1
    #[arg(long)]
    pub(crate) version: Option<String>,
    /// Whether instances keep anything between calls; what the module says itself, else `slot`
    #[arg(long, value_parser = state_parser())]
    pub(crate) state: Option<State>,
    /// Prints the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Keyed state is reserved: no host runs it.
fn state_parser() -> impl clap::builder::TypedValueParser<Value = State> {
    let states = [("stateless", State::Stateless), ("slot", State::Slot)];
    PossibleValuesParser::new(states.map(|(name, _)| name)).try_map(move |wanted| {
        states.into_iter().find(|(name, _)| *name == wanted).map(|(_, state)| state).ok_or("no such state")
    })
}
