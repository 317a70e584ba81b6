//! A standing in a file.
//!
//! The first line names the format and has the sha256 of the rest, which is JSON. So a file that was cut or changed is
//! never taken for another standing.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use abi::Digest;

use super::disk::Disk;
use super::whole::write_whole;
use crate::slot::{Record, RecordError, Standing};

const FORMAT: &str = "wasmtube standing 1 ";

/// Keeps the [`Standing`] of one slot in a file of its own.
///
/// ```
/// # extern crate wasmtube_runtime as runtime;
/// use std::sync::Arc;
///
/// use abi::Digest;
/// use runtime::files::{FolderRecord, SystemDisk};
/// use runtime::{Record, Standing};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let record = FolderRecord::new(Arc::new(SystemDisk), folder.join("stats.standing"));
/// assert_eq!(record.read()?, Standing::default());
/// record.write(&Standing::default().passed(Digest::of(b"version 1")))?;
/// assert_eq!(record.read()?.last_good(), Some(Digest::of(b"version 1")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FolderRecord {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl FolderRecord {
    /// One in this file, whose folder is there. The file need not be there yet.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, path: PathBuf) -> Self {
        Self { disk, path }
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}

impl Record for FolderRecord {
    fn read(&self) -> Result<Standing, RecordError> {
        match self.disk.read(&self.path) {
            Ok(bytes) => parse(&bytes).map_err(|reason| RecordError::Damaged { place: self.place(), reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Standing::default()),
            Err(source) => Err(RecordError::Read { place: self.place(), source }),
        }
    }

    fn write(&self, standing: &Standing) -> Result<(), RecordError> {
        let written = render(standing).and_then(|bytes| write_whole(&*self.disk, &self.path, &bytes));
        written.map_err(|source| RecordError::Write { place: self.place(), source })
    }
}

fn render(standing: &Standing) -> io::Result<Vec<u8>> {
    let mut body = serde_json::to_vec_pretty(standing).map_err(|error| io::Error::other(error.to_string()))?;
    body.push(b'\n');
    Ok([head(&body).into_bytes(), body].concat())
}

fn parse(bytes: &[u8]) -> Result<Standing, String> {
    if !bytes.starts_with(FORMAT.as_bytes()) {
        return Err(format!("it does not begin with `{}`", FORMAT.trim_end()));
    }
    let body = bytes.iter().position(|&byte| byte == b'\n').map_or(&[][..], |end| &bytes[end + 1..]);
    if !bytes.starts_with(head(body).as_bytes()) {
        return Err("its content has another digest than its first line says".into());
    }
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn head(body: &[u8]) -> String {
    format!("{FORMAT}{}\n", Digest::of(body))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;
    use crate::files::SystemDisk;

    fn standing() -> Standing {
        let [a, b, c] = ["a", "b", "c"].map(|name| Digest::of(name.as_bytes()));
        let tried = Standing::default().passed(a).rolled_back(b, "trapped: `out of bounds`\n", Duration::ZERO);
        let Ok(crate::slot::Begun::Mark(marked)) = tried.begin(c, Duration::ZERO) else { panic!("{tried:?}") };
        marked.ran_sealed()
    }

    #[track_caller]
    fn check_damaged(bytes: &[u8], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let record = FolderRecord::new(Arc::new(SystemDisk), folder.path().join("stats"));
        fs::write(&record.path, bytes).unwrap();
        match record.read() {
            Err(RecordError::Damaged { reason, .. }) => assert!(reason.starts_with(expected), "{reason}"),
            read => panic!("{read:?}"),
        }
    }

    #[test]
    fn a_standing_is_read_as_it_was_written() {
        assert_eq!(parse(&render(&standing()).unwrap()), Ok(standing()));
        assert_eq!(parse(&render(&Standing::default()).unwrap()), Ok(Standing::default()));
    }

    #[test]
    fn what_was_cut_is_no_standing() {
        let whole = render(&standing()).unwrap();
        for end in 0..whole.len() {
            assert!(parse(&whole[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn what_was_changed_is_no_standing() {
        let whole = render(&standing()).unwrap();
        for at in 0..whole.len() {
            for flipped in 1..=u8::MAX {
                let mut changed = whole.clone();
                changed[at] ^= flipped;
                assert!(parse(&changed).is_err(), "byte {at}: {}", changed[at]);
            }
        }
        assert!(parse(&[&whole[..], b"\n"].concat()).is_err());
    }

    #[test]
    fn a_record_says_what_is_wrong_with_it() {
        check_damaged(b"", "it does not begin with `wasmtube standing 1`");
        check_damaged(b"wasmtube standing 2 x\n{}", "it does not begin with `wasmtube standing 1`");
        check_damaged(b"wasmtube standing 1 ", "its content has another digest");
        check_damaged(b"wasmtube standing 1 x\n{}", "its content has another digest");
        let other = br#"{"permanent":[],"on_trial":[],"quarantined":[],"has_run_sealed":false,"more":1}"#;
        check_damaged(&[head(other).as_bytes(), other].concat(), "unknown field `more`");
    }

    #[test]
    fn a_record_is_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| FolderRecord::new(Arc::new(SystemDisk), folder.path().join(name));
        assert_eq!(at("a").read().unwrap(), Standing::default());
        at("a").write(&standing()).unwrap();
        at("a").write(&standing().closed()).unwrap();
        assert_eq!(at("a").read().unwrap(), standing().closed());
        assert_eq!(at("b").read().unwrap(), Standing::default());
        assert!(matches!(at("absent/a").write(&standing()), Err(RecordError::Write { .. })));
        assert!(matches!(at(".").read(), Err(RecordError::Read { .. })));
    }
}
