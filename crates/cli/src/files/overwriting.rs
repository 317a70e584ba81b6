//! Whether a file that is to be written is one that is read.

use std::fs;
use std::path::Path;

use crate::usage::usage;

/// Refuses an output that is one of the inputs, of which each is given with what it is.
///
/// # Errors
/// [`crate::usage::Usage`].
pub(crate) fn refuse_overwriting<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = (&'p str, &'p Path)>,
) -> anyhow::Result<()> {
    match inputs.into_iter().find(|(_, input)| is_same(output, input)) {
        Some((what, _)) => Err(usage(format!("{} is {what}: give another file with --output", output.display()))),
        None => Ok(()),
    }
}

/// Whether two paths lead to one file, by whatever links.
#[cfg(unix)]
fn is_same(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((id(a), id(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(not(unix))]
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}
