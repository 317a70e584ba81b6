use std::path::PathBuf;

use abi::{State, Window};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::function::NamedFunction;
use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube pack guest.wasm -o stats.wasm     a guest of ours says everything itself
  wasmtube pack stats.wat -o stats.wasm      the text form of WebAssembly is assembled first
  wasmtube pack add.wasm -o add.sealed.wasm --name add --version 2 --state stateless
  wasmtube pack other.wasm -o other.sealed.wasm --function 'mean: list<f64> -> {mean: f64}'
  wasmtube pack other.wasm -o other.sealed.wasm --manifest other.toml
  wasmtube pack old.wasm -o old.sealed.wasm --window alloc:__new

Kinds of values are json, bytes, image, numbers such as f64, list<f64>, and records such as {mean: f64}.
A manifest holds what the module does not say itself, in TOML or JSON: name, version, state, window, and for
each function what it takes and returns. `wasmtube inspect FILE --json` shows that of a sealed file.";

/// Seals a Wasm module: adds the head section with its manifest, length and hash.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PackArguments {
    /// The module to seal, or its text form
    #[arg(value_parser = value::file())]
    pub(crate) input: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE", value_parser = value::file())]
    pub(crate) output: PathBuf,
    /// Manifest in TOML or JSON, for modules that say nothing of themselves
    #[arg(long, value_name = "FILE", value_parser = value::file(), conflicts_with = "function")]
    pub(crate) manifest: Option<PathBuf>,
    /// What a function takes and answers, for modules that say nothing of themselves; may be repeated, and what is not
    /// named cannot be called then
    #[arg(long, value_name = "NAME: TAKES -> ANSWERS")]
    pub(crate) function: Vec<NamedFunction>,
    /// Name of the module; what it says itself, else the name of its file
    #[arg(long, value_parser = value::name)]
    pub(crate) name: Option<String>,
    /// Version of the module, free text; what it says itself, else 1
    #[arg(long)]
    pub(crate) version: Option<String>,
    /// Whether instances keep anything between calls; what the module says itself, else `slot`
    #[arg(long, value_parser = state_parser())]
    pub(crate) state: Option<State>,
    /// Where functions of the classic convention get their arguments: `end` of memory, an address, or `alloc:NAME`
    #[arg(long, value_name = "PLACE")]
    pub(crate) window: Option<Window>,
    /// Prints the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn state_parser() -> impl clap::builder::TypedValueParser<Value = State> {
    let states = [("stateless", State::Stateless), ("slot", State::Slot), ("keyed", State::Keyed)];
    PossibleValuesParser::new(states.map(|(name, _)| name)).try_map(move |wanted| {
        states.into_iter().find(|(name, _)| *name == wanted).map(|(_, state)| state).ok_or("no such state")
    })
}
