//! Files that are there whole or not at all: written under another name, made certain, and renamed.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use abi::Digest;

use super::disk::Disk;

/// How the names of files begin that are not whole yet.
const TEMPORARY: &str = ".wasmtube-";
/// Longest part of such a name that is taken from the file that is written, in bytes.
const STEM_MAX: usize = 200;
/// Digits at its end, so that no two writers have the same name.
const DIGITS: usize = 16;

/// Replaces a file so that whoever reads it, even after a power failure, finds the old content or the new one. When it
/// returns, it is the new one for certain. The new file can be used by whoever could use the old one.
///
/// # Errors
/// What the disk says. The old content is there, or the new one where making the name certain failed.
pub fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path)?;
    let mut file = disk.create(&temporary, path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync());
    drop(file);
    if let Err(error) = written.and_then(|()| disk.rename(&temporary, path)) {
        // What cannot be removed now is swept away at the next start.
        drop(disk.remove(&temporary));
        return Err(error);
    }
    disk.sync_folder(folder(path))
}

/// Removes what writing this file left behind when the process was killed; answers how many files that were. Nobody may
/// be writing it meanwhile.
///
/// # Errors
/// What the disk says; a folder that is not there holds nothing.
pub fn sweep(disk: &dyn Disk, path: &Path) -> io::Result<usize> {
    let wanted = stem(path)?;
    remove(disk, folder(path), |stem| stem == wanted)
}

/// As [`sweep`], for all files of a folder.
///
/// # Errors
/// As [`sweep`].
pub fn sweep_folder(disk: &dyn Disk, folder: &Path) -> io::Result<usize> {
    remove(disk, folder, |_| true)
}

fn remove(disk: &dyn Disk, folder: &Path, is_wanted: impl Fn(&str) -> bool) -> io::Result<usize> {
    let names = match disk.list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        names => names?,
    };
    let mut removed = 0;
    for name in names.iter().filter_map(|name| name.to_str()) {
        if stem_of_temporary(name).is_some_and(&is_wanted) {
            disk.remove(&folder.join(name))?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary(path: &Path) -> io::Result<PathBuf> {
    let mut random = [0; DIGITS / 2];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let random = u64::from_le_bytes(random);
    Ok(folder(path).join(format!("{TEMPORARY}{}-{random:0DIGITS$x}", stem(path)?)))
}

/// What tells the temporary files of one file from those of the others in its folder.
fn stem(path: &Path) -> io::Result<String> {
    let name = path.file_name().ok_or_else(|| {
        let reason = format!("{} names no file", path.display());
        io::Error::new(io::ErrorKind::InvalidInput, reason)
    })?;
    Ok(match name.to_str() {
        Some(name) if name.len() <= STEM_MAX => name.into(),
        _ => Digest::of(name.as_encoded_bytes()).short(),
    })
}

/// The stem of a name that [`temporary`] made.
fn stem_of_temporary(name: &str) -> Option<&str> {
    let (stem, digits) = name.strip_prefix(TEMPORARY)?.rsplit_once('-')?;
    let is_ours = digits.len() == DIGITS && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then_some(stem)
}

#[cfg(test)]
mod tests;
