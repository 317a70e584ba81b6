//! Where the standing of a slot's versions outlives the process.

use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use super::standing::Standing;

/// Keeps the [`Standing`] of one slot. [`crate::files::FolderRecord`] keeps it in a file.
///
/// ```
/// # extern crate wasmtube_runtime as runtime;
/// use abi::Digest;
/// use runtime::{Begun, MemoryRecord, Record};
///
/// let record = MemoryRecord::default();
/// let (first, second) = (Digest::of(b"first"), Digest::of(b"second"));
/// record.write(&record.read()?.passed(first))?;
/// // Before the file is compiled, which may end the process:
/// if let Begun::Mark(marked) = record.read()?.begin(second, Default::default())? {
///     record.write(&marked)?;
/// }
/// // It did, and the next process finds the mark.
/// let standing = record.read()?.found_at_start();
/// assert_eq!(standing.last_good(), Some(first));
/// assert!(standing.begin(second, Default::default()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Record: fmt::Debug + Send + Sync {
    /// What was written last, or [`Standing::default`] where nothing was.
    ///
    /// # Errors
    /// [`RecordError::Read`], [`RecordError::Damaged`].
    fn read(&self) -> Result<Standing, RecordError>;
    /// Keeps a standing in place of the one before. When it returns, a failure of the power does not bring that back.
    ///
    /// # Errors
    /// [`RecordError::Write`]: the one before or this one is kept, never another.
    fn write(&self, standing: &Standing) -> Result<(), RecordError>;
}

/// Why a standing is not read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It cannot be read.
    #[error("cannot read from {place} which versions of the slot are good")]
    Read {
        /// Where it is kept.
        place: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// What is kept is no standing.
    #[error(
        "{place} does not say which versions of the slot are good: {reason}; restore it, or remove it so that the slot begins anew with the file it follows"
    )]
    Damaged {
        /// Where it is kept.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be kept.
    #[error("cannot keep in {place} which versions of the slot are good")]
    Write {
        /// Where it is kept.
        place: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// A standing that ends with the process.
#[derive(Debug, Default)]
pub struct MemoryRecord {
    standing: Mutex<Standing>,
}

impl Record for MemoryRecord {
    fn read(&self) -> Result<Standing, RecordError> {
        Ok(self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn write(&self, standing: &Standing) -> Result<(), RecordError> {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing.clone();
        Ok(())
    }
}
