//! What a file is built from, and whether it was edited.
//!
//! Files are looked at again and again; what counts is their content. A build writes files too, perhaps beside its
//! sources: what it writes anew with the same content, or with another one in every build, is taken for its output and
//! no longer leads to a build. What changes while nothing is built was changed by somebody, and counts as a source again.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{self, Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use abi::Digest;

/// Folders that tools fill.
const IGNORED: [&str; 2] = ["target", "node_modules"];
/// Least time between two looks. A look may take a twentieth of the time, or the pause becomes longer.
const PAUSE: Duration = Duration::from_millis(50);
const SHARE: u32 = 20;
/// How long nothing may change before a build begins.
const QUIET: Duration = Duration::from_millis(30);
/// How often the files are looked at until they are quiet.
const QUIET_PAUSE: Duration = Duration::from_millis(10);
/// Larger files are not read: any new time of change counts as another content.
const READ_MAX: u64 = 4 << 20;
/// A time of change that is further in the past, or in the future, says nothing of when somebody saved the file.
const RECENT: Duration = Duration::from_secs(10);
/// After how many builds in a row what changed in all of them is output.
const IN_A_ROW: u32 = 3;

/// Why sources cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("cannot look at the source {}", path.display())]
pub(super) struct SourceError {
    path: PathBuf,
    source: io::Error,
}

/// Files and folders of sources.
pub(super) struct Sources {
    roots: Vec<PathBuf>,
    excluded: Excluded,
    seen: BTreeMap<PathBuf, Seen>,
    outputs: BTreeSet<PathBuf>,
    waiting: Option<Waiting>,
    /// How many builds in a row changed something, and what all of them changed.
    in_a_row: (u32, BTreeSet<PathBuf>),
    pause: Duration,
}

/// Files that are no sources, wherever they lie.
struct Excluded {
    /// What is built.
    built: PathBuf,
    /// Where our own output goes.
    streams: Vec<FileId>,
}

/// Device and number of a file.
type FileId = (u64, u64);

/// Somebody edited something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// When it was saved.
    pub(super) at: Instant,
    /// One of the files.
    pub(super) path: PathBuf,
}

/// What became of the sources while a build ran.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meanwhile {
    /// What has to be built now.
    pub(super) edit: Option<Edit>,
    /// What is taken for output from now on although its content changes.
    pub(super) outputs: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    changed: Option<(i64, i64)>,
    len: u64,
}

#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// `None` of a file that is not read.
    digest: Option<Digest>,
}

#[derive(Debug)]
struct Waiting {
    edit: Edit,
    quiet_since: Instant,
}

struct Changed {
    path: PathBuf,
    modified: Option<SystemTime>,
    is_same_content: bool,
}

impl Sources {
    /// Looks at the sources for the first time. `built` is no source, wherever it lies.
    pub(super) fn open(roots: &[PathBuf], built: &Path) -> Result<Self, SourceError> {
        let absolute = |path: &Path| path::absolute(path).map_err(|source| SourceError { path: path.into(), source });
        let roots: Vec<PathBuf> = if roots.is_empty() { vec![".".into()] } else { roots.to_vec() };
        for root in &roots {
            fs::metadata(root).map_err(|source| SourceError { path: root.clone(), source })?;
        }
        let roots = roots.iter().map(|root| absolute(root)).collect::<Result<_, _>>()?;
        let mut sources = Self {
            roots,
            excluded: Excluded { built: absolute(built)?, streams: streams() },
            seen: BTreeMap::new(),
            outputs: BTreeSet::new(),
            waiting: None,
            in_a_row: (0, BTreeSet::new()),
            pause: PAUSE,
        };
        sources.look();
        Ok(sources)
    }

    /// How long to wait until the next look.
    pub(super) fn pause(&self) -> Duration {
        if self.waiting.is_some() { QUIET_PAUSE } else { self.pause }
    }

    /// Looks while nothing is built; answers an edit once the files are quiet.
    pub(super) fn edited(&mut self) -> Option<Edit> {
        let changed = self.look();
        let now = Instant::now();
        for change in changed {
            self.outputs.remove(&change.path);
            if !change.is_same_content {
                self.in_a_row.0 = 0;
                self.waiting = Some(Waiting { edit: edit(change, now), quiet_since: now });
            }
        }
        let is_quiet = self.waiting.as_ref().is_some_and(|waiting| now.duration_since(waiting.quiet_since) >= QUIET);
        if is_quiet { self.waiting.take().map(|waiting| waiting.edit) } else { None }
    }

