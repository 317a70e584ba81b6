//! A folder that nobody else may enter: what lies in it is ours, and is replaced by renaming only.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What a kill leaves of a file that was being written begins so.
const TEMPORARY: &str = ".wasmtube-";

/// A private folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder, which is made if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or others may enter it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"));
        }
        make(path)?;
        check(&fs::metadata(path)?, 0o077)?;
        Ok(Self { path: path.into() })
    }

    /// Opens a file of ours for reading. An error of the kind `PermissionDenied` says as well that it may be another's.
    pub(super) fn open_file(&self, name: &str) -> io::Result<File> {
        let file = open(&self.path.join(name))?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(not_regular());
        }
        check(&metadata, 0o022)?;
        Ok(file)
    }

    /// A secret of this length; `None` where the file is of another, or others may have read or written it.
    pub(super) fn read_secret<const N: usize>(&self, name: &str) -> io::Result<Option<[u8; N]>> {
        let file = open(&self.path.join(name))?;
        let metadata = file.metadata()?;
        if !metadata.is_file() || check(&metadata, 0o077).is_err() {
            return Ok(None);
        }
        exactly(file)
    }

    /// Replaces a file. After a power failure it may hold anything.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.temporary(bytes)?.persist(self.path.join(name)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Replaces a file so that a power failure leaves the old content or the new one.
    pub(super) fn write_durably(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.temporary(bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.path.join(name)).map_err(|error| error.error)?;
        File::open(&self.path)?.sync_all()
    }

    /// A new file that only its owner may read and write.
    fn temporary(&self, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        Ok(file)
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Names and sizes of the files; what a kill left is removed.
    pub(super) fn list(&self) -> io::Result<BTreeMap<String, u64>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with(TEMPORARY) {
                // In a folder that cannot be written to it stays.
                drop(self.remove(&name));
            } else if let Ok(metadata) = entry.metadata() {
                files.insert(name, metadata.len());
            }
        }
        Ok(files)
    }
}

/// The content of a file that has exactly so many bytes.
pub(super) fn exactly<const N: usize>(mut file: File) -> io::Result<Option<[u8; N]>> {
    let mut bytes = [0; N];
    if file.metadata()?.len() != N as u64 {
        return Ok(None);
    }
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not a regular file")
}

#[cfg(unix)]
fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// That it belongs to the user of this process, and that others have none of these rights.
#[cfg(unix)]
fn check(metadata: &fs::Metadata, others: u32) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let denied = |what: String| Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return denied(format!("it belongs to user {}, while this is user {user}", metadata.uid()));
    }
    let mode = metadata.mode() & 0o777;
    if mode & others != 0 {
        return denied(format!("others may use it, its mode is {mode:o}: it must be {:o}", mode & !0o077));
    }
    Ok(())
}

/// Opens what is no link, without waiting.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    File::options().read(true).custom_flags(flags).open(path).map_err(|error| {
        if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) { not_regular() } else { error }
    })
}

#[cfg(not(unix))]
fn make(_: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this system does not say who may enter a folder"))
}

#[cfg(not(unix))]
fn check(_: &fs::Metadata, _: u32) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(not(unix))]
fn open(_: &Path) -> io::Result<File> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn allow(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_may_enter() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let folder = Folder::open(&path).unwrap();
        folder.write("f", b"1").unwrap();
        assert_eq!((mode(&path), mode(&path.join("f"))), (0o700, 0o600));
        for open in [0o701, 0o710, 0o777] {
            allow(&path, open);
            let error = Folder::open(&path).unwrap_err().to_string();
            assert_eq!(error, format!("others may use it, its mode is {open:o}: it must be 700"));
        }
        assert_eq!(mode(&path), 0o777, "a folder that was there is left as it is");
        let error = Folder::open(&parent.path().join("a/b/f")).unwrap_err();
        assert_eq!(error.to_string(), "it is not a folder");
    }

    #[test]
    fn only_files_of_ours_are_opened() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(&parent.path().join("f")).unwrap();
        let path = |name| folder.path.join(name);
        folder.write("good", b"1").unwrap();
        folder.open_file("good").unwrap();
        symlink(path("good"), path("link")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        for (name, writable) in [("group", 0o620), ("all", 0o602)] {
            folder.write(name, b"1").unwrap();
            allow(&path(name), writable);
        }
        for name in ["link", "folder", "group", "all", "missing"] {
            assert!(folder.open_file(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_secret_that_others_may_know_is_none() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(&parent.path().join("f")).unwrap();
        folder.write_durably("key", b"1234").unwrap();
        assert_eq!(folder.read_secret("key").unwrap(), Some(*b"1234"));
        assert_eq!(folder.read_secret::<3>("key").unwrap(), None);
        assert_eq!(folder.read_secret::<5>("key").unwrap(), None);
        allow(&folder.path.join("key"), 0o640);
        assert_eq!(folder.read_secret::<4>("key").unwrap(), None);
    }

    #[test]
    fn what_a_kill_left_is_removed() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(&parent.path().join("f")).unwrap();
        let left = folder.temporary(b"123").unwrap().keep().unwrap().1;
        folder.write("whole", b"12").unwrap();
        assert_eq!(folder.list().unwrap(), BTreeMap::from([("whole".to_owned(), 2)]));
        assert!(!left.exists());
    }
}
