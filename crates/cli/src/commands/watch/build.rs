//! One run of the command that builds.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A build that runs. Dropping it ends it, with everything that it started.
pub(super) struct Build {
    child: Child,
    /// When the edit was saved that it builds; `None` for the first build.
    pub(super) edited: Option<Instant>,
    begun: Instant,
    most: Duration,
    is_over: bool,
}

/// How a build ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself.
    Status(ExitStatus),
    /// It took too long and was stopped.
    TimedOut,
}

impl Build {
    /// Starts a command of the shell. What it says goes to standard error, and nobody answers it.
    pub(super) fn start(command: &str, most: Duration, edited: Option<Instant>) -> io::Result<Self> {
        let mut shell = shell(command);
        shell.stdin(Stdio::null()).stdout(Stdio::from(io::stderr()));
        let child = shell.spawn()?;
        Ok(Self { child, edited, begun: Instant::now(), most, is_over: false })
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> io::Result<Option<Ended>> {
        if let Some(status) = self.child.try_wait()? {
            self.is_over = true;
            return Ok(Some(Ended::Status(status)));
        }
        if self.elapsed() < self.most {
            return Ok(None);
        }
        self.stop();
        Ok(Some(Ended::TimedOut))
    }

    /// Time since it began.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn stop(&mut self) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        kill(&mut self.child);
        // Whoever is killed ends, so this does not wait.
        drop(self.child.wait());
    }
}

impl Drop for Build {
    fn drop(&mut self) {
        self.stop();
    }
}

/// In a process group of its own, so that a signal from the keyboard is ours to pass on.
#[cfg(unix)]
fn shell(command: &str) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).process_group(0);
    shell
}

#[cfg(not(unix))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.arg("/C").arg(command);
    shell
}

/// Kills the whole group: the shell has started others.
#[cfg(unix)]
fn kill(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // One that is gone has nothing left to end.
    kill_process_group(Pid::from_child(child), Signal::KILL).ok();
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    drop(child.kill());
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn end(command: &str, most: Duration) -> Ended {
        let mut build = Build::start(command, most, None).unwrap();
        loop {
            if let Some(ended) = build.ended().unwrap() {
                return ended;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_status_is_that_of_the_command() {
        let code = |command| match end(command, Duration::from_secs(60)) {
            Ended::Status(status) => status.code(),
            Ended::TimedOut => panic!("{command} took too long"),
        };
        assert_eq!((code("exit 0"), code("false && exit 3 || exit 4")), (Some(0), Some(4)));
    }

    #[cfg(unix)]
    #[test]
    fn a_build_that_hangs_ends_with_everything_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let command =
            format!("sh -c 'echo $$ > {0}.new; mv {0}.new {0}; while :; do sleep 1; done' & wait", file.display());
        let mut build = Build::start(&command, Duration::from_secs(3600), None).unwrap();
        while !file.exists() {
            thread::sleep(Duration::from_millis(5));
        }
        build.most = Duration::ZERO;
        assert_eq!(build.ended().unwrap(), Some(Ended::TimedOut));
        let pid = std::fs::read_to_string(file).unwrap();
        let lives = || Command::new("kill").args(["-0", pid.trim()]).stderr(Stdio::null()).status().unwrap().success();
        for _ in 0..1000 {
            if !lives() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("what it started still runs");
    }
}
