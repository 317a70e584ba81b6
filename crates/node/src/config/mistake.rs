//! What is wrong with a configuration file, and where.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

/// More mistakes than these are counted, not shown.
const SHOWN_MAX: usize = 100;

/// What is wrong with a configuration file: everything that was found, in the order of the text, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    mistakes: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
}

impl ConfigError {
    /// What was found, at least one.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().take(SHOWN_MAX).enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        match self.mistakes.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.what, self.help)
    }
}

/// Says that a mistake was reported, so that whoever needs what could not be read need not report it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported(());

/// Something that was read, or whose mistakes were reported.
pub(super) type Read<T> = Result<T, Reported>;

/// The mistakes that were found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    /// Where in the text they begin, what is wrong and what to do.
    found: RefCell<Vec<(usize, String, String)>>,
}

impl Mistakes {
    pub(super) fn report(&self, at: &Range<usize>, what: impl Into<String>, help: impl Into<String>) -> Reported {
        self.found.borrow_mut().push((at.start, what.into(), help.into()));
        Reported(())
    }

    /// The value if nothing is wrong anywhere.
    pub(super) fn finish<T>(self, value: Read<T>, text: &str) -> Result<T, ConfigError> {
        let mut found = self.found.into_inner();
        match value {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) | Err(Reported(())) => {}
        }
        found.sort_by_key(|(at, _, _)| *at);
        found.dedup();
        let mut cursor = Cursor { rest: text.as_bytes(), at: 0, line: 1, column: 1 };
        let placed = found.into_iter().map(|(at, what, help)| {
            let (line, column) = cursor.move_to(at);
            Mistake { line, column, what, help }
        });
        Err(ConfigError { mistakes: placed.collect() })
    }
}

/// A place in the text that only moves on.
struct Cursor<'t> {
    rest: &'t [u8],
    at: usize,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    /// Moves on to a byte of the text that does not lie before the last one; answers its line and column.
    fn move_to(&mut self, at: usize) -> (usize, usize) {
        let (passed, rest) = self.rest.split_at(at.saturating_sub(self.at).min(self.rest.len()));
        self.rest = rest;
        self.at += passed.len();
        for byte in passed {
            match byte {
                b'\n' => (self.line, self.column) = (self.line + 1, 1),
                // Bytes that continue a character are no characters.
                0x80..0xC0 => {}
                _ => self.column += 1,
            }
        }
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, places: &[usize], expected: &str) {
        let mistakes = Mistakes::default();
        for at in places {
            let _: Reported = mistakes.report(&(*at..*at), format!("x{at}"), "y");
        }
        assert_eq!(mistakes.finish(Ok(()), text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_the_text_by_line_and_character() {
        check("a\nü b\n\n", &[5, 0, 2, 7, 99], "1:1: x0: y\n2:1: x2: y\n2:3: x5: y\n3:1: x7: y\n4:1: x99: y");
        check("", &[0], "1:1: x0: y");
    }

    #[test]
    fn too_many_are_counted() {
        let text = "x".repeat(150);
        let places: Vec<usize> = (0..130).collect();
        let mistakes = Mistakes::default();
        for at in &places {
            let _: Reported = mistakes.report(&(*at..*at), "x", "y");
        }
        let error = mistakes.finish(Ok(()), &text).unwrap_err();
        assert_eq!(error.mistakes().len(), 130);
        assert!(error.to_string().ends_with("\n1:100: x: y\nand 30 more"), "{error}");
    }

    #[test]
    fn without_mistakes_there_is_a_value() {
        assert_eq!(Mistakes::default().finish(Ok(7), "text"), Ok(7));
    }
}