    /// Looks at the end of a build.
    pub(super) fn after_build(&mut self) -> Meanwhile {
        let changed = self.look();
        let now = Instant::now();
        let mut edited = Vec::new();
        for change in changed {
            if change.is_same_content {
                self.outputs.insert(change.path);
            } else if !self.outputs.contains(&change.path) {
                edited.push(change);
            }
        }
        let names = edited.iter().map(|change| change.path.clone()).collect::<BTreeSet<_>>();
        self.in_a_row = match &self.in_a_row {
            _ if names.is_empty() => (0, names),
            (0, _) => (1, names),
            (count, always) => (count + 1, always & &names),
        };
        let mut outputs = Vec::new();
        if self.in_a_row.0 >= IN_A_ROW {
            outputs.extend(std::mem::take(&mut self.in_a_row).1);
            self.outputs.extend(outputs.iter().cloned());
            edited.retain(|change| !outputs.contains(&change.path));
        }
        Meanwhile { edit: edited.pop().map(|change| edit(change, now)), outputs }
    }

    /// Everything that is other than at the last look.
    fn look(&mut self) -> Vec<Changed> {
        let begun = Instant::now();
        let mut found = BTreeMap::new();
        for root in &self.roots {
            walk(root, &self.excluded, &mut found);
        }
        self.pause = PAUSE.max(begun.elapsed() * SHARE);
        let mut changed = Vec::new();
        let gone: Vec<PathBuf> = self.seen.keys().filter(|path| !found.contains_key(*path)).cloned().collect();
        for path in gone {
            self.seen.remove(&path);
            changed.push(Changed { path, modified: None, is_same_content: false });
        }
        for (path, stamp) in found {
            let before = self.seen.get(&path);
            if before.is_some_and(|before| before.stamp == stamp) {
                continue;
            }
            let digest =
                if stamp.len <= READ_MAX { fs::read(&path).ok().map(|bytes| Digest::of(&bytes)) } else { None };
            let is_same_content = before.is_some_and(|before| before.digest.is_some() && before.digest == digest);
            changed.push(Changed { path: path.clone(), modified: stamp.modified, is_same_content });
            self.seen.insert(path, Seen { stamp, digest });
        }
        changed
    }
}

fn edit(change: Changed, now: Instant) -> Edit {
    let ago = change.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
    let at = ago.filter(|ago| *ago <= RECENT).and_then(|ago| now.checked_sub(ago));
    Edit { at: at.unwrap_or(now), path: change.path }
}

/// Adds the files at `path`; what cannot be read is not there. Links to folders are not followed.
fn walk(path: &Path, excluded: &Excluded, found: &mut BTreeMap<PathBuf, Stamp>) {
    let Ok(metadata) = fs::metadata(path) else { return };
    if metadata.is_file() {
        if path != excluded.built && !id(&metadata).is_some_and(|id| excluded.streams.contains(&id)) {
            found.insert(path.into(), stamp(&metadata));
        }
        return;
    }
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        let is_folder_link = || entry.file_type().is_ok_and(|kind| kind.is_symlink()) && entry.path().is_dir();
        if !is_ignored(&entry.file_name()) && !is_folder_link() {
            walk(&entry.path(), excluded, found);
        }
    }
}

fn is_ignored(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") || IGNORED.iter().any(|ignored| name == *ignored)
}

