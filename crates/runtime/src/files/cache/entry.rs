//! An entry: the code in one file, and beside it a tag that proves it.
//!
//! The tag is `magic, serial, length, code of authentication`, and the code is over the first three, the key of the entry
//! and its content. So nothing that is damaged, cut, of another entry or written under another secret is taken for what
//! it is not, and an entry needs no care for power failures.

use std::fs::File;
use std::io::{self, Read as _};

use super::folder::{Folder, exactly};
use super::key::{EntryKey, NodeKey};
use super::mac::{MAC_BYTES, Mac, are_equal};
use super::native::{Proven, Serialized};

const MAGIC: [u8; 8] = *b"wtcode\0\x01";
const HEAD_BYTES: usize = MAGIC.len() + 8 + 8;
/// Bytes of a tag.
pub(super) const TAG_BYTES: u64 = (HEAD_BYTES + MAC_BYTES) as u64;
const CODE: &str = "code";
const TAG: &str = "mac";
/// Bytes that are read at once.
const PIECE_BYTES: usize = 64 << 10;

/// Why an entry is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    /// There is none.
    #[error("there is none")]
    Absent,
    /// It is not what was written.
    #[error("{reason}")]
    Untrue { reason: String },
    /// The system does not give it.
    #[error("it cannot be read")]
    Read(#[source] io::Error),
}

/// What is found in a folder.
pub(super) struct Found {
    pub(super) key: EntryKey,
    /// Of code and tag together.
    pub(super) bytes: u64,
    pub(super) serial: u64,
}

/// What stands in a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag {
    serial: u64,
    length: u64,
    mac: [u8; MAC_BYTES],
}

impl Tag {
    fn parse(bytes: &[u8; TAG_BYTES as usize]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk::<8>()?;
        let (serial, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let mac = rest.try_into().ok()?;
        let tag = Self { serial: u64::from_le_bytes(*serial), length: u64::from_le_bytes(*length), mac };
        (*magic == MAGIC).then_some(tag)
    }

    fn read(folder: &Folder, key: &EntryKey) -> io::Result<Option<Self>> {
        let bytes = exactly(folder.open_file(&file_name(key, TAG))?)?;
        Ok(bytes.and_then(|bytes| Self::parse(&bytes)))
    }
}

fn head(serial: u64, length: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&MAGIC);
    head[8..16].copy_from_slice(&serial.to_le_bytes());
    head[16..].copy_from_slice(&length.to_le_bytes());
    head
}

/// The code of authentication, up to the content.
fn begin(secret: &NodeKey, key: &EntryKey, serial: u64, length: u64) -> Mac {
    let mut mac = secret.mac();
    mac.update(&head(serial, length));
    mac.update(&key.to_bytes());
    mac
}

/// Writes an entry: the content first, so that a tag has something to prove.
pub(super) fn write(
    folder: &Folder,
    secret: &NodeKey,
    key: &EntryKey,
    serial: u64,
    content: &Serialized,
) -> io::Result<()> {
    let bytes = content.bytes();
    let length = bytes.len() as u64;
    let mut mac = begin(secret, key, serial, length);
    mac.update(bytes);
    let mut tag = head(serial, length).to_vec();
    tag.extend(mac.finish());
    folder.write(&file_name(key, CODE), bytes)?;
    folder.write(&file_name(key, TAG), &tag)
}

/// Opens an entry and reads it whole, to prove that it is what was written under this secret for this key.
pub(super) fn prove(folder: &Folder, secret: &NodeKey, key: &EntryKey) -> Result<Proven, EntryError> {
    let untrue = |reason: &str| EntryError::Untrue { reason: reason.into() };
    let tag = Tag::read(folder, key).map_err(of_system)?.ok_or_else(|| untrue("its tag is damaged"))?;
    let file = folder.open_file(&file_name(key, CODE)).map_err(of_system)?;
    let length = file.metadata().map_err(of_system)?.len();
    if length != tag.length {
        return Err(EntryError::Untrue { reason: format!("it has {length} bytes, not {}", tag.length) });
    }
    let mut mac = begin(secret, key, tag.serial, tag.length);
    Proven::prove(file, |file| {
        read_into(&mut mac, file, length).map_err(of_system)?;
        if are_equal(&mac.finish(), &tag.mac) {
            Ok(())
        } else {
            Err(untrue("its content is damaged, or it was written elsewhere or for another file"))
        }
    })
}

fn read_into(mac: &mut Mac, file: &File, length: u64) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    // One byte more than there should be shows a file that has grown.
    let mut rest = file.take(length + 1);
    loop {
        match rest.read(&mut piece)? {
            0 => return Ok(()),
            count => mac.update(&piece[..count]),
        }
    }
}

fn of_system(error: io::Error) -> EntryError {
    match error.kind() {
        io::ErrorKind::NotFound => EntryError::Absent,
        // Links, folders, and what others may have written.
        io::ErrorKind::InvalidData | io::ErrorKind::PermissionDenied => {
            EntryError::Untrue { reason: error.to_string() }
        }
        _ => EntryError::Read(error),
    }
}

pub(super) fn remove(folder: &Folder, key: &EntryKey) -> io::Result<()> {
    folder.remove(&file_name(key, TAG)).and(folder.remove(&file_name(key, CODE)))
}

/// The entries of a folder. What is half of one is removed, what is none of ours stays.
pub(super) fn list(folder: &Folder) -> io::Result<Vec<Found>> {
    let files = folder.list()?;
    let mut found = Vec::new();
    for (name, bytes) in &files {
        let Some((key, part)) = name.rsplit_once('.').and_then(|(key, part)| Some((EntryKey::parse(key)?, part)))
        else {
            continue;
        };
        let has_both = [CODE, TAG].iter().all(|part| files.contains_key(&file_name(&key, part)));
        if !has_both {
            // In a folder that cannot be written to it stays, and is not used.
            drop(remove(folder, &key));
        } else if part == CODE {
            // What is not true is found out when it is wanted.
            let tag = Tag::read(folder, &key).ok().flatten();
            found.push(Found { key, bytes: bytes.saturating_add(TAG_BYTES), serial: tag.map_or(0, |tag| tag.serial) });
        }
    }
    Ok(found)
}

fn file_name(key: &EntryKey, part: &str) -> String {
    format!("{key}.{part}")
}
