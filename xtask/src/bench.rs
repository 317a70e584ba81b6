//! Starts a benchmark in the release profile and hands it the remaining arguments.

use anyhow::Context as _;

use crate::child;

/// A benchmark and the program that is it.
#[derive(Debug, Clone, Copy)]
pub struct Bench {
    /// Name on the command line.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    package: &'static str,
    binary: &'static str,
}

/// Every benchmark.
pub const BENCHES: &[Bench] = &[Bench {
    name: "models",
    about: "times compiled models against the peak of this processor",
    package: "wasmtube-conformance",
    binary: "bench-models",
}];

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
    let mut cargo = child::cargo();
    cargo.args(["run", "--release", "--locked", "--package", bench.package, "--bin", bench.binary, "--"]).args(rest);
    child::run(cargo, None)
}
