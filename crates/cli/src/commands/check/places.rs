use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Level};
use crate::commands::configuration::position;

/// Where the entries of a configuration stand in its text.
#[derive(Debug)]
pub(super) struct Places<'t> {
    text: &'t str,
    /// The text as TOML.
    table: Spanned<DeTable<'t>>,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, table: DeTable::parse_recoverable(text).0 }
    }

    /// A finding at the value of the last of these keys that there is, each within the one before.
    pub(super) fn finding(&self, level: Level, keys: &[&str], message: String, help: &str) -> Finding {
        let (line, column) = position(self.text, self.start(keys));
        Finding { level, line, column, message, help: help.into() }
    }

    fn start(&self, keys: &[&str]) -> usize {
        let mut start = self.table.span().start;
        let mut table = Some(self.table.get_ref());
        for key in keys {
            let Some(value) = table.and_then(|table| table.get(*key)) else { break };
            start = value.span().start;
            table = match value.get_ref() {
                DeValue::Table(table) => Some(table),
                DeValue::String(_)
                | DeValue::Integer(_)
                | DeValue::Float(_)
                | DeValue::Boolean(_)
                | DeValue::Datetime(_)
                | DeValue::Array(_) => None,
            };
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &[&str], expected: (usize, usize)) {
        let text =
            "[node]\nname = \"n\"\n\n[slots.stats]\nfile = \"s.wasm\"\n[routes.r]\nsource = { kind = \"push\" }\n";
        let finding = Places::new(text).finding(Level::Error, keys, String::new(), "");
        assert_eq!((finding.line, finding.column), expected, "{keys:?}");
    }

    #[test]
    fn findings_stand_at_the_value_of_their_key() {
        check(&["slots", "stats", "file"], (5, 8));
        check(&["slots", "stats", "deadline"], (4, 1));
        check(&["routes", "r", "source", "kind"], (7, 19));
        check(&["routes", "r", "source", "kind", "more"], (7, 19));
        check(&["missing"], (1, 1));
    }
}
