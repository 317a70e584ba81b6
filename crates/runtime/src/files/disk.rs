//! The operations on files that durable writing needs, so that a test can cut them off anywhere.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Where files are kept that must outlive the process and the power.
///
/// What was written to a file is certain after [`NewFile::sync`], and its name after [`Self::sync_folder`]; until then
/// both may be lost or be there, in any order. [`super::write_whole`] calls them in the order that leaves no half file.
pub trait Disk: fmt::Debug + Send + Sync {
    /// The content of a file.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::NotFound`] where there is no file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Makes a file, which whoever can use `like` can use too; where that is not there, everybody can read it.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::AlreadyExists`] where there is one.
    fn create(&self, path: &Path, like: &Path) -> io::Result<Box<dyn NewFile>>;
    /// Gives a file another name in its folder, in place of the file that had it. Both names hold a whole file at any
    /// time.
    ///
    /// # Errors
    /// What the system says: nothing has changed.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder, in any order.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::NotFound`] where there is no folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;
    /// Makes certain which files have which names in a folder.
    ///
    /// # Errors
    /// What the system says: it is not known what a failure of the power leaves.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file that is being written.
pub trait NewFile: Write + Send {
    /// Makes certain what was written.
    ///
    /// # Errors
    /// What the system says: it is not known what a failure of the power leaves.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file systems of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn create(&self, path: &Path, like: &Path) -> io::Result<Box<dyn NewFile>> {
        let file = create_private(path)?;
        share(&file, like).inspect_err(|_| drop(fs::remove_file(path)))?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    #[cfg(unix)]
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Until it is known who may read it, a file is its owner's alone.
#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    const PRIVATE: u32 = 0o600;
    File::options().write(true).create_new(true).mode(PRIVATE).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

/// Whatever the process masks, a file that replaces another one is as open as that was.
#[cfg(unix)]
fn share(file: &File, like: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const READABLE: u32 = 0o644;
    match fs::metadata(like) {
        Ok(before) => file.set_permissions(before.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            file.set_permissions(fs::Permissions::from_mode(READABLE))
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn share(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}
