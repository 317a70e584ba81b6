//! The way from a path to its file through symbolic links: each directory on it may be where the file is replaced.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const LINKS_MAX: usize = 40;

/// What to watch for one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Hops {
    /// Directories that hold a link of the way or the file itself.
    pub(super) directories: BTreeSet<PathBuf>,
    /// The links and the file: a change of any of them may be a new content.
    pub(super) paths: BTreeSet<PathBuf>,
}

impl Hops {
    /// Follows an absolute path as the system would.
    pub(super) fn of(path: &Path) -> Self {
        let mut hops = Self::default();
        let mut links = 0;
        let mut current = PathBuf::new();
        let mut rest: Vec<OsString> = reversed(path);
        while let Some(component) = rest.pop() {
            let parent = current.clone();
            match Path::new(&component).components().next() {
                Some(Component::ParentDir) => {
                    current.pop();
                    continue;
                }
                Some(Component::CurDir) | None => continue,
                Some(Component::Prefix(_) | Component::RootDir | Component::Normal(_)) => current.push(&component),
            }
            let target = fs::symlink_metadata(&current)
                .ok()
                .filter(|metadata| metadata.is_symlink() && links < LINKS_MAX)
                .and_then(|_| fs::read_link(&current).ok());
            if let Some(target) = target {
                links += 1;
                hops.add(&current);
                rest.extend(reversed(&target));
                // An absolute target begins with the root, which replaces what stands here.
                current = parent;
            }
        }
        hops.add(&current);
        hops
    }

    fn add(&mut self, path: &Path) {
        let mut path = path;
        while let Some(parent) = path.parent() {
            self.paths.insert(path.into());
            if parent.is_dir() {
                self.directories.insert(parent.into());
                return;
            }
            // A directory that is missing appears in the first one that is there.
            path = parent;
        }
    }
}

fn reversed(path: &Path) -> Vec<OsString> {
    path.components().rev().map(|component| component.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn every_link_of_a_config_map_is_watched() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir(root.join("version_1")).unwrap();
        fs::write(root.join("version_1/f.wasm"), b"1").unwrap();
        std::os::unix::fs::symlink("version_1", root.join("..data")).unwrap();
        std::os::unix::fs::symlink("..data/f.wasm", root.join("f.wasm")).unwrap();
        let hops = Hops::of(&root.join("f.wasm"));
        assert_eq!(hops.directories, BTreeSet::from([root.clone(), root.join("version_1")]));
        let paths = [root.join("f.wasm"), root.join("..data"), root.join("version_1/f.wasm")];
        assert_eq!(hops.paths, BTreeSet::from(paths));
    }

    #[test]
    fn a_missing_directory_is_awaited_in_the_first_that_exists() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let hops = Hops::of(&root.join("later/deeper/f.wasm"));
        assert_eq!(hops.directories, BTreeSet::from([root.clone()]));
        assert!(hops.paths.contains(&root.join("later")));
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_ends() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("b", root.path().join("a")).unwrap();
        std::os::unix::fs::symlink("a", root.path().join("b")).unwrap();
        assert!(!Hops::of(&root.path().join("a")).directories.is_empty());
    }
}
