use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

/// The files of a workspace by their path from its root, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// No text: the file is not UTF-8.
    files: BTreeMap<String, Option<String>>,
}

/// Folders that hold nothing of the project.
const SKIPPED: [&str; 4] = [".git", "node_modules", ".venv", "target"];
/// Marks a folder whose content can be made anew, such as the build folder.
const CACHE_MARK: &str = "CACHEDIR.TAG";

impl Tree {
    /// Reads every file below `root` but what tools have written there.
    ///
    /// # Errors
    /// A folder or file cannot be read.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> anyhow::Result<()> {
        if folder.join(CACHE_MARK).exists() {
            return Ok(());
        }
        let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            let kind = entry.file_type().with_context(|| format!("cannot look at {}", path.display()))?;
            if kind.is_dir() {
                self.read_folder(&path, &format!("{prefix}{name}/"))?;
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                self.files.insert(format!("{prefix}{name}"), String::from_utf8(bytes).ok());
            }
        }
        Ok(())
    }

    /// A tree of `(path, text)`.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned()))).collect() }
    }

    /// The text of a file, if it is there and is text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.as_deref()
    }

    /// Every text file as `(path, text)`, ordered by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Every text file whose name ends in `suffix`.
    pub fn ending<'t>(&'t self, suffix: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.texts().filter(move |(path, _)| path.ends_with(suffix))
    }

    /// Every text file below `folder`, which ends in `/`.
    pub fn below<'t>(&'t self, folder: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.texts().filter(move |(path, _)| path.starts_with(folder))
    }

    /// Whether a file or folder is there. The empty path is the root.
    #[must_use]
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self.files.range(folder.clone()..).next().is_some_and(|(file, _)| file.starts_with(&folder))
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn a_folder_exists_through_its_files() {
        let tree = Tree::of(&[("a/b.rs", ""), ("a-c", ""), ("d", "")]);
        for path in ["", "a", "a/", "a/b.rs", "d"] {
            assert!(tree.exists(path), "{path}");
        }
        for path in ["b.rs", "a/b", "c"] {
            assert!(!tree.exists(path), "{path}");
        }
    }

    #[test]
    fn what_tools_have_written_is_not_read() {
        let root = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        for (path, bytes) in
            [("a.md", "text".as_bytes()), ("b/c.bin", &[0xff]), ("build/CACHEDIR.TAG", b""), (".git/HEAD", b"ref")]
        {
            std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            std::fs::write(root.join(path), bytes).unwrap();
        }
        let tree = Tree::read(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(tree.texts().collect::<Vec<_>>(), [("a.md", "text")]);
        assert!(tree.exists("b/c.bin") && !tree.exists("build") && !tree.exists(".git"));
    }
}
