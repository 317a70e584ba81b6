//! Starts a benchmark in the release profile and hands it the remaining arguments.

mod calls;

use anyhow::Context as _;

use crate::child;

/// A benchmark.
#[derive(Debug, Clone, Copy)]
pub struct Bench {
    /// Name on the command line.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// Takes the remaining arguments and answers whether it ended well.
    run: fn(&[String]) -> anyhow::Result<bool>,
}

/// Every benchmark.
pub const BENCHES: &[Bench] = &[
    Bench { name: "models", about: "times compiled models against the peak of this processor", run: models },
    Bench { name: "calls", about: "times calls beside native code, the engine alone and extism", run: calls::run },
];

/// Runs the benchmark named first, with the arguments after it. Answers whether it ended well.
///
/// # Errors
/// No such benchmark, or cargo cannot be started.
pub fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let names = || BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ");
    let (name, rest) = arguments.split_first().with_context(|| format!("which benchmark? One of: {}", names()))?;
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == name)
        .with_context(|| format!("there is no benchmark `{name}`, only: {}", names()))?;
    (bench.run)(rest)
}

fn models(arguments: &[String]) -> anyhow::Result<bool> {
    let mut cargo = child::cargo();
    cargo
        .args(["run", "--release", "--locked", "--package", "wasmtube-conformance", "--bin", "bench-models", "--"])
        .args(arguments);
    child::run(cargo, None)
}
