//! Which files the parts of a node read and write, so that no two get into each other's way.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::mistake::Mistakes;

/// What is done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A slot takes its versions from it, and writes those that are pushed.
    Slot,
    /// A source reads it.
    Source,
    /// A sink writes it.
    Sink,
    /// A sink keeps its older events in it.
    Older,
}

/// The uses of all files.
#[derive(Debug, Default)]
pub(super) struct Files {
    uses: Vec<Noted>,
}

#[derive(Debug)]
struct Noted {
    what: Use,
    path: PathBuf,
    /// The table of the slot or route.
    whose: String,
    at: Range<usize>,
}

impl Files {
    /// Notes that a file is used by a slot or route.
    pub(super) fn note(&mut self, what: Use, path: &Path, whose: &str, at: Range<usize>) {
        let mut add = |what: Use, path: PathBuf| {
            self.uses.push(Noted { what, path, whose: whose.to_owned(), at: at.clone() });
        };
        let plain = plain(path);
        if what == Use::Sink {
            add(Use::Older, older(&plain));
        }
        add(what, plain);
    }

    /// Reports every file that a sink writes and something else uses, and those in the folder of the node.
    pub(super) fn check(mut self, data: Option<&Path>, mistakes: &Mistakes) {
        let data = data.map(plain);
        self.uses.sort_by_key(|noted| noted.at.start);
        let mut by_path: BTreeMap<&Path, Vec<&Noted>> = BTreeMap::new();
        for noted in &self.uses {
            by_path.entry(&noted.path).or_default().push(noted);
            if noted.what == Use::Sink && data.as_ref().is_some_and(|data| noted.path.starts_with(data)) {
                let what = format!("{}, which lies in the folder of the node, `data` of [node]", noted.sentence());
                mistakes.report(&noted.at, what, "choose a file elsewhere");
            }
        }
        for uses in by_path.values() {
            let (mut first, mut first_writing) = (None, None);
            for noted in uses {
                let other: Option<&Noted> = if noted.is_writing() { first } else { first_writing };
                // Whose files are the same has the same older files, which need not be said as well.
                if let Some(other) = other.filter(|other| (noted.what, other.what) != (Use::Older, Use::Older)) {
                    let what = format!("{}, while {}", noted.sentence(), other.sentence());
                    mistakes.report(&noted.at, what, "choose another file for one of them");
                }
                first = first.or(Some(noted));
                first_writing = first_writing.or(noted.is_writing().then_some(*noted));
            }
        }
    }
}

impl Noted {
    fn is_writing(&self) -> bool {
        match self.what {
            Use::Sink | Use::Older => true,
            Use::Slot | Use::Source => false,
        }
    }

    fn sentence(&self) -> String {
        let (whose, path) = (&self.whose, super::suggest::shortened(&self.path.display().to_string()));
        match self.what {
            Use::Slot => format!("{whose} takes its versions from {path}"),
            Use::Source => format!("the source of {whose} reads {path}"),
            Use::Sink => format!("a sink of {whose} writes {path}"),
            Use::Older => format!("a sink of {whose} keeps its older events in {path}"),
        }
    }
}

/// Where a sink keeps the events before those in its file.
pub(super) fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    name.into()
}

/// The path without `.` and `..`, as far as that can be said without looking at the files.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            // Above the root is the root.
            Component::ParentDir if plain.has_root() => {}
            Component::ParentDir | Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                plain.push(component);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_detours() {
        for (path, expected) in [
            ("a/./b", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("../../a/..", "../.."),
            ("/../a", "/a"),
            ("/a/b/../../..", "/"),
            ("", ""),
        ] {
            assert_eq!(plain(Path::new(path)), Path::new(expected), "{path}");
        }
    }

    #[test]
    fn older_events_are_beside_the_newer() {
        assert_eq!(older(Path::new("x/out.jsonl")), Path::new("x/out.jsonl.1"));
    }
}
