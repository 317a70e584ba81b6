//! The checks, in the order in which they find mistakes fastest.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::{aarch64, child, components, models, page, projects, python, tidy};

/// The targets whose tests run: everything but documentation, which [`STAGES`] runs apart, and examples.
pub(crate) const TEST_TARGETS: [&str; 4] = ["--workspace", "--lib", "--bins", "--tests"];

/// One check.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Name on the command line.
    pub name: &'static str,
    /// One line for people.
    pub about: &'static str,
    /// What is still running after that many minutes hangs and is killed.
    minutes: u64,
    check: fn(Duration) -> anyhow::Result<Outcome>,
}

/// Every check, as `cargo xtask ci` runs them.
pub const STAGES: &[Stage] = &[
    Stage { name: "fmt", about: "the code is formatted", minutes: 5, check: fmt },
    Stage { name: "tidy", about: "the house rules hold", minutes: 1, check: tidy_check },
    Stage { name: "deny", about: "licenses and sources of dependencies are allowed", minutes: 10, check: deny },
    Stage { name: "clippy", about: "no lint speaks", minutes: 30, check: clippy },
    Stage { name: "features", about: "no lint speaks without optional parts", minutes: 30, check: features },
    Stage { name: "test", about: "unit and system tests", minutes: 60, check: test },
    Stage { name: "page", about: "the web page, used by a browser", minutes: 15, check: page_check },
    Stage { name: "python", about: "the Python package, installed from its wheel", minutes: 10, check: python_check },
    Stage { name: "doctest", about: "examples in the documentation", minutes: 30, check: doctest },
    Stage { name: "doc", about: "the documentation builds and its links lead somewhere", minutes: 30, check: doc },
    Stage {
        name: "guests",
        about: "guests pass their tests, new projects build, and the checked-in Wasm files are what is built",
        minutes: 30,
        check: guests,
    },
    Stage {
        name: "aarch64",
        about: "the compiler makes the same bytes on 64-bit Arm, in an emulator",
        minutes: 20,
        check: aarch64_check,
    },
];

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    passed: bool,
    /// What was left out and how to get it.
    left_out: Option<String>,
}

impl Outcome {
    fn of(passed: bool) -> Self {
        Self { passed, left_out: None }
    }

    fn left_out(reason: impl Into<String>) -> Self {
        Self { passed: true, left_out: Some(reason.into()) }
    }
}

/// Runs the stages one after another, all of them even if one fails, and ends with one line that says what failed and
/// what did not run. Answers whether everything passed; with `CI=true` in the environment what did not run counts as
/// failed.
#[must_use]
pub fn run(stages: &[Stage]) -> bool {
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let mut ended = Vec::new();
    for stage in stages {
        println!("== {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let outcome = (stage.check)(Duration::from_secs(60 * stage.minutes)).unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::of(false)
        });
        println!("== {}: {} after {:.1} s", stage.name, verdict(&outcome), start.elapsed().as_secs_f64());
        ended.push((stage.name, outcome, start.elapsed()));
    }
    println!();
    for (name, outcome, time) in &ended {
        println!("{name:<10}{:<14}{:>8.1} s", verdict(outcome), time.as_secs_f64());
    }
    let outcomes: Vec<(&str, Outcome)> = ended.into_iter().map(|(name, outcome, _)| (name, outcome)).collect();
    let (passed, line) = summary(&outcomes, strict);
    println!("{line}");
    passed
}

fn verdict(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome { passed: false, .. } => "FAILED",
        Outcome { left_out: Some(_), .. } => "incomplete",
        Outcome { left_out: None, .. } => "passed",
    }
}

/// Whether the run passed, and its last line.
fn summary(outcomes: &[(&str, Outcome)], strict: bool) -> (bool, String) {
    let failed: Vec<&str> = outcomes.iter().filter(|(_, outcome)| !outcome.passed).map(|(name, _)| *name).collect();
    let left_out: Vec<&str> = outcomes.iter().filter_map(|(_, outcome)| outcome.left_out.as_deref()).collect();
    let rest = if left_out.is_empty() { String::new() } else { format!("; did not run: {}", left_out.join("; ")) };
    match (failed.is_empty(), left_out.is_empty()) {
        (true, true) => (true, String::from("passed: everything ran")),
        (true, false) if strict => (false, format!("FAILED: with CI=true everything must run{rest}")),
        (true, false) => (true, format!("passed{rest}")),
        (false, _) => (false, format!("FAILED: {}{rest}", failed.join(", "))),
    }
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = child::cargo();
    cargo.args(arguments);
    cargo
}

fn fmt(limit: Duration) -> anyhow::Result<Outcome> {
    child::run(cargo(&["fmt", "--all", "--check"]), Some(limit)).map(Outcome::of)
}

fn tidy_check(_limit: Duration) -> anyhow::Result<Outcome> {
    let violations = tidy::check_workspace(crate::root())?;
    for violation in &violations {
        println!("{violation}");
    }
    Ok(Outcome::of(violations.is_empty()))
}

