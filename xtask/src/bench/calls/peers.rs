//! Other programs that call the same functions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::Built;

/// The package that brings the library of extism, and its version: the measurement is of this one.
const EXTISM: [&str; 2] = ["extism==1.1.1", "extism-sys==1.41.0"];
/// How long each row of a peer is timed in a round.
const SECONDS: &str = "2";

/// A program that prints the times of its rows.
pub(super) struct Peer {
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

impl Peer {
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // What Python would write down lies beside the sources.
        command.args(&self.arguments).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// The peers that this machine has, and why the others are missing.
///
/// # Errors
/// The plug-in cannot be written.
pub(super) fn found(built: &Built) -> anyhow::Result<(Vec<Peer>, Vec<String>)> {
    let programs = built.program.parent().context("a program lies in a folder")?;
    let own = programs.join("bench-calls");
    let mut peers = vec![Peer { program: own.clone(), arguments: vec!["--seconds".into(), SECONDS.into()] }];
    let mut missing = vec![];
    let folder = programs.join("bench-python");
    match python(&folder) {
        Ok(python) => {
            let plugin = folder.join("extism.wasm");
            let status =
                Command::new(&own).arg("--extism").arg(&plugin).status().context("cannot start bench-calls")?;
            ensure!(status.success(), "bench-calls writes no plug-in");
            let script = crate::root().join("xtask/src/bench/calls/extism_calls.py");
            peers.push(Peer { program: python.clone(), arguments: vec![script, plugin, SECONDS.into()] });
            peers.push(package(python, &built.library)?);
        }
        Err(error) => missing.push(format!("extism and the Python package: {error:#}")),
    }
    Ok((peers, missing))
}

/// A Python of its own with extism, made where there is none.
fn python(folder: &Path) -> anyhow::Result<PathBuf> {
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder)).context("no Python environment can be made")?;
    }
    if !silent(Command::new(&python).args(["-c", "import extism, extism_sys"])) {
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(EXTISM))
            .context("extism cannot be installed")?;
    }
    Ok(python)
}

/// The package of this project with the library that was built, installed afresh.
fn package(python: PathBuf, library: &Path) -> anyhow::Result<Peer> {
    let root = crate::root();
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--force-reinstall"]);
    run(pip.arg(root.join("python")).env("WASMTUBE_LIBRARY", library)).context("our package cannot be installed")?;
    let script = root.join("xtask/src/bench/calls/package_calls.py");
    Ok(Peer { program: python, arguments: vec![script, root.join("guests/prebuilt"), SECONDS.into()] })
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

fn silent(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
