//! Child processes that end: by themselves, or with all their descendants when their time is over.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// The cargo that started this program, in the folder of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::root());
    command
}

/// Runs a command to its end and answers whether it succeeded. After `limit` it is killed, which is a failure.
pub(crate) fn run(command: Command, limit: Option<Duration>) -> anyhow::Result<bool> {
    Ok(status(command, limit)?.is_some_and(|status| status.success()))
}

/// Runs a command to its end. After `limit` it is killed and has no status.
pub(crate) fn status(mut command: Command, limit: Option<Duration>) -> anyhow::Result<Option<ExitStatus>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("cannot start {program}"))?;
    let status = wait(&mut child, limit).with_context(|| format!("cannot wait for {program}"))?;
    if let (None, Some(limit)) = (status, limit) {
        println!("{program} was killed after its limit of {} s", limit.as_secs());
    }
    Ok(status)
}

/// Whether a command can be started and succeeds; its output is dropped.
pub(crate) fn works(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The status, or nothing if the child had to be killed.
fn wait(child: &mut Child, limit: Option<Duration>) -> std::io::Result<Option<ExitStatus>> {
    let Some(limit) = limit else { return child.wait().map(Some) };
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            kill(child)?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Kills a child and what it started: a grandchild that lives on would keep our output open.
fn kill(child: &mut Child) -> std::io::Result<()> {
    let family = descendants(child.id());
    child.kill()?;
    child.wait()?;
    if !family.is_empty() {
        Command::new("sh").arg("-c").arg(format!("kill -KILL {} 2>&-", family.join(" "))).status()?;
    }
    Ok(())
}

/// The living descendants of a process, as far as the system lists them in `/proc`.
fn descendants(ancestor: u32) -> Vec<String> {
    let parents: Vec<(String, String)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok())
        .filter_map(|stat| parent_of(&stat))
        .collect();
    let mut family = vec![ancestor.to_string()];
    let mut next = 0;
    while let Some(parent) = family.get(next).cloned() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(process, _)| process.clone()));
        next += 1;
    }
    family.split_off(1)
}

/// Process and parent from a line `PID (NAME) STATE PPID ...`, where the name may hold anything.
fn parent_of(stat: &str) -> Option<(String, String)> {
    let (head, tail) = (stat.split_once(" (")?.0, stat.rsplit_once(") ")?.1);
    Some((head.to_owned(), tail.split(' ').nth(1)?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{parent_of, run};
    use std::process::Command;
    use std::time::Duration;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        command
    }

    #[test]
    fn the_status_is_the_answer() {
        assert!(run(shell("exit 0"), None).unwrap());
        assert!(!run(shell("exit 3"), Some(Duration::from_secs(60))).unwrap());
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(Command::new("no-such-program"), None).unwrap_err();
        assert_eq!(error.to_string(), "cannot start no-such-program");
    }

    #[test]
    fn a_parent_is_read_behind_any_name() {
        let parent = |stat| parent_of(stat).map(|(process, parent)| format!("{process} of {parent}"));
        assert_eq!(parent("12 (a) b (c) S 7 12 0").as_deref(), Some("12 of 7"));
        assert_eq!(parent("nonsense"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_limit_ends_the_whole_family() {
        let folder = std::env::temp_dir().join(format!("xtask-child-{}", std::process::id()));
        let script = format!("sh -c 'echo $$ > {0}; while :; do sleep 1; done' & wait", folder.display());
        assert!(!run(shell(&script), Some(Duration::from_secs(3))).unwrap());
        let grandchild = std::fs::read_to_string(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        // A process dies some time after it is killed, and is listed until whoever inherits it has collected it.
        let lives = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", grandchild.trim()));
            stat.is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
        };
        for _ in 0..100 {
            if !lives() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("process {grandchild} lives on");
    }
}
