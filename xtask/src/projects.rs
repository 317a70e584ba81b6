//! New projects in every language: written by the program, built by their own scripts, called. What they build is checked
//! in as well, so that tests need no compiler; here it is compared. With `BLESS=1` it is written instead.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::ci::NO_COMPILER;
use crate::{child, program};

/// A project and what is made of it.
#[derive(Debug)]
pub(crate) struct Project {
    /// What people call it.
    pub(crate) label: &'static str,
    language: &'static str,
    name: &'static str,
    /// Folder of `guests/` whose files take the place of those that the program writes.
    overlay: Option<&'static str>,
    /// Which file is checked in, and its name there.
    kept: Option<(&'static str, &'static str)>,
    call: Call,
}

/// How the result is called, and what it answers.
#[derive(Debug)]
struct Call {
    function: &'static str,
    argument: &'static str,
    answer: &'static str,
}

const STATISTICS: Call =
    Call { function: "calc_stats", argument: r#"{"values":[127,71,110,-5]}"#, answer: r#"{"mean":75,"median":110}"# };
const CLASSIC: Call = Call { answer: r#"{"mean":75,"largest":127}"#, ..STATISTICS };
const NUMBERS: Call =
    Call { function: "stats", argument: "[127,71,110,-5]", answer: r#"{"mean":75.75,"median":90.5}"# };

/// Every project.
pub(crate) const PROJECTS: &[Project] = &[
    Project {
        label: "a project in WAT",
        language: "wat",
        name: "room-stats",
        overlay: None,
        kept: None,
        call: Call { argument: "[127,71,110,-5]", ..STATISTICS },
    },
    Project {
        label: "a project in C",
        language: "c",
        name: "stats",
        overlay: None,
        kept: Some(("stats.wasm", "stats-c.wasm")),
        call: STATISTICS,
    },
    Project {
        label: "a project in AssemblyScript",
        language: "assemblyscript",
        name: "stats",
        overlay: None,
        kept: Some(("stats.wasm", "stats-assemblyscript.wasm")),
        call: STATISTICS,
    },
    Project {
        label: "a guest of numbers in C",
        language: "c",
        name: "plain-stats",
        overlay: Some("plain-stats/c"),
        kept: Some(("plain-stats.wasm", "plain-stats-c.wasm")),
        call: NUMBERS,
    },
    Project {
        label: "a guest of numbers in AssemblyScript",
        language: "assemblyscript",
        name: "plain-stats",
        overlay: Some("plain-stats/assemblyscript"),
        kept: Some(("plain-stats.wasm", "plain-stats-assemblyscript.wasm")),
        call: NUMBERS,
    },
    Project {
        label: "a classic guest in C",
        language: "c",
        name: "stats",
        overlay: Some("classic/c"),
        kept: Some(("build/stats.wasm", "classic-c.wasm")),
        call: CLASSIC,
    },
    Project {
        label: "a classic guest in AssemblyScript",
        language: "assemblyscript",
        name: "stats",
        overlay: Some("classic/assemblyscript"),
        kept: Some(("build/stats.wasm", "classic-assemblyscript.wasm")),
        call: CLASSIC,
    },
    Project {
        label: "a project in Rust",
        language: "rust",
        name: "room-stats",
        overlay: None,
        kept: None,
        call: STATISTICS,
    },
];

/// How the check of a project ended.
pub(crate) enum Ended {
    /// It was built, or should have been.
    Ran {
        /// Whether everything was as it should be.
        passed: bool,
    },
    /// There is no compiler for it.
    Missing,
}

/// Writes, builds and calls one project, and compares what is checked in.
pub(crate) fn check(project: &Project, limit: Duration) -> anyhow::Result<Ended> {
    let program = program::path()?;
    let target = crate::root().join("target/guests");
    let folder = target.join("projects").join(project.label.replace(' ', "-"));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let mut new = Command::new(&program);
    new.args(["new", project.name, "--lang", project.language, "--path"]).arg(&folder);
    anyhow::ensure!(new.output().context("cannot start wasmtube")?.status.success(), "cannot write {}", project.label);
    if let Some(overlay) = project.overlay {
        lay_over(&crate::root().join("guests").join(overlay), &folder)?;
    }
    if project.language == "assemblyscript" && !link_compiler(&folder)? {
        return Ok(Ended::Missing);
    }
    let said = folder.join(".said");
    let mut build = Command::new("./build.sh");
    build.current_dir(&folder).env("WASMTUBE", &program).env("CARGO_TARGET_DIR", target.join("new-projects"));
    build.stdout(File::create(&said)?);
    match child::status(build, Some(limit))?.and_then(|status| status.code()) {
        Some(0) => {}
        Some(NO_COMPILER) => return Ok(Ended::Missing),
        _ => {
            println!("{} cannot be built", project.label);
            return Ok(Ended::Ran { passed: false });
        }
    }
    let answers = answers(project, &program, &folder)?;
    let compiler = compiler(&fs::read_to_string(&said)?);
    let kept = project.kept.map_or(Ok(true), |(from, to)| is_kept(&program, &folder.join(from), to, &compiler))?;
    Ok(Ended::Ran { passed: answers && kept })
}

fn lay_over(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Takes the compiler that is installed beside the guest; whether there is one.
fn link_compiler(folder: &Path) -> anyhow::Result<bool> {
    let installed = crate::root().join("guests/assemblyscript/node_modules");
    if !installed.join(".bin/asc").exists() {
        return Ok(false);
    }
    let mut link = Command::new("ln");
    link.arg("-s").arg(installed).arg(folder.join("node_modules"));
    anyhow::ensure!(child::run(link, None)?, "cannot link the compiler");
    Ok(true)
}

/// What the build script says of its compiler.
pub(crate) fn compiler(said: &str) -> String {
    said.lines().find(|line| line.starts_with("compiled by ")).unwrap_or_default().to_owned()
}

/// Whether the result answers what it should.
fn answers(project: &Project, program: &Path, folder: &Path) -> anyhow::Result<bool> {
    let mut call = Command::new(program);
    let Call { function, argument, answer } = project.call;
    call.current_dir(folder).args(["call", &format!("{}.wasm", project.name), function]);
    call.args(["--format", "json", "--json", argument]);
    let expected = format!("{answer}\n").into_bytes();
    let output = call.output().context("cannot start wasmtube")?;
    let is_right = output.status.success() && output.stdout == expected;
    if !is_right {
        println!("{} answers {:?}", project.label, String::from_utf8_lossy(&output.stdout));
        println!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(is_right)
}

/// Whether a file is what is checked in: its bytes where the compiler is the one that is noted, else what it offers.
pub(crate) fn is_kept(program: &Path, built: &Path, name: &str, compiler: &str) -> anyhow::Result<bool> {
    let folder = crate::root().join("guests/prebuilt");
    let (kept, notes) = (folder.join(name), folder.join("COMPILERS"));
    let mut compilers = notes_of(&fs::read_to_string(&notes).unwrap_or_default());
    if std::env::var_os("BLESS").is_some() {
        fs::copy(built, &kept)?;
        compilers.insert(name.into(), compiler.into());
        let lines: Vec<String> = compilers.iter().map(|(name, compiler)| format!("{name} {compiler}\n")).collect();
        fs::write(notes, lines.concat())?;
        return Ok(true);
    }
    let is_same_compiler = compilers.get(name).is_some_and(|noted| noted == compiler);
    let is_same = if is_same_compiler {
        fs::read(&kept).is_ok_and(|bytes| fs::read(built).is_ok_and(|built| built == bytes))
    } else {
        offer(program, &kept)? == offer(program, built)?
    };
    let how = if is_same_compiler { "bytes, same compiler" } else { "exports and manifest, another compiler" };
    if is_same {
        println!("guests/prebuilt/{name} is what the source builds: {how}");
    } else {
        println!("guests/prebuilt/{name} is not what the source builds ({how}): BLESS=1 cargo xtask guests");
    }
    Ok(is_same)
}

/// `NAME COMPILER` a line.
fn notes_of(text: &str) -> BTreeMap<String, String> {
    text.lines().filter_map(|line| line.split_once(' ')).map(|(name, rest)| (name.into(), rest.into())).collect()
}

/// Exports and manifest without what depends on the compiler.
fn offer(program: &Path, file: &Path) -> anyhow::Result<(Value, Value)> {
    let output =
        Command::new(program).args(["inspect", "--json"]).arg(file).output().context("cannot start wasmtube")?;
    let mut report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("cannot inspect {}: {}", file.display(), String::from_utf8_lossy(&output.stderr)))?;
    if let Some(manifest) = report["manifest"].as_object_mut() {
        for field in ["memory_bytes", "features", "producer"] {
            manifest.remove(field);
        }
    }
    let mut exports = report["module"]["exports"].take();
    if let Some(exports) = exports.as_array_mut() {
        exports.retain(|export| export["kind"] == "function");
        exports.sort_by_key(|export| export["name"].to_string());
    }
    Ok((report["manifest"].take(), exports))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PROJECTS, compiler, notes_of};

    #[test]
    fn every_noted_file_is_made_by_a_project() {
        let notes = fs::read_to_string(crate::root().join("guests/prebuilt/COMPILERS")).unwrap();
        let mut made: Vec<&str> = PROJECTS.iter().filter_map(|project| Some(project.kept?.1)).collect();
        made.extend(crate::components::COMPONENTS.iter().filter_map(|component| component.kept));
        made.sort_unstable();
        assert_eq!(notes_of(&notes).keys().collect::<Vec<_>>(), made);
    }

    #[test]
    fn the_compiler_is_what_the_script_says() {
        assert_eq!(compiler("x\ncompiled by asc 1\nwrote f"), "compiled by asc 1");
        assert_eq!(compiler("wrote f"), "");
        let notes = notes_of("a.wasm compiled by x 1\nb.wasm compiled by y\n");
        assert_eq!(notes["a.wasm"], "compiled by x 1");
        assert_eq!(notes.len(), 2);
    }
}
