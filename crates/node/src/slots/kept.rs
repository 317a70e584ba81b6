//! The files of versions that were live, by their digest, so that one can go back to them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use abi::Digest;

/// A folder of files named by the sha256 of their content.
#[derive(Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
}

/// Why a kept file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptError {
    #[error("cannot read {}", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is damaged: its content has another digest", .path.display())]
    Damaged { path: PathBuf },
}

impl Kept {
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn holds(&self, digest: Digest) -> bool {
        self.path(digest).is_file()
    }

    pub(crate) fn keep(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        if self.holds(digest) && self.read(digest).is_ok() {
            return Ok(());
        }
        write_whole(&self.path(digest), bytes)
    }

    pub(crate) fn read(&self, digest: Digest) -> Result<Vec<u8>, KeptError> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
            Ok(_) => Err(KeptError::Damaged { path }),
            Err(source) => Err(KeptError::Read { path, source }),
        }
    }

    /// Removes every file but these.
    pub(crate) fn retain(&self, wanted: &BTreeSet<Digest>) -> io::Result<()> {
        let names: BTreeSet<String> = wanted.iter().map(|digest| name(*digest)).collect();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(|name| names.contains(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(name(digest))
    }
}

fn name(digest: Digest) -> String {
    format!("{digest}.wasm")
}

/// Replaces a file so that whoever reads it, even after a power failure, finds the old content or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".wasmtube-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    set_permissions(file.as_file(), path)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// Those of the file that is replaced; a temporary file is its owner's alone.
fn set_permissions(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    const READABLE: u32 = 0o644;
    match fs::metadata(path) {
        Ok(before) => file.set_permissions(before.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            file.set_permissions(fs::Permissions::from_mode(READABLE))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_whole_or_said_to_be_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path().join("versions")).unwrap();
        let digest = Digest::of(b"content");
        assert!(!kept.holds(digest));
        assert!(matches!(kept.read(digest), Err(KeptError::Read { .. })));
        kept.keep(digest, b"content").unwrap();
        assert_eq!(kept.read(digest).unwrap(), b"content");

        fs::write(kept.path(digest), b"contend").unwrap();
        assert!(matches!(kept.read(digest), Err(KeptError::Damaged { .. })));
        kept.keep(digest, b"content").unwrap();
        assert_eq!(kept.read(digest).unwrap(), b"content");
    }

    #[test]
    fn only_what_is_wanted_stays() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::open(folder.path().into()).unwrap();
        for content in [b"a", b"b"] {
            kept.keep(Digest::of(content), content).unwrap();
        }
        kept.retain(&BTreeSet::from([Digest::of(b"b")])).unwrap();
        assert!(!kept.holds(Digest::of(b"a")) && kept.holds(Digest::of(b"b")));
    }

    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        write_whole(&path, b"1").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write_whole(&path, b"2").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
