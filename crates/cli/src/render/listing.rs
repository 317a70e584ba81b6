//! Facts under each other: a name, then one or more lines that stand in one column.

use std::fmt::Write as _;

use super::printable::printable;
use super::style::Style;

const INDENT: &str = "  ";
const GAP: usize = 2;

/// Names and values, aligned.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    rows: Vec<(String, String)>,
}

impl Listing {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a row. An empty name continues the row before.
    pub(crate) fn row(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        self.rows.push((printable(name.as_ref()).into(), printable(value.as_ref()).into()));
        self
    }

    /// The text, ending with a line feed.
    pub(crate) fn text(&self, style: Style) -> String {
        let width = self.rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for (name, value) in &self.rows {
            let padding = " ".repeat(width - name.chars().count() + GAP);
            let line = format!("{INDENT}{}{padding}{value}", style.cyan(name));
            writeln!(text, "{}", line.trim_end()).expect("writing to a string cannot fail");
        }
        text
    }
}
