//! What tells two states of a file apart without reading it.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// Device, inode, size and times of a file; on systems without inodes size and time of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    place: (u64, u64),
    size: u64,
    modified: Option<SystemTime>,
    changed: (i64, i64),
}

impl Identity {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            place: place(metadata),
            size: metadata.len(),
            modified: metadata.modified().ok(),
            changed: changed(metadata),
        }
    }

    /// Device and inode.
    pub(super) fn place(self) -> (u64, u64) {
        self.place
    }

    /// Whether the file was written within `age`, so that a later write may leave no trace in its times.
    pub(super) fn is_younger_than(self, age: Duration, now: SystemTime) -> bool {
        self.modified.is_none_or(|modified| now.duration_since(modified).is_ok_and(|since| since < age))
    }
}

#[cfg(unix)]
fn place(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> (i64, i64) {
    (0, 0)
}
