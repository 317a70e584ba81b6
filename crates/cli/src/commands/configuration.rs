//! Reading the file that says what a node is.

use std::path::Path;

use node::Config;
use node::config::Mistake;

/// What a configuration file holds; its relative paths begin at its folder.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(content: &[u8], file: &Path) -> Result<Config, Vec<Mistake>> {
    let text = std::str::from_utf8(content).map_err(|error| vec![not_text(content, error.valid_up_to())])?;
    let folder = file.parent().unwrap_or(Path::new(""));
    Config::parse(text, folder).map_err(|error| error.mistakes().to_vec())
}

/// Line and character of a byte in a text, from 1.
pub(super) fn position(text: &str, byte: usize) -> (usize, usize) {
    let before: String = text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, character)| character).collect();
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}

fn not_text(content: &[u8], valid: usize) -> Mistake {
    let before = String::from_utf8_lossy(&content[..valid]);
    let (line, column) = position(&before, valid);
    Mistake { line, column, what: "this is not text".into(), help: "save the file as UTF-8".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_editors() {
        let text = "ab\nüx\n\nz";
        for (byte, expected) in
            [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (5, (2, 2)), (7, (3, 1)), (8, (4, 1)), (99, (4, 2))]
        {
            assert_eq!(position(text, byte), expected, "{byte}");
        }
    }

    #[test]
    fn what_is_no_text_has_a_place() {
        let mistakes = read(b"[node]\nname = \"\xff\"", Path::new("node.toml")).unwrap_err();
        let places: Vec<(usize, usize)> = mistakes.iter().map(|mistake| (mistake.line, mistake.column)).collect();
        assert_eq!(places, [(2, 9)]);
    }
}
