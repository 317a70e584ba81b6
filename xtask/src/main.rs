//! Reads the command line of `cargo xtask`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use xtask::{bench, bless, ci};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything that was asked for passed.
fn run(arguments: &[String]) -> anyhow::Result<bool> {
    let Some((command, rest)) = arguments.split_first() else {
        anyhow::bail!("no command was given\n{}", usage());
    };
    match command.as_str() {
        "help" | "--help" | "-h" => {
            println!("{}", usage());
            Ok(true)
        }
        "bless" => bless::run(rest),
        "bench" => bench::run(rest),
        "ci" if rest.is_empty() => Ok(ci::run(ci::STAGES)),
        name => match ci::STAGES.iter().find(|stage| stage.name == name) {
            Some(stage) if rest.is_empty() => Ok(ci::run(std::slice::from_ref(stage))),
            Some(_) => anyhow::bail!("`{name}` takes no arguments"),
            None => anyhow::bail!("there is no command `{name}`, or it takes no arguments\n{}", usage()),
        },
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND\n\n");
    let mut line = |name: &str, about: &str| text.push_str(&format!("  {name:<18} {about}\n"));
    line("ci", "runs every check below, as ./test.sh does");
    for stage in ci::STAGES {
        line(&format!("  {}", stage.name), stage.about);
    }
    line("bless [FILTER...]", "runs the tests and accepts what they say as the new expectation");
    for bench in bench::BENCHES {
        line(&format!("bench {}", bench.name), bench.about);
    }
    text
}
