//! How many tests did not run because `WASMTUBE_MODELS` names no folder of models.
//!
//! Such a test passes and says so on a line that holds [`SENTENCE`], followed by `: N tests` where it stands for
//! several. Nobody sees what a passed test says, but the report of cargo-nextest keeps it.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

const SENTENCE: &str = "WASMTUBE_MODELS is not set";

/// Where cargo-nextest writes its report, whatever the build folder is.
pub(crate) fn report_path() -> PathBuf {
    crate::root().join("target/nextest/default/junit.xml")
}

/// Takes away the report of an earlier run.
pub(crate) fn remove_report(report: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(report) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", report.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// How many tests said that they did not run.
pub(crate) fn not_run(report: &Path) -> anyhow::Result<usize> {
    let text = std::fs::read_to_string(report).with_context(|| format!("cannot read {}", report.display()))?;
    Ok(text.lines().filter_map(said).sum())
}

/// The number of tests that a line stands for, if it is about models.
fn said(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once(SENTENCE)?;
    let count = rest.strip_prefix(": ").and_then(|rest| rest.split_once(" tests")?.0.parse().ok());
    Some(count.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_line_stands_for_one_test_or_for_as_many_as_it_says() {
        assert_eq!(said("a.onnx was not read: WASMTUBE_MODELS is not set"), Some(1));
        assert_eq!(said("WASMTUBE_MODELS is not set: 12 tests on models did not run"), Some(12));
        assert_eq!(said("WASMTUBE_MODELS is not set: no tests"), Some(1));
        assert_eq!(said("WASMTUBE_MODELS is set"), None);
    }
}
