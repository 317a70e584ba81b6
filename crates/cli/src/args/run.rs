use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use tracing_subscriber::filter::LevelFilter;

use super::value;

const LEVELS: [(&str, LevelFilter); 5] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

const EXAMPLES: &str = "\
Examples:
  wasmtube run node.toml                     until Ctrl-C; prints where its page is
  wasmtube run node.toml --log warn          logs only what is odd or lost
  wasmtube check node.toml                   what would be wrong, without running it

The file is followed: what is saved there takes effect at once, and what stays the same in it
goes on undisturbed. A file with mistakes changes nothing; they are in the log, in
`wasmtube status` and on the page.

Standard output is for routes with the sink `stdout`, standard error for everything else.
Ctrl-C or SIGTERM stops the node within 10 s, once what it has received is processed; a second
one stops it at once.
Exit codes: 0 stopped without loss, 1 not started, or something was lost, 2 wrong usage.";

/// Runs a node: functions in slots, routes that feed them, an HTTP interface and a page.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunArguments {
    /// The configuration of the node
    #[arg(value_name = "NODE.toml", value_parser = value::file())]
    pub(crate) config: PathBuf,
    /// How much the log says; RUST_LOG chooses for each part
    #[arg(long, value_name = "LEVEL", value_parser = level_parser(), default_value = "info")]
    pub(crate) log: LevelFilter,
}

fn level_parser() -> impl clap::builder::TypedValueParser<Value = LevelFilter> {
    PossibleValuesParser::new(LEVELS.map(|(name, _)| name)).try_map(|wanted| {
        LEVELS.into_iter().find(|(name, _)| *name == wanted).map(|(_, level)| level).ok_or("no such level")
    })
}
