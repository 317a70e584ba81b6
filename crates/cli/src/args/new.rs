use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value;

const EXAMPLES: &str = "\
Examples:
  wasmtube new thermostat                    a folder `thermostat` with a function in Rust
  wasmtube new thermostat --lang c
  wasmtube new thermostat --lang assemblyscript --path functions/thermostat

The project builds and runs as it is: ./build.sh makes NAME.wasm of it, the README has the commands.
docs/writing-a-guest.md explains how values cross.";

/// Writes a project with a function that builds and runs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct NewArguments {
    /// Name of the module: at most 63 of a to z, 0 to 9 and -, the first a letter
    pub(crate) name: String,
    /// Language of the function
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    pub(crate) lang: Language,
    /// The folder to make; NAME if not given
    #[arg(long, value_name = "FOLDER", value_parser = value::file())]
    pub(crate) path: Option<PathBuf>,
}

/// Languages that functions are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// With serde types in and out
    Rust,
    /// With one header, without a C library
    C,
    /// A language like TypeScript
    #[value(name = "assemblyscript")]
    AssemblyScript,
    /// The text form of WebAssembly, which needs no compiler
    Wat,
}
