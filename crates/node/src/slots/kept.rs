//! The files of versions that were live, by their digest, so that one can go back to them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use abi::Digest;
use runtime::files::{SystemDisk, sweep_folder, write_whole};

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
        sweep_folder(&SystemDisk, &folder)?;
        Ok(Self { folder })
    }

    pub(crate) fn holds(&self, digest: Digest) -> bool {
        self.path(digest).is_file()
    }

    pub(crate) fn keep(&self, digest: Digest, bytes: &[u8]) -> io::Result<()> {
        if self.holds(digest) && self.read(digest).is_ok() {
            return Ok(());
        }
        write_whole(&SystemDisk, &self.path(digest), bytes)
    }

    pub(crate) fn read(&self, digest: Digest) -> Result<Vec<u8>, KeptError> {
        let path = self.path(digest);
        match fs::read(&path) {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
            Ok(_) => Err(KeptError::Damaged { path }),
            Err(source) => Err(KeptError::Read { path, source }),
        }
    }

    /// Removes every version but these; one that is being written has no name of its own yet.
    pub(crate) fn retain(&self, wanted: &BTreeSet<Digest>) -> io::Result<()> {
        let names: BTreeSet<String> = wanted.iter().map(|digest| name(*digest)).collect();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.ends_with(".wasm") && !names.contains(name)) {
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
        let being_written = folder.path().join(format!(".wasmtube-{}-0123456789abcdef", name(Digest::of(b"c"))));
        fs::write(&being_written, b"").unwrap();
        kept.retain(&BTreeSet::from([Digest::of(b"b")])).unwrap();
        assert!(!kept.holds(Digest::of(b"a")) && kept.holds(Digest::of(b"b")) && being_written.exists());
        Kept::open(folder.path().into()).unwrap();
        assert!(kept.holds(Digest::of(b"b")) && !being_written.exists());
    }
}
