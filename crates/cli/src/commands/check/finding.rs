use node::config::Mistake;
use serde::Serialize;

use crate::render::printable::printable;
use crate::render::style::Style;

/// Something that is wrong, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// Line, from 1.
    pub(super) line: usize,
    /// Character in the line, from 1.
    pub(super) column: usize,
    /// What is wrong.
    pub(super) message: String,
    /// What to do.
    pub(super) help: String,
}

/// Whether the node does what it should in spite of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// It does not start, or a part of it never works.
    Error,
    /// It does, or it will.
    Warning,
}

impl Finding {
    /// `node.toml:12:8: error: what is wrong: what to do`.
    pub(super) fn line_of(&self, file: &str, style: Style) -> String {
        let Self { level, line, column, message, help } = self;
        let level = match level {
            Level::Error => style.red("error"),
            Level::Warning => style.yellow("warning"),
        };
        let place = style.bold(format!("{file}:{line}:{column}:"));
        format!("{place} {level}: {}\n", printable(&format!("{message}: {help}")))
    }
}

impl From<Mistake> for Finding {
    fn from(mistake: Mistake) -> Self {
        let Mistake { line, column, what, help } = mistake;
        Self { level: Level::Error, line, column, message: what, help }
    }
}
