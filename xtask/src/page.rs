//! The web page, used by a browser on the three nodes of the demo.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::child;
use crate::ci::TEST_TARGETS;

/// How long the nodes may take to start.
const START: Duration = Duration::from_secs(60);
/// The program.
const PROGRAM: &str = "wasmtube";
/// Device, edge and cloud.
const NODES: usize = 3;

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

/// Builds the program, starts its demo, and lets a browser use the pages. Pictures are left in `target/page`.
pub(crate) fn test(limit: Duration) -> anyhow::Result<Ended> {
    let tests = crate::root().join("web/tests");
    if !child::works(version_of("node")) {
        return Ok(Ended::Missing("node"));
    }
    if !tests.join("node_modules/playwright-core").is_dir() {
        return Ok(Ended::Missing("playwright-core"));
    }
    let Some(browser) = browser() else { return Ok(Ended::Missing("chromium")) };
    let program = build()?;
    let mut demo = Demo::start(&program, limit)?;
    let urls = demo.urls()?;
    let mut page = Command::new("node");
    page.arg(tests.join("page.mjs")).arg(crate::root().join("target/page")).args(urls).env("CHROMIUM", browser);
    let passed = child::run(page, Some(limit))?;
    Ok(Ended::Ran { passed })
}

fn version_of(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.arg("--version");
    command
}

/// The browser of `CHROMIUM`, or the usual one.
fn browser() -> Option<PathBuf> {
    let given = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let candidates = given.into_iter().chain(["chromium", "chromium-browser", "google-chrome"].map(PathBuf::from));
    let mut found = candidates.filter_map(|name| which(&name));
    found.find(|path| child::works(version_of(path)))
}

fn which(name: &Path) -> Option<PathBuf> {
    if name.components().count() > 1 {
        return Some(name.into());
    }
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The program, built with everything that the tests build, so that nothing is compiled anew for it.
fn build() -> anyhow::Result<PathBuf> {
    let mut cargo = child::cargo();
    cargo.args(["build", "--locked", "--message-format=json-render-diagnostics"]).args(TEST_TARGETS);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    anyhow::ensure!(output.status.success(), "the program cannot be built");
    let messages = String::from_utf8(output.stdout).context("cargo writes no UTF-8")?;
    messages.lines().find_map(program).context("cargo names no program")
}

/// Where the program is, if this message of cargo is about it.
fn program(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let is_program = message["target"]["name"] == PROGRAM && message["profile"]["test"] == false;
    message["executable"].as_str().filter(|_| is_program).map(PathBuf::from)
}

/// The demo while it runs; it is ended when dropped.
struct Demo {
    child: Child,
    lines: Receiver<String>,
}

impl Demo {
    fn start(program: &Path, limit: Duration) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["demo", "--nodes", "--seconds", &limit.as_secs().to_string()]);
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start the demo")?;
        let output = child.stdout.take().context("the demo has no output")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Read to the end whether or not anybody listens, so that the demo can write.
                drop(sender.send(line));
            }
        });
        Ok(Self { child, lines })
    }

    /// The addresses that the demo prints.
    fn urls(&mut self) -> anyhow::Result<Vec<String>> {
        let until = Instant::now() + START;
        let mut urls = Vec::new();
        while urls.len() < NODES {
            let rest = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(rest).context("the demo does not print where its pages are")?;
            urls.extend(line.split_whitespace().filter(|word| word.starts_with("http://")).map(ToOwned::to_owned));
        }
        Ok(urls)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It removes its folder when it is told to end.
        let told = Command::new("kill").arg(self.child.id().to_string()).status();
        if !told.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::program;

    #[track_caller]
    fn check(name: &str, test: bool, executable: &str, expected: Option<&str>) {
        let message = format!(
            r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}},"profile":{{"test":{test}}},"executable":{executable}}}"#
        );
        assert_eq!(program(&message).as_deref(), expected.map(std::path::Path::new));
    }

    #[test]
    fn the_program_is_told_from_its_tests() {
        check("wasmtube", false, r#""/t/wasmtube""#, Some("/t/wasmtube"));
        check("wasmtube", true, r#""/t/deps/wasmtube-1""#, None);
        check("cli", true, r#""/t/deps/cli-1""#, None);
        check("wasmtube", false, "null", None);
        assert_eq!(program("no JSON"), None);
    }
}
