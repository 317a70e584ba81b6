//! The same bytes on another kind of machine: the compile side is built for 64-bit Arm, run in an emulator, and what it
//! makes of models is compared with what it makes of them here.
//!
//! The compiler for Rust is Debian's, which has a standard library for Arm in a package, or else rustup's with the
//! target added. An emulator computes as the machine does, so results count and times do not.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;

use crate::child;

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-aarch64";
/// Where Debian keeps the C library for Arm.
const SYSROOT: &str = "/usr/aarch64-linux-gnu";
const PROGRAM: [&str; 5] = ["--locked", "--package", "wasmtube-compiler", "--example", "digests"];

/// How the comparison ended.
pub(crate) enum Ended {
    /// It ran.
    Compared {
        /// Whether everything was the same.
        same: bool,
        /// Whether models from outside the repository were among it.
        outside: bool,
    },
    /// This program is not installed.
    Missing(&'static str),
}

/// Compiles every model with both builds and compares the digests.
pub(crate) fn compare(limit: Duration) -> anyhow::Result<Ended> {
    let builder = match builder() {
        Ok(builder) => builder,
        Err(missing) => return Ok(Ended::Missing(missing)),
    };
    let target = crate::root().join("target/aarch64");
    let mut build = builder.cargo;
    build.current_dir(crate::root()).arg("build").args(PROGRAM).args(["--target", TARGET]);
    build.env("CARGO_TARGET_DIR", &target).env("RUSTC", builder.rustc);
    build.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    if !child::run(build, Some(limit))? {
        return Ok(Ended::Compared { same: false, outside: false });
    }
    let (models, outside) = models()?;
    let mut here = child::cargo();
    here.args(["run", "--quiet"]).args(PROGRAM).arg("--").args(&models);
    let mut there = Command::new(EMULATOR);
    there.args(["-L", SYSROOT]).arg(target.join(TARGET).join("debug/examples/digests")).args(&models);
    let here = digests(here, &target.join("here.txt"), limit)?;
    let there = digests(there, &target.join("there.txt"), limit)?;
    let (Some(here), Some(there)) = (here, there) else { return Ok(Ended::Compared { same: false, outside }) };
    let differences = differences(&here, &there);
    differences.iter().for_each(|line| println!("{line}"));
    println!("{} digests of {} models were compared", here.lines().count(), models.len());
    Ok(Ended::Compared { same: differences.is_empty() && !here.is_empty(), outside })
}

/// A compiler that knows the target.
struct Builder {
    cargo: Command,
    rustc: &'static str,
}

fn builder() -> Result<Builder, &'static str> {
    for (program, missing) in [(LINKER, "a linker for 64-bit Arm"), (EMULATOR, "qemu-user")] {
        let mut version = Command::new(program);
        version.arg("--version");
        if !child::works(version) {
            return Err(missing);
        }
    }
    if knows_target("/usr/bin/rustc") {
        return Ok(Builder { cargo: Command::new("/usr/bin/cargo"), rustc: "/usr/bin/rustc" });
    }
    if knows_target("rustc") {
        return Ok(Builder { cargo: child::cargo(), rustc: "rustc" });
    }
    Err("the standard library of Rust for 64-bit Arm")
}

/// Whether the standard library for the target is installed.
fn knows_target(rustc: &str) -> bool {
    let folder = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    folder.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

/// Our models and those from outside, by name, and whether there are any of the latter.
fn models() -> anyhow::Result<(Vec<PathBuf>, bool)> {
    let mut models = vec![];
    for folder in entries(&crate::root().join("models"))?.iter().filter(|path| path.is_dir()) {
        models.extend(entries(folder)?);
    }
    let outside = std::env::var_os("WASMTUBE_MODELS").map(PathBuf::from);
    if let Some(folder) = &outside {
        models.extend(entries(folder)?);
    }
    models.retain(|path| path.extension().is_some_and(|extension| extension == "onnx"));
    Ok((models, outside.is_some()))
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = || std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
    let mut entries = read().with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// What the program says of the models, or nothing if it failed.
fn digests(mut program: Command, answer: &Path, limit: Duration) -> anyhow::Result<Option<String>> {
    program.stdout(File::create(answer).with_context(|| format!("cannot write {}", answer.display()))?);
    if !child::run(program, Some(limit))? {
        return Ok(None);
    }
    std::fs::read_to_string(answer).with_context(|| format!("cannot read {}", answer.display())).map(Some)
}

/// One line for each line of either side that the other has not at this place.
fn differences(here: &str, there: &str) -> Vec<String> {
    let mut differences = vec![];
    let (mut here, mut there) = (here.lines(), there.lines());
    loop {
        match (here.next(), there.next()) {
            (None, None) => return differences,
            (here, there) if here == there => {}
            (here, there) => {
                let [here, there] = [here, there].map(|line| line.unwrap_or("nothing"));
                differences.push(format!("here: {here}\n  on 64-bit Arm: {there}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn every_line_must_be_the_same() {
        assert!(differences("a\nb\n", "a\nb\n").is_empty());
        assert_eq!(differences("a\nb\n", "a\nc\n"), ["here: b\n  on 64-bit Arm: c"]);
        assert_eq!(differences("a\n", "a\nb\n"), ["here: nothing\n  on 64-bit Arm: b"]);
    }
}
