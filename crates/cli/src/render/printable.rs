//! Text that comes from a file, made harmless for terminals.

use std::borrow::Cow;

/// The text with everything escaped that a terminal obeys instead of showing it: control characters, line feeds
/// included, and those that turn the direction of writing.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_obeyed)
}

/// As [`printable`], with line feeds left as they are.
pub(crate) fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character != '\n' && is_obeyed(character))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_escaped(character) {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out.into()
}

/// Whether a terminal obeys the character instead of showing it.
pub(super) fn is_obeyed(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        for (text, expected) in [
            ("plain, ünïcode 日本", "plain, ünïcode 日本"),
            ("a\x1b[31mb", "a\\u{1b}[31mb"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
        ] {
            assert_eq!(printable(text), expected);
            assert_eq!(printable(&printable(text)), expected, "escaping again changes nothing");
        }
        assert_eq!(printable_lines("a\nb\x07"), "a\nb\\u{7}");
    }
}
