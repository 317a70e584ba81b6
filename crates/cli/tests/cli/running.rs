//! A node that runs as a process of its own, in a folder of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::folder::{Folder, Ran};

/// What takes longer does not happen any more.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

pub(crate) struct Running {
    pub(crate) folder: Folder,
    pub(crate) url: String,
    process: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Runs `node.toml` of the folder, and waits until it says where its page is.
    pub(crate) fn start(folder: Folder) -> Self {
        Self::start_with(folder, &[])
    }

    pub(crate) fn start_with(folder: Folder, options: &[&str]) -> Self {
        let command = folder.command(&[&["run", "node.toml"], options].concat());
        let mut running = Self::spawn(folder, command);
        let line = running.wait_for_line("its page is http://");
        running.url = line.split("its page is ").nth(1).unwrap().trim_end_matches('/').to_owned();
        running
    }

    /// Starts a command that goes on until it is stopped.
    pub(crate) fn spawn(folder: Folder, mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::<Mutex<String>>::default();
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(process.stderr.take().unwrap()), Box::new(process.stdout.take().unwrap())];
        for stream in streams {
            let said = Arc::clone(&said);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines() {
                    said.lock().unwrap().push_str(&(line.unwrap() + "\n"));
                }
            });
        }
        Self { folder, url: String::new(), process, said }
    }

    /// Runs a command that speaks to this node.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.folder.run(&[arguments, &["--at", &self.url]].concat())
    }

    /// Asks with a command until its JSON answers `wanted`.
    #[track_caller]
    pub(crate) fn wait_until(&self, arguments: &[&str], wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.run(arguments).json();
            if wanted(&found) {
                return found;
            }
            assert!(Instant::now() < until, "{arguments:?} still answers {found:#}; {}", self.said());
            thread::sleep(LOOK);
        }
    }

    /// What it has written so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    #[track_caller]
    pub(crate) fn wait_for_line(&self, part: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.said();
            if let Some(line) = said.lines().find(|line| line.contains(part)) {
                return line.to_owned();
            }
            assert!(Instant::now() < until, "{part:?} is not in:\n{said}");
            thread::sleep(LOOK);
        }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        assert!(Command::new("kill").args([&signal, &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the end of the process.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it still runs: {}", self.said());
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
