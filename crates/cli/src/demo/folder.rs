//! The folder in which a file is replaced: there for that part only, and removed when the program is interrupted.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

use crate::args::DemoArguments;
use crate::files::without_temporary_name;

/// A file may be made in the folder while it is removed.
const ATTEMPTS: usize = 10;

/// The folder that exists at present.
static PRESENT: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A temporary folder, removed with everything in it when dropped. There is one at a time.
pub(super) struct Folder(PathBuf);

/// Whether a folder can be made when its time comes.
pub(super) fn check(_: &DemoArguments) -> anyhow::Result<()> {
    Folder::create().map(drop)
}

impl Folder {
    /// Makes the folder where the system keeps temporary files.
    pub(super) fn create() -> anyhow::Result<Self> {
        let mut present = lock();
        let folder = tempfile::Builder::new().prefix("wasmtube-demo-").tempdir().map_err(without_temporary_name);
        let folder = folder.with_context(|| {
            let place = std::env::temp_dir();
            format!("cannot make a temporary folder in {}: set TMPDIR to a folder that can be written", place.display())
        })?;
        let path = folder.keep();
        *present = Some(path.clone());
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove();
    }
}

/// Removes the folder that exists at present, if there is one.
pub(super) fn remove() {
    if let Some(path) = lock().take() {
        // What cannot be removed stays: there is nobody left to tell.
        let _is_removed = (0..ATTEMPTS).any(|_| fs::remove_dir_all(&path).is_ok());
    }
}

fn lock() -> MutexGuard<'static, Option<PathBuf>> {
    PRESENT.lock().unwrap_or_else(PoisonError::into_inner)
}
