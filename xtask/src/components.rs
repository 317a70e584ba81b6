//! The components in `guests/components`, one world in several languages: built by their own scripts, called, compared.
//! That in Rust is small and checked in; the others bring a whole engine of their language and are not.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::ci::NO_COMPILER;
use crate::projects::{self, Ended};
use crate::{child, program};

/// A component and where its tool is installed.
#[derive(Debug)]
pub(crate) struct Component {
    /// What people call it.
    pub(crate) label: &'static str,
    /// Its folder.
    language: &'static str,
    /// What must lie in its folder to build it, installed by `npm`.
    installed: Option<&'static str>,
    /// Name in `guests/prebuilt`.
    pub(crate) kept: Option<&'static str>,
}

/// Every component.
pub(crate) const COMPONENTS: &[Component] = &[
    Component { label: "a component in Rust", language: "rust", installed: None, kept: Some("room-component.wasm") },
    Component {
        label: "a component in JavaScript",
        language: "javascript",
        installed: Some("node_modules"),
        kept: None,
    },
    Component { label: "a component in Python", language: "python", installed: None, kept: None },
];

/// Calls and their answers, the same in every language.
const CALLS: &[(&str, &str, &str)] = &[
    ("calc-stats", "[127,71,110,-5]", r#"{"mean":75.75,"median":90.5}"#),
    ("judge", r#"{"sensor":"hall","scale":"fahrenheit","value":95}"#, r#"{"ok":{"hot":35.0}}"#),
    (
        "judge",
        r#"{"sensor":"hall","scale":"celsius","value":-300}"#,
        r#"{"err":"hall is colder than anything can be"}"#,
    ),
    ("judge", r#"{"sensor":"hall","scale":"celsius"}"#, r#"{"ok":"missing"}"#),
];
/// To compile a component of a dozen megabytes and call it, without optimization and beside another one.
const CALL_LIMIT: Duration = Duration::from_secs(600);
/// How many are called at once: each takes a processor and some hundred megabytes.
const AT_ONCE: usize = 2;

/// Builds and calls one component, and compares it if it is checked in.
pub(crate) fn check(component: &Component, limit: Duration) -> anyhow::Result<Ended> {
    let program = program::path()?;
    let source = crate::root().join("guests/components").join(component.language);
    let target = crate::root().join("target/guests");
    let outer = target.join("components");
    let folder = outer.join(component.language);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    fs::copy(crate::root().join("guests/components/room.wit"), outer.join("room.wit"))?;
    copy(&source, &folder)?;
    if let Some(installed) = component.installed {
        let installed = source.join(installed);
        if !installed.exists() {
            return Ok(Ended::Missing);
        }
        let mut link = Command::new("ln");
        link.arg("-s").arg(installed).arg(&folder);
        anyhow::ensure!(child::run(link, None)?, "cannot link what is installed");
    }
    let said = folder.join(".said");
    let mut build = Command::new("./build.sh");
    build.current_dir(&folder).env("WASMTUBE", &program).env("CARGO_TARGET_DIR", target.join("new-components"));
    build.env("TOOLCHAIN", crate::root().join("guests/rust/toolchain.sh")).stdout(fs::File::create(&said)?);
    match child::status(build, Some(limit))?.and_then(|status| status.code()) {
        Some(0) => {}
        Some(NO_COMPILER) => return Ok(Ended::Missing),
        _ => {
            println!("{} cannot be built", component.label);
            return Ok(Ended::Ran { passed: false });
        }
    }
    let file = folder.join("room.wasm");
    let mut passed = true;
    for calls in CALLS.chunks(AT_ONCE) {
        passed &= answer(component, &program, &file, calls)?;
    }
    if let Some(kept) = component.kept {
        let compiler = projects::compiler(&fs::read_to_string(&said)?);
        passed &= projects::is_kept(&program, &file, kept, &compiler)?;
    }
    Ok(Ended::Ran { passed })
}

/// The files of a folder and of `src` in it; what is installed or was built there stays.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(name))?;
        } else if name == "src" {
            fs::create_dir(to.join("src"))?;
            copy(&entry.path(), &to.join("src"))?;
        }
    }
    Ok(())
}

/// Whether calls, which run at once, answer what they should.
fn answer(component: &Component, program: &Path, file: &Path, calls: &[(&str, &str, &str)]) -> anyhow::Result<bool> {
    let mut passed = true;
    std::thread::scope(|scope| {
        let running: Vec<_> = calls
            .iter()
            .enumerate()
            .map(|(index, (function, argument, _))| {
                let out = file.with_extension(format!("answer-{index}"));
                let mut call = Command::new(program);
                call.arg("call").arg(file).args([
                    *function,
                    "--deadline",
                    "60000",
                    "--format",
                    "json",
                    "--json",
                    *argument,
                ]);
                call.stdin(Stdio::null());
                scope.spawn(move || -> anyhow::Result<String> {
                    call.stdout(fs::File::create(&out)?);
                    child::run(call, Some(CALL_LIMIT))?;
                    Ok(fs::read_to_string(out)?)
                })
            })
            .collect();
        for (thread, (function, argument, expected)) in running.into_iter().zip(calls) {
            let answer = thread.join().map_err(|_| anyhow::anyhow!("a call panicked"))??;
            if answer.trim_end() != *expected {
                println!("{} answers {function} of {argument} with {answer:?}, not {expected}", component.label);
                passed = false;
            }
        }
        Ok(passed)
    })
}
