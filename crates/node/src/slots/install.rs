//! Writing a version to the file of its slot, so that a restart brings it back.

use std::fs;
use std::path::Path;

use runtime::files::{SystemDisk, write_whole};

/// Replaces the file; answers why that is not possible.
///
/// # Errors
/// The reason, for people.
pub(super) fn install(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if is_link {
        return Err(format!("{} is a symbolic link: change what it points to", path.display()));
    }
    write_whole(&SystemDisk, path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_left_to_whoever_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("v1"), folder.path().join("live"));
        fs::write(&target, b"1").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let reason = install(&link, b"2").unwrap_err();
        assert!(reason.ends_with("is a symbolic link: change what it points to"), "{reason}");
        assert_eq!(fs::read(&target).unwrap(), b"1");
    }

    #[test]
    fn a_folder_that_is_not_there_is_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let reason = install(&folder.path().join("absent/f.wasm"), b"2").unwrap_err();
        assert!(reason.starts_with("cannot write "), "{reason}");
    }
}
