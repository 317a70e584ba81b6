//! The program that is tested, as a program, and the library for other languages.

use std::env::consts::DLL_EXTENSION;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

use anyhow::Context as _;
use serde_json::Value;

use crate::child;
use crate::ci::TEST_TARGETS;

/// Its name, and that of the library.
const PROGRAM: &str = "wasmtube";

/// Where the program is, built once. Whoever works on guests alone names one that is built, as `WASMTUBE`.
pub(crate) fn path() -> anyhow::Result<PathBuf> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = PROGRAM.get() {
        return Ok(path.clone());
    }
    let path = std::env::var_os("WASMTUBE").map_or_else(build, |path| Ok(path.into()))?;
    Ok(PROGRAM.get_or_init(|| path).clone())
}

/// The program, built with everything that the tests build, so that nothing is compiled anew for it.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    built()?.lines().find_map(program).context("cargo names no program")
}

/// The shared library, built as the program is. Whoever works on the Python package alone names one that is built, as
/// `WASMTUBE_LIBRARY`.
pub(crate) fn library() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("WASMTUBE_LIBRARY") {
        return std::path::absolute(path).context("WASMTUBE_LIBRARY is no path");
    }
    built()?.lines().find_map(shared_library).context("cargo names no shared library")
}

/// What cargo says of everything that the tests build.
fn built() -> anyhow::Result<String> {
    let mut cargo = child::cargo();
    cargo.args(["build", "--locked", "--message-format=json-render-diagnostics"]).args(TEST_TARGETS);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    anyhow::ensure!(output.status.success(), "the program cannot be built");
    String::from_utf8(output.stdout).context("cargo writes no UTF-8")
}

/// Where the program is, if this message of cargo is about it.
fn program(message: &str) -> Option<PathBuf> {
    let message = about_it(message)?;
    message["executable"].as_str().map(PathBuf::from)
}

/// Where the shared library is, if this message of cargo is about it.
fn shared_library(message: &str) -> Option<PathBuf> {
    let message = about_it(message)?;
    let files = message["filenames"].as_array()?.iter().filter_map(|file| file.as_str());
    files.map(PathBuf::from).find(|file| file.extension().is_some_and(|extension| extension == DLL_EXTENSION))
}

/// The message, if it is about what has our name and is no test.
fn about_it(message: &str) -> Option<Value> {
    let message: Value = serde_json::from_str(message).ok()?;
    (message["target"]["name"] == PROGRAM && message["profile"]["test"] == false).then_some(message)
}

#[cfg(test)]
mod tests {
    use std::env::consts::DLL_EXTENSION;

    use super::{program, shared_library};

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
    #[test]
    fn the_library_is_told_from_what_is_beside_it() {
        let library = format!("/t/libwasmtube.{DLL_EXTENSION}");
        let message = |files: &str| format!(r#"{{"target":{{"name":"wasmtube"}},"profile":{{"test":false}},{files}}}"#);
        let built = message(&format!(r#""filenames":["/t/libwasmtube.rlib","{library}"]"#));
        assert_eq!(shared_library(&built), Some(library.into()));
        assert_eq!(shared_library(&message(r#""filenames":["/t/wasmtube"]"#)), None);
        assert_eq!(shared_library("no JSON"), None);
    }
}
