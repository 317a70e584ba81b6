//! Reading files, and writing them so that they are there whole or not at all.

mod content;
mod overwriting;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::thread;
#[cfg(unix)]
use std::time::{Duration, Instant};

pub(crate) use self::content::{Content, ReadError, read, read_standard_input};
pub(crate) use self::overwriting::refuse_overwriting;

/// Most symbolic links that are followed to a file that does not exist yet, as many as Linux follows.
const LINKS_MAX: usize = 40;
/// How long a pipe is waited for that nobody reads.
#[cfg(unix)]
const PIPE_PATIENCE: Duration = Duration::from_secs(2);
#[cfg(unix)]
const PIPE_LOOK: Duration = Duration::from_millis(10);

/// A file that could not be written. A reader that went away is such a failure too, unlike one of standard output.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub(crate) struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// Writes `bytes` to `path`: into a temporary file of the same folder, which then takes the name. Whoever follows the
/// path sees the old content or the new one. A symbolic link stays, what it leads to is written; what exists and is no
/// regular file, such as a pipe or a device, is opened and written to.
///
/// # Errors
/// The folder is missing or not writable, or the disk is full.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    try_write(path, bytes).map_err(|source| WriteError { path: path.into(), source })
}

/// The error without the name of a temporary file, which nobody gave.
pub(crate) fn without_temporary_name(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() { error } else { error.kind().into() }
}

fn try_write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => replace(&fs::canonicalize(path)?, bytes),
        Ok(_) => open_to_write(path)?.write_all(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => replace(&end_of_links(path)?, bytes),
        Err(error) => Err(error),
    }
}

/// Opens what is no regular file. A pipe is waited for until somebody reads it, but not for ever.
#[cfg(unix)]
fn open_to_write(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::{OFlags, fcntl_setfl};
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let until = Instant::now() + PIPE_PATIENCE;
    let file = loop {
        match File::options().write(true).custom_flags(flags).open(path) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
                if Instant::now() >= until {
                    return Err(io::Error::other("nobody reads it: start its reader first"));
                }
                thread::sleep(PIPE_LOOK);
            }
            opened => break opened?,
        }
    };
    fcntl_setfl(&file, OFlags::empty())?;
    Ok(file)
}

#[cfg(not(unix))]
fn open_to_write(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// Where a file is made whose path does not exist, or is a symbolic link to what does not exist.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS_MAX {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// The folder that a file lies in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(io::Error::other(format!("there is no folder {}", folder.display())));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wasmtube-").suffix(".tmp");
    let permissions = ordinary_permissions();
    if let Some(permissions) = permissions {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder).map_err(without_temporary_name)?;
    file.as_file_mut().write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    // The name lasts only once its folder is on the disk; some file systems cannot be asked for that.
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
    Ok(())
}

/// Those of a file made in the ordinary way, less what the umask takes away; temporary files are private otherwise.
#[cfg(unix)]
fn ordinary_permissions() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn ordinary_permissions() -> Option<fs::Permissions> {
    None
}