fn deny(limit: Duration) -> anyhow::Result<Outcome> {
    if !child::works(cargo(&["deny", "--version"])) {
        return Ok(Outcome::left_out("cargo deny (./test.sh --install)"));
    }
    child::run(
        cargo(&["deny", "--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]),
        Some(limit),
    )
    .map(Outcome::of)
}

fn clippy(limit: Duration) -> anyhow::Result<Outcome> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    child::run(cargo(&arguments), Some(limit)).map(Outcome::of)
}

/// The workspace has one optional part, the compiler in the program, so without default features is all there is.
fn features(limit: Duration) -> anyhow::Result<Outcome> {
    let arguments =
        ["clippy", "--workspace", "--all-targets", "--no-default-features", "--locked", "--", "-D", "warnings"];
    child::run(cargo(&arguments), Some(limit)).map(Outcome::of)
}

/// With cargo-nextest where it is installed: it ends single tests that hang, and keeps what they say.
fn test(limit: Duration) -> anyhow::Result<Outcome> {
    let has_nextest = child::works(cargo(&["nextest", "--version"]));
    let report = models::report_path();
    let mut run = if has_nextest {
        models::remove_report(&report)?;
        cargo(&["nextest", "run", "--locked"])
    } else {
        println!("cargo-nextest is not installed, cargo test takes its place");
        cargo(&["test", "--locked", "--no-fail-fast"])
    };
    run.args(TEST_TARGETS);
    let passed = child::run(run, Some(limit))?;
    let left_out = if std::env::var_os("WASMTUBE_MODELS").is_some() {
        None
    } else if has_nextest {
        let count = models::not_run(&report)?;
        (count > 0).then(|| format!("{count} tests on real models (WASMTUBE_MODELS=DIR)"))
    } else {
        Some("the tests on real models (WASMTUBE_MODELS=DIR)".to_owned())
    };
    Ok(Outcome { passed, left_out })
}

fn doctest(limit: Duration) -> anyhow::Result<Outcome> {
    child::run(cargo(&["test", "--workspace", "--doc", "--locked"]), Some(limit)).map(Outcome::of)
}

fn doc(limit: Duration) -> anyhow::Result<Outcome> {
    let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    child::run(doc, Some(limit)).map(Outcome::of)
}

fn page_check(limit: Duration) -> anyhow::Result<Outcome> {
    Ok(match page::test(limit)? {
        page::Ended::Ran { passed } => Outcome::of(passed),
        page::Ended::Missing(what) => Outcome::left_out(format!("the page in a browser ({what}: ./test.sh --install)")),
    })
}

fn python_check(limit: Duration) -> anyhow::Result<Outcome> {
    Ok(match python::test(limit)? {
        python::Ended::Ran { passed } => Outcome::of(passed),
        python::Ended::Missing(what) => Outcome::left_out(format!("the Python package ({what}: ./test.sh --install)")),
    })
}

fn aarch64_check(limit: Duration) -> anyhow::Result<Outcome> {
    Ok(match aarch64::compare(limit)? {
        aarch64::Ended::Compared { same, outside: true } => Outcome::of(same),
        aarch64::Ended::Compared { same, outside: false } => {
            Outcome { passed: same, left_out: Some("real models on 64-bit Arm (WASMTUBE_MODELS=DIR)".into()) }
        }
        aarch64::Ended::Missing(what) => Outcome::left_out(format!("64-bit Arm ({what}: ./test.sh --install)")),
    })
}

/// `guests/verify.sh` and the build scripts of projects exit with this code where the compiler for guests is not installed.
pub(crate) const NO_COMPILER: i32 = 77;

fn guests(limit: Duration) -> anyhow::Result<Outcome> {
    // Kept for the next time: the standard library is built from its source.
    let target = crate::root().join("target/guests");
    let mut tests = Command::new("cargo");
    tests.args(["test", "--quiet", "--locked", "--workspace"]);
    tests.current_dir(crate::root().join("guests")).env("CARGO_TARGET_DIR", target.join("host"));
    if !child::run(tests, Some(limit))? {
        return Ok(Outcome::of(false));
    }
    let mut verify = Command::new("./guests/verify.sh");
    verify.current_dir(crate::root()).env("CARGO_TARGET_DIR", target);
    let mut left_out = Vec::new();
    let mut passed = match child::status(verify, Some(limit))?.and_then(|status| status.code()) {
        Some(NO_COMPILER) => {
            left_out.push("guests/verify.sh");
            true
        }
        code => code == Some(0),
    };
    for project in projects::PROJECTS {
        match projects::check(project, limit)? {
            projects::Ended::Ran { passed: held } => passed &= held,
            projects::Ended::Missing => left_out.push(project.label),
        }
    }
    for component in components::COMPONENTS {
        match components::check(component, limit)? {
            projects::Ended::Ran { passed: held } => passed &= held,
            projects::Ended::Missing => left_out.push(component.label),
        }
    }
    let missing = format!("{} (the compilers for guests: ./test.sh --install)", left_out.join(", "));
    Ok(Outcome { passed, left_out: (!left_out.is_empty()).then_some(missing) })
}

#[cfg(test)]
mod tests {
    use super::{Outcome, summary};

    #[track_caller]
    fn check(outcomes: &[(&str, Outcome)], strict: bool, passed: bool, line: &str) {
        assert_eq!(summary(outcomes, strict), (passed, line.to_owned()));
    }

    #[test]
    fn the_last_line_says_what_failed_and_what_did_not_run() {
        let (ok, bad) = (("fmt", Outcome::of(true)), ("doc", Outcome::of(false)));
        let missing = ("deny", Outcome::left_out("cargo deny (how)"));
        check(std::slice::from_ref(&ok), true, true, "passed: everything ran");
        check(&[ok.clone(), missing.clone()], false, true, "passed; did not run: cargo deny (how)");
        check(&[ok, bad, missing], false, false, "FAILED: doc; did not run: cargo deny (how)");
    }

    #[test]
    fn with_ci_nothing_may_be_left_out() {
        let outcomes = [("test", Outcome::left_out("a")), ("guests", Outcome::left_out("b"))];
        check(&outcomes, true, false, "FAILED: with CI=true everything must run; did not run: a; b");
    }
}
