//! The web page, used by a browser on the three nodes of the demo.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::{child, program};

/// How long the nodes may take to start.
const START: Duration = Duration::from_secs(60);
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
    let program = program::build()?;
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