fn stamp(metadata: &Metadata) -> Stamp {
    Stamp { modified: metadata.modified().ok(), changed: changed(metadata), len: metadata.len() }
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<(i64, i64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(unix)]
fn id(metadata: &Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// Whoever keeps what we say in a file beside the sources has not edited them.
#[cfg(unix)]
fn streams() -> Vec<FileId> {
    use std::os::fd::AsFd as _;
    let (out, err) = (io::stdout(), io::stderr());
    let files = [out.as_fd().try_clone_to_owned(), err.as_fd().try_clone_to_owned()];
    files.into_iter().filter_map(|file| id(&fs::File::from(file.ok()?).metadata().ok()?)).collect()
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> Option<(i64, i64)> {
    None
}

#[cfg(not(unix))]
fn id(_: &Metadata) -> Option<FileId> {
    None
}

#[cfg(not(unix))]
fn streams() -> Vec<FileId> {
    vec![]
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    struct Project {
        folder: TempDir,
        sources: Sources,
    }

    impl Project {
        /// With the files `a.c`, `b.c` and what is to be ignored.
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            for name in [".git", "target", "node_modules", "lib"] {
                fs::create_dir(folder.path().join(name)).unwrap();
            }
            for name in ["a.c", "lib/b.c", "built.wasm", ".git/x", "target/x", "node_modules/x", ".hidden"] {
                fs::write(folder.path().join(name), name).unwrap();
            }
            let sources = Sources::open(&[folder.path().into()], &folder.path().join("built.wasm")).unwrap();
            Self { folder, sources }
        }

        fn write(&self, name: &str, text: &str) {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            // Clocks of file systems are coarse.
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_millis(text.len() as u64 + 7)).unwrap();
        }

        /// The files that changed, quiet or not.
        fn names(&mut self) -> Vec<(String, bool)> {
            let changed = self.sources.look();
            let name = |path: &Path| path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned();
            changed.iter().map(|change| (name(&change.path), change.is_same_content)).collect()
        }

        fn is_edited(&mut self) -> bool {
            self.sources.edited();
            // As if it had been quiet for long.
            if let Some(waiting) = &mut self.sources.waiting {
                waiting.quiet_since = Instant::now().checked_sub(QUIET).unwrap();
            }
            self.sources.edited().is_some()
        }
    }

    #[test]
    fn what_tools_and_builds_write_is_no_source() {
        let mut project = Project::new();
        assert_eq!(project.names(), []);
        for name in ["built.wasm", ".git/x", "target/x", "node_modules/x", "node_modules/new", ".hidden"] {
            project.write(name, "other");
        }
        assert_eq!(project.names(), []);
        project.write("a.c", "other");
        project.write("lib/b.c", "lib/b.c");
        project.write("lib/new.c", "");
        assert_eq!(project.names(), [("a.c".into(), false), ("lib/b.c".into(), true), ("lib/new.c".into(), false)]);
        fs::remove_file(project.folder.path().join("a.c")).unwrap();
        assert_eq!(project.names(), [("a.c".into(), false)]);
    }

    #[test]
    fn an_edit_counts_once_it_is_quiet() {
        let mut project = Project::new();
        assert_eq!(project.sources.pause(), project.sources.pause);
        project.write("a.c", "1");
        assert_eq!(project.sources.edited(), None, "more may follow");
        assert_eq!(project.sources.pause(), QUIET_PAUSE);
        assert!(project.is_edited());
        assert!(!project.is_edited());
        project.write("a.c", "1");
        assert!(!project.is_edited(), "it was saved without a change");
    }

    #[test]
    fn what_changes_during_a_build_is_built_once_more() {
        let mut project = Project::new();
        project.write("a.c", "during the build");
        let meanwhile = project.sources.after_build();
        assert_eq!(meanwhile.edit.unwrap().path, project.folder.path().join("a.c"));
        assert_eq!(project.sources.after_build(), Meanwhile::default());
    }

    #[test]
    fn what_a_build_writes_with_the_same_content_is_its_output_until_somebody_edits_it() {
        let mut project = Project::new();
        project.write("a.o", "object");
        assert!(project.sources.after_build().edit.is_some(), "it may be a new source");
        project.write("a.o", "object");
        assert_eq!(project.sources.after_build(), Meanwhile::default(), "it is not");
        project.write("a.o", "another object");
        assert_eq!(project.sources.after_build(), Meanwhile::default());
        project.write("a.o", "by hand");
        assert!(project.is_edited());
        project.write("a.o", "a third object");
        assert!(project.sources.after_build().edit.is_some());
    }

    #[test]
    fn what_differs_after_every_build_does_not_keep_it_building() {
        let mut project = Project::new();
        for turn in ["first", "second"] {
            project.write("log.txt", turn);
            assert!(project.sources.after_build().edit.is_some());
        }
        project.write("log.txt", "last");
        project.write("a.c", "edited");
        let Meanwhile { edit, outputs } = project.sources.after_build();
        assert_eq!(outputs, [project.folder.path().join("log.txt")]);
        assert_eq!(edit.unwrap().path, project.folder.path().join("a.c"), "it did not change in all of them");
        project.write("log.txt", "another one");
        assert_eq!(project.sources.after_build(), Meanwhile::default());
    }

    #[test]
    fn a_source_that_is_not_there_is_named() {
        let error = Sources::open(&["no-such-folder".into()], Path::new("x.wasm")).err().unwrap();
        assert_eq!(error.to_string(), "cannot look at the source no-such-folder");
    }
}
