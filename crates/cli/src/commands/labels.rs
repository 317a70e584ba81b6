use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// Reads names of classes: one a line, the first for class 0, empty lines at the end left out.
///
/// # Errors
/// The file cannot be read, is not text, or holds no names.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the labels {}", path.display()))?;
    let labels: Vec<String> = text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
    anyhow::ensure!(!labels.is_empty(), "the labels {} are empty: write one name a line", path.display());
    Ok(labels)
}
