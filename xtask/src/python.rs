//! The Python package: its wheel is made as `pip` makes it, installed where nothing else is, and tested.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

use crate::{child, program};

/// How the test ended.
pub(crate) enum Ended {
    /// It ran.
    Ran {
        /// Whether everything was as it should be.
        passed: bool,
    },
    /// What it needs is not installed.
    Missing(&'static str),
}

/// Everything happens in `target/python`, with the library that the tests built.
pub(crate) fn test(limit: Duration) -> anyhow::Result<Ended> {
    let mut needed = Command::new("python3");
    needed.args(["-c", "import ensurepip, venv"]);
    if !child::works(needed) {
        return Ok(Ended::Missing("python3-venv"));
    }
    let library = program::library()?;
    let (source, folder) = (crate::root().join("python"), crate::root().join("target/python"));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let python = folder.join("bin/python");
    let run = |program: &Path, arguments: &[&str], last: &Path| {
        let mut command = Command::new(program);
        command.args(arguments).arg(last).current_dir(&folder);
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("WASMTUBE_LIBRARY", &library);
        child::run(command, Some(limit))
    };
    let pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
    let wheel = [&pip[..], &["wheel", "--no-index", "--no-deps", "--wheel-dir", "wheels"]].concat();
    let install = [&pip[..], &["install", "--no-index", "--find-links", "wheels"]].concat();
    let passed = run(Path::new("python3"), &["-m", "venv"], &folder)?
        && run(&python, &wheel, &source)?
        && run(&python, &install, Path::new("wasmtube"))?
        && tests(&python, &folder, &source.join("tests"), limit)?;
    Ok(Ended::Ran { passed })
}

/// With the library of the wheel.
fn tests(python: &Path, folder: &Path, tests: &Path, limit: Duration) -> anyhow::Result<bool> {
    let mut command = Command::new(python);
    command.args(["-m", "unittest", "discover", "--start-directory"]).arg(tests).current_dir(folder);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("WASMTUBE_LIBRARY");
    child::run(command, Some(limit))
}
