use std::path::Path;

use anyhow::Context as _;

use crate::files::{self, Content};

/// Reads names of classes: one a line, the first for class 0, empty lines at the end left out.
///
/// # Errors
/// The file cannot be read, is not text, or holds no names.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<String>> {
    let bytes = files::read(path, Content::Text)?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("the labels {} are no text: save them as UTF-8", path.display()))?;
    let labels: Vec<String> = text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect();
    anyhow::ensure!(!labels.is_empty(), "the labels {} are empty: write one name a line", path.display());
    Ok(labels)
}
