//! Which versions of a slot were live, over restarts of the node.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use abi::Digest;
use runtime::files::{SystemDisk, write_whole};
use serde::{Deserialize, Serialize};

use crate::body::Cause;

/// Versions that are remembered; the files of the last [`FILES_MAX`] are kept.
const REMEMBERED: usize = 50;
/// Files of versions that are kept for each slot, the live one among them.
pub(super) const FILES_MAX: usize = 8;

/// A version that went live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) digest: Digest,
    pub(super) title: Option<String>,
    /// In microseconds since the Unix epoch.
    pub(super) at: u64,
    pub(super) cause: Cause,
}

/// The versions of one slot that were live, the last one last.
#[derive(Debug)]
pub(super) struct History {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl History {
    /// What was written before; nothing where there is no file yet.
    ///
    /// # Errors
    /// The file cannot be read or is malformed.
    pub(super) fn open(folder: &Path, slot: &str) -> io::Result<Self> {
        let path = folder.join(format!("{slot}.json"));
        let entries = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => vec![],
            Err(error) => return Err(error),
        };
        Ok(Self { path, entries })
    }

    /// One that begins now, over the file that cannot be read.
    pub(super) fn anew(folder: &Path, slot: &str) -> Self {
        Self { path: folder.join(format!("{slot}.json")), entries: vec![] }
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The digests whose files are kept by all histories in the folder.
    ///
    /// # Errors
    /// One of them cannot be read or is malformed.
    pub(super) fn wanted_in(folder: &Path) -> io::Result<BTreeSet<Digest>> {
        let mut wanted = BTreeSet::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if let (Some("json"), Some(slot)) =
                (path.extension().and_then(OsStr::to_str), path.file_stem().and_then(OsStr::to_str))
            {
                wanted.extend(Self::open(folder, slot)?.wanted());
            }
        }
        Ok(wanted)
    }

    /// The digests whose files are kept.
    fn wanted(&self) -> Vec<Digest> {
        self.last(FILES_MAX)
    }

    /// The last different digests, at most so many, the last one first.
    pub(super) fn last(&self, most: usize) -> Vec<Digest> {
        let mut last = Vec::new();
        for entry in self.entries.iter().rev() {
            if last.len() < most && !last.contains(&entry.digest) {
                last.push(entry.digest);
            }
        }
        last
    }

    /// Adds a version and writes the history. A version that a restart brings back is no new entry.
    ///
    /// # Errors
    /// The file cannot be written; the entry is there all the same.
    pub(super) fn add(&mut self, entry: Entry) -> io::Result<()> {
        let is_same = self.entries.last().is_some_and(|last| last.digest == entry.digest);
        if is_same && entry.cause == Cause::Start {
            return Ok(());
        }
        self.entries.push(entry);
        let surplus = self.entries.len().saturating_sub(REMEMBERED);
        self.entries.drain(..surplus);
        write_whole(&SystemDisk, &self.path, &serde_json::to_vec_pretty(&self.entries)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(content: u8, cause: Cause) -> Entry {
        Entry { digest: Digest::of(&[content]), title: None, at: u64::from(content), cause }
    }

    #[test]
    fn a_history_outlives_the_node() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::open(folder.path(), "stats").unwrap();
        for content in [1, 2, 1] {
            history.add(entry(content, Cause::File)).unwrap();
        }
        let mut again = History::open(folder.path(), "stats").unwrap();
        assert_eq!(again.entries(), history.entries());
        assert_eq!(again.wanted(), [Digest::of(&[1]), Digest::of(&[2])]);
        again.add(entry(1, Cause::Start)).unwrap();
        assert_eq!(again.entries().len(), 3);
        again.add(entry(3, Cause::Start)).unwrap();
        assert_eq!(again.entries().len(), 4);
    }

    #[test]
    fn a_history_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut history = History::open(folder.path(), "stats").unwrap();
        for content in 0..60 {
            history.add(entry(content, Cause::Push)).unwrap();
        }
        assert_eq!((history.entries().len(), history.wanted().len()), (REMEMBERED, FILES_MAX));
        assert_eq!(history.wanted()[0], Digest::of(&[59]));
    }

    #[test]
    fn what_any_history_wants_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        for (slot, content) in [("stats", 1), ("digits", 2)] {
            History::open(folder.path(), slot).unwrap().add(entry(content, Cause::Push)).unwrap();
        }
        let expected = BTreeSet::from([Digest::of(&[1]), Digest::of(&[2])]);
        assert_eq!(History::wanted_in(folder.path()).unwrap(), expected);
        fs::write(folder.path().join("other.json"), "[{").unwrap();
        assert!(History::wanted_in(folder.path()).is_err(), "what is not known to be unwanted stays");
    }

    #[test]
    fn a_damaged_history_is_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("stats.json"), "[{").unwrap();
        assert!(History::open(folder.path(), "stats").is_err());
        assert_eq!(History::anew(folder.path(), "stats").entries(), []);
    }
}
