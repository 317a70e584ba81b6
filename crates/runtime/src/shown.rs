//! Names from a file as they are put into messages: not longer than a line.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

const LONGEST: usize = 96;
const LONGEST_WRITTEN: usize = 512;
const MOST: usize = 16;

/// The name, cut where it is too long to be read.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST) {
        None => name.into(),
        Some((end, _)) => format!("{}…", &name[..end]).into(),
    }
}

/// What is written, as far as it is not too long to be read.
pub(crate) fn written(value: &impl fmt::Display) -> String {
    let mut text = Bounded(String::new());
    // An error is the end of the room.
    let whole = write!(text, "{value}").is_ok();
    if whole { text.0 } else { text.0 + "…" }
}

struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = LONGEST_WRITTEN.saturating_sub(self.0.len());
        let end = text.floor_char_boundary(left);
        self.0.push_str(&text[..end]);
        if end == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// The first of several names, each not longer than a line, and how many more there are.
#[must_use]
pub fn names<S: AsRef<str>>(all: &[S]) -> String {
    let first: Vec<Cow<'_, str>> = all.iter().take(MOST).map(|name| shown(name.as_ref())).collect();
    let more = if all.len() > MOST { format!(" and {} more", all.len() - MOST) } else { String::new() };
    first.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(shown("ä"), "ä");
        assert_eq!(shown(&"ä".repeat(96)), "ä".repeat(96));
        assert_eq!(shown(&"ä".repeat(1000)), format!("{}…", "ä".repeat(96)));
        assert_eq!(written(&"ä".repeat(256)), "ä".repeat(256));
        assert_eq!(written(&"ä".repeat(1000)), format!("{}…", "ä".repeat(256)));
        assert_eq!(names(&["a", "b"]), "a, b");
        assert_eq!(names(&["a"; 20]), format!("{} and 4 more", ["a"; 16].join(", ")));
    }
}
