//! Rows of cells under a heading.

use std::fmt::Write as _;

use super::printable::printable;
use super::style::Style;

const INDENT: &str = "  ";
const GAP: &str = "  ";

/// A table whose columns are as wide as they need to be.
#[derive(Debug)]
pub(crate) struct Table {
    heading: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

/// Where a cell stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

impl Table {
    pub(crate) fn new(heading: &[(&str, Align)]) -> Self {
        Self { heading: heading.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect(), rows: vec![] }
    }

    /// Adds a row; cells beyond the heading are not shown.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell).into_owned()).collect());
    }

    /// The text, ending with a line feed. A column without any content is left away.
    pub(crate) fn text(&self, style: Style) -> String {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let columns: Vec<(usize, &str, Align, usize)> = self
            .heading
            .iter()
            .enumerate()
            .filter(|(column, _)| cells(*column).any(|cell| !cell.is_empty()))
            .map(|(column, (name, align))| {
                let width = cells(column).map(|cell| cell.chars().count()).chain([name.chars().count()]).max();
                (column, name.as_str(), *align, width.unwrap_or(0))
            })
            .collect();
        let mut text = String::new();
        let heading: Vec<String> =
            columns.iter().map(|(_, name, align, width)| padded(name, &style.cyan(name), *align, *width)).collect();
        writeln!(text, "{INDENT}{}", heading.join(GAP).trim_end()).expect(INFALLIBLE);
        for row in &self.rows {
            let cell = |(column, _, align, width): &(usize, &str, Align, usize)| {
                let cell = row.get(*column).map_or("", String::as_str);
                padded(cell, cell, *align, *width)
            };
            let line: Vec<String> = columns.iter().map(cell).collect();
            writeln!(text, "{INDENT}{}", line.join(GAP).trim_end()).expect(INFALLIBLE);
        }
        text
    }
}

const INFALLIBLE: &str = "writing to a string cannot fail";

/// `shown`, which is as wide as `cell` on a terminal, with space around it.
fn padded(cell: &str, shown: &str, align: Align, width: usize) -> String {
    let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
    match align {
        Align::Left => format!("{shown}{padding}"),
        Align::Right => format!("{padding}{shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_away() {
        let mut table = Table::new(&[("slot", Align::Left), ("calls", Align::Right), ("problem", Align::Left)]);
        table.row(["stats".into(), "7".into(), String::new()]);
        table.row(["\x1b[2J".into(), "120000".into(), String::new()]);
        let style = Style::stdout();
        assert!(!style.is_colored(), "tests are not run on a terminal that shows their output");
        let expected = "  slot        calls\n  stats           7\n  \\u{1b}[2J  120000\n";
        assert_eq!(table.text(style), expected);
    }
}
