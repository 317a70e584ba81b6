//! Files that hold modules: reading them whole, and following them while they are replaced; and files that must outlive
//! the power. The only module that does I/O.

mod cache;
mod disk;
mod follower;
mod hops;
mod identity;
mod record;
mod watched;
mod watcher;
mod whole;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::load_error::LoadError;
use crate::{Engine, LoadOptions, Version};

pub use cache::{CacheOptions, CacheStatus, Pin};
pub(crate) use cache::{CodeCache, Native, Obtained};
pub use disk::{Disk, NewFile, SystemDisk};
pub use follower::Follower;
use identity::Identity;
pub use record::FolderRecord;
pub use watcher::{Watch, WatchError, Watcher, WatcherOptions};
pub use whole::{sweep, sweep_folder, write_whole};

/// Largest file that is read for a module, in bytes.
pub const FILE_BYTES_MAX: u64 = 2 << 30;

const NOT_REGULAR: &str = "not a regular file; name one, and save to it what comes from a pipe or a device";

/// Why a file gives no version.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file is too large.
    #[error("{} has {bytes} bytes, the limit is {limit}", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// Most bytes that were wanted.
        limit: u64,
    },
    /// The file changed while it was read.
    #[error("{} changed while it was read: wait until it is written, or replace files by renaming", .path.display())]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// The file is no module that can be run.
    #[error("cannot load {}", .path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: LoadError,
    },
}

/// Reads, verifies and compiles a file.
///
/// # Errors
/// [`OpenError`].
pub fn load(engine: &Engine, path: &Path, options: LoadOptions) -> Result<Version, OpenError> {
    let bytes = read(path)?;
    Version::load(engine, bytes, options).map_err(|source| OpenError::Load { path: path.into(), source })
}

/// The content of a file that did not change meanwhile.
///
/// # Errors
/// [`OpenError::Read`], [`OpenError::TooLarge`], [`OpenError::Changing`].
pub fn read(path: &Path) -> Result<Vec<u8>, OpenError> {
    read_at_most(path, FILE_BYTES_MAX)
}

/// As [`read`], for a file of at most `limit` bytes, whatever it holds.
///
/// # Errors
/// As [`read`].
pub fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, OpenError> {
    read_known(path, limit).map(|(bytes, _)| bytes)
}

fn read_known(path: &Path, limit: u64) -> Result<(Vec<u8>, Identity), OpenError> {
    let failed = |source| OpenError::Read { path: path.into(), source };
    let unfit = |what| failed(io::Error::new(io::ErrorKind::InvalidInput, what));
    // Opening what is not a file may wait for somebody who writes to it, or set a device going.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(unfit(NOT_REGULAR));
    }
    let mut file = open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(unfit(NOT_REGULAR));
    }
    if metadata.len() > limit {
        return Err(OpenError::TooLarge { path: path.into(), bytes: metadata.len(), limit });
    }
    let before = Identity::of(&metadata);
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // One byte more than announced shows a file that grows without end.
    (&mut file).take(metadata.len() + 1).read_to_end(&mut bytes).map_err(failed)?;
    let after = Identity::of(&file.metadata().map_err(failed)?);
    if before != after {
        return Err(OpenError::Changing { path: path.into() });
    }
    if u64::try_from(bytes.len()) != Ok(metadata.len()) {
        return Err(unfit("not a regular file: it does not hold as many bytes as its size says"));
    }
    Ok((bytes, after))
}

/// Opens without waiting, should a pipe have taken the place of the file meanwhile.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}
