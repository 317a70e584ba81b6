//! The files that a model keeps data in, beside it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use compiler::{ExternalData, ExternalError, ExternalPart};

use crate::files::folder;

/// The folder of a model. Only files in it, or in folders of it, are read.
#[derive(Debug)]
pub(crate) struct Beside {
    folder: PathBuf,
    read: Mutex<BTreeSet<PathBuf>>,
}

impl Beside {
    /// The folder in which `model` lies.
    pub(crate) fn of(model: &Path) -> Self {
        Self { folder: folder(model).to_owned(), read: Mutex::default() }
    }

    /// What was read so far.
    pub(crate) fn files(&self) -> BTreeSet<PathBuf> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ExternalData for Beside {
    fn read(&self, part: &ExternalPart<'_>) -> Result<Cow<'_, [u8]>, ExternalError> {
        let path = self.folder.join(part.location);
        let fails = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => refuse(
                "which is missing beside the model",
                format!("copy it from where the model comes from to {}", path.display()),
            ),
            _ => refuse(&format!("which cannot be read: {error}"), format!("look at {}", path.display())),
        };
        let (inside, real) = (self.folder.canonicalize().map_err(fails)?, path.canonicalize().map_err(fails)?);
        if !real.starts_with(&inside) {
            let reason = "which leaves the folder of the model by a symbolic link";
            return Err(refuse(reason, format!("copy the file itself to {}", path.display())));
        }
        let found = fs::metadata(&real).map_err(fails)?;
        if !found.is_file() {
            return Err(refuse("which is no regular file", format!("look at {}", path.display())));
        }
        let end = part.offset.checked_add(part.length as u64);
        if end.is_none_or(|end| end > found.len()) {
            return Err(ExternalError::beyond(found.len(), part));
        }
        let bytes = read_part(&real, part).map_err(fails)?;
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(real);
        Ok(Cow::Owned(bytes))
    }
}

fn read_part(path: &Path, part: &ExternalPart<'_>) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(part.offset))?;
    let mut bytes = vec![0; part.length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn refuse(reason: &str, help: String) -> ExternalError {
    ExternalError { reason: reason.to_owned(), help }
}
