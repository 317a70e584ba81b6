//! Follows the file of a configuration: what it holds comes into effect, or is refused and said to be.

use std::path::{Path, PathBuf};
use std::time::Duration;

use node::{Node, Stop};

use crate::commands::configuration;
use crate::files::{self, Content};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// A file and what was last made of it.
#[derive(Debug)]
pub(super) struct Follower {
    file: PathBuf,
    /// What it held when it last changed something; `None` where it could not be read.
    settled: Option<Vec<u8>>,
    /// What it held at the last look.
    seen: Option<Vec<u8>>,
}

impl Follower {
    /// `content` is in effect.
    pub(super) fn new(file: PathBuf, content: Vec<u8>) -> Self {
        Self { file, settled: Some(content.clone()), seen: Some(content) }
    }

    /// Looks at the file again and again until `stop` is said.
    pub(super) fn run(mut self, node: &Node, stop: &Stop) {
        while !stop.wait(LOOK) {
            let read = files::read(&self.file, Content::Text);
            let problem = read.as_ref().err().map(|error| runtime::one_line(error));
            match (self.changed(read.ok()), problem) {
                (Some(Some(content)), _) => take(node, &content, &self.file),
                (Some(None), Some(problem)) => node.refuse_configuration(problem),
                (Some(None) | None, _) => {}
            }
        }
    }

    /// What is new in the file, once two looks in a row saw it: whoever writes it may be half done at the first.
    fn changed(&mut self, found: Option<Vec<u8>>) -> Option<Option<Vec<u8>>> {
        let is_stable = self.seen == found;
        self.seen.clone_from(&found);
        if !is_stable || self.settled == found {
            return None;
        }
        self.settled.clone_from(&found);
        Some(found)
    }
}

fn take(node: &Node, content: &[u8], file: &Path) {
    match configuration::read(content, file) {
        // A refusal is noted by the node.
        Ok(config) => drop(node.apply(config)),
        Err(mistakes) => {
            let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            node.refuse_configuration(lines.join("\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_at_the_second_look() {
        let mut follower = Follower::new("node.toml".into(), b"a".to_vec());
        let mut look = |content: &str| follower.changed((!content.is_empty()).then(|| content.as_bytes().to_vec()));
        assert_eq!(look("a"), None);
        assert_eq!(look("b"), None, "it may be half written");
        assert_eq!(look("bc"), None);
        assert_eq!(look("bc"), Some(Some(b"bc".to_vec())));
        assert_eq!(look("bc"), None, "once is enough");
        assert_eq!(look(""), None);
        assert_eq!(look(""), Some(None), "the file is gone");
        assert_eq!(look(""), None);
        assert_eq!(look("bc"), None);
        assert_eq!(look("bc"), Some(Some(b"bc".to_vec())), "it is back");
        assert_eq!(look("x"), None);
        assert_eq!(look("bc"), None, "nothing has changed after all");
    }
}
