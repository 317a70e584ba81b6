//! `cargo xtask bench calls`: `wasmtube bench calls`, the engine alone and extism, in turns on the same machine, and what
//! the times say of the bars that we set ourselves.

mod bars;
mod peers;
mod times;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use self::times::Times;
use crate::child;

const USAGE: &str = "usage: cargo xtask bench calls [--rounds N] [--seconds N] [--json FILE]\n\n\
    --rounds N   how often the programs take turns, 3 unless told\n\
    --seconds N  how long `wasmtube bench calls` times in each round, 10 unless told\n\
    --json FILE  also writes everything that was measured";

struct Arguments {
    rounds: u32,
    seconds: u32,
    json: Option<PathBuf>,
}

/// Builds the programs, lets them take turns and prints one table. No time makes it fail.
pub(super) fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let Some(arguments) = parse(arguments)? else {
        println!("{USAGE}");
        return Ok(true);
    };
    let programs = build()?;
    let (peers, missing) = peers::found(&programs)?;
    let mut times = Times::default();
    let mut reports = vec![];
    for round in 1..=arguments.rounds {
        eprintln!("round {round} of {}", arguments.rounds);
        let seconds = arguments.seconds.to_string();
        let report = answer(Command::new(programs.join("wasmtube")).args([
            "bench",
            "calls",
            "--json",
            "--seconds",
            seconds.as_str(),
        ]))?;
        times.add(&report)?;
        reports.push(report);
        for peer in &peers {
            let report = answer(&mut peer.command())?;
            times.add(&report)?;
            reports.push(report);
        }
    }
    let bars = bars::judged(&times, &reports);
    print!("{}", times::table(&times));
    for reason in &missing {
        println!("  not here: {reason}");
    }
    println!("\nBars (times are those of this machine, now; load makes them worse, never better)");
    print!("{}", bars::table(&bars));
    if let Some(path) = &arguments.json {
        let all = json!({ "reports": reports, "bars": bars.iter().map(bars::Bar::json).collect::<Vec<_>>() });
        std::fs::write(path, format!("{all}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(true)
}

/// `None` where only help is wanted.
fn parse(arguments: &[String]) -> anyhow::Result<Option<Arguments>> {
    let mut parsed = Arguments { rounds: 3, seconds: 10, json: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().with_context(|| format!("{argument} wants a value\n{USAGE}"));
        let number = |text: &String| match text.parse() {
            Ok(number) if (1..=3600).contains(&number) => Ok(number),
            _ => Err(anyhow::anyhow!("{argument} wants a number from 1 to 3600, not `{text}`")),
        };
        match argument.as_str() {
            "--rounds" => parsed.rounds = number(value()?)?,
            "--seconds" => parsed.seconds = number(value()?)?,
            "--json" => parsed.json = Some(value()?.into()),
            "--help" | "-h" => return Ok(None),
            other => anyhow::bail!("there is no option `{other}`\n{USAGE}"),
        }
    }
    Ok(Some(parsed))
}

/// Builds what is timed and answers the folder that it lies in.
fn build() -> anyhow::Result<PathBuf> {
    let mut cargo = child::cargo();
    cargo.args(["build", "--release", "--locked", "--message-format=json-render-diagnostics"]);
    // Both at once, so that the engine is compiled with one set of features.
    cargo.args(["--package=wasmtube-cli", "--package=wasmtube-conformance", "--bin=wasmtube", "--bin=bench-calls"]);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the programs cannot be built");
    let messages = String::from_utf8(output.stdout).context("cargo writes no UTF-8")?;
    let program = messages.lines().find_map(executable).context("cargo names no program")?;
    Ok(program.parent().map(Path::to_path_buf).unwrap_or_default())
}

fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// What a program prints, which is JSON.
fn answer(command: &mut Command) -> anyhow::Result<Value> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {name}"))?;
    ensure!(output.status.success(), "{name} ended with {}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("{name} prints no JSON"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn check(arguments: &[&str], expected: Result<(u32, u32), &str>) {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.into()).collect();
        let found = parse(&arguments).map(|parsed| parsed.map_or((0, 0), |parsed| (parsed.rounds, parsed.seconds)));
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(expected)) => assert!(error.to_string().starts_with(expected), "{error}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn options_have_values() {
        check(&[], Ok((3, 10)));
        check(&["--rounds", "1", "--seconds", "60", "--json", "f"], Ok((1, 60)));
        check(&["--help"], Ok((0, 0)));
        check(&["--rounds"], Err("--rounds wants a value"));
        check(&["--rounds", "0"], Err("--rounds wants a number from 1 to 3600, not `0`"));
        check(&["--seconds", "x"], Err("--seconds wants a number from 1 to 3600, not `x`"));
        check(&["--quick"], Err("there is no option `--quick`"));
    }
}
