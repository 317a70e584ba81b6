//! The program that is tested, as a program.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;

use crate::child;
use crate::ci::TEST_TARGETS;

/// Its name.
const PROGRAM: &str = "wasmtube";

/// The program, built with everything that the tests build, so that nothing is compiled anew for it.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
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
