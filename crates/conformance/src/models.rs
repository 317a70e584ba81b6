//! Where models lie: our own in the repository, others in the folder that `WASMTUBE_MODELS` names.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of models from outside the repository, if there is one.
#[must_use]
pub fn outside() -> Option<PathBuf> {
    std::env::var_os("WASMTUBE_MODELS").map(PathBuf::from)
}

/// The folder, or `None` after one line that says how many tests do not run without it.
#[must_use]
pub fn outside_or_say(tests: usize) -> Option<PathBuf> {
    let folder = outside();
    if folder.is_none() {
        println!("WASMTUBE_MODELS is not set: {tests} tests on models from outside the repository did not run");
    }
    folder
}

/// A whole file.
///
/// # Errors
/// With the path.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
