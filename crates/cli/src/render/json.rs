//! JSON text: a line for programs, indented for people. Nothing in it commands a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;
use serde::de::IgnoredAny;

use super::printable::is_obeyed;

const INDENT: &str = "  ";
/// How many times longer than the text its indented form may be, beyond the bytes that any text may take.
const GROWTH_MAX: usize = 8;
const GROWTH_FREE: usize = 64 << 10;
const INFALLIBLE: &str = "writing to a string cannot fail";

/// The value in one line, with its line feed.
///
/// # Errors
/// The value has no form in JSON.
pub(crate) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(format!("{}\n", harmless(&serde_json::to_string(value)?)))
}

/// The same JSON with everything escaped that a terminal obeys and that JSON allows in its strings as it is.
pub(crate) fn harmless(json: &str) -> Cow<'_, str> {
    // Those of ASCII but DEL are no part of a string, they are the spaces between the parts.
    let is_escaped = |character: char| character >= '\x7f' && is_obeyed(character);
    if !json.contains(is_escaped) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        push(&mut out, character, is_escaped(character));
    }
    out.into()
}

fn push(out: &mut String, character: char, escaped: bool) {
    if escaped {
        write!(out, "\\u{:04x}", u32::from(character)).expect(INFALLIBLE);
    } else {
        out.push(character);
    }
}

/// The text with one field or element a line, every number and the order of the fields as they were written, or all in one line where deep nesting would make it many times longer.
///
/// # Errors
/// The text is not JSON.
pub(crate) fn indented(text: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text)?;
    let longest = text.len().saturating_mul(GROWTH_MAX).saturating_add(GROWTH_FREE);
    Ok(laid_out(text, Layout::Lines, longest)
        .unwrap_or_else(|| laid_out(text, Layout::Line, usize::MAX).unwrap_or_default()))
}

/// How the parts of a text are set apart.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Lines,
    Line,
}

/// `None` if it grows longer than `longest`.
fn laid_out(text: &str, layout: Layout, longest: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut characters = text.chars().filter(not_space()).peekable();
    let mut inside = Inside::Structure;
    while let Some(character) = characters.next() {
        inside = match (inside, character) {
            (Inside::Text, '\\') => Inside::Escape,
            (Inside::Text, '"') => Inside::Structure,
            (Inside::Text | Inside::Escape, _) => Inside::Text,
            (Inside::Structure, '"') => Inside::Text,
            (Inside::Structure, _) => Inside::Structure,
        };
        let is_structure = inside == Inside::Structure && character != '"';
        match character {
            '{' | '[' if is_structure => {
                out.push(character);
                if matches!(characters.peek(), Some('}' | ']')) {
                    out.extend(characters.next());
                } else {
                    depth += 1;
                    layout.new_line(&mut out, depth);
                }
            }
            '}' | ']' if is_structure => {
                depth = depth.saturating_sub(1);
                layout.new_line(&mut out, depth);
                out.push(character);
            }
            ',' if is_structure => {
                out.push(character);
                layout.new_line(&mut out, depth);
            }
            ':' if is_structure => out.push_str(": "),
            _ => push(&mut out, character, is_obeyed(character)),
        }
        if out.len() > longest {
            return None;
        }
    }
    Some(out)
}

/// Where the reader of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Structure,
    Text,
    Escape,
}

/// Keeps everything but the spaces between the parts of the text.
fn not_space() -> impl FnMut(&char) -> bool {
    let mut in_text = false;
    let mut escaped = false;
    move |character| {
        let keep = in_text || !character.is_ascii_whitespace();
        match character {
            '"' if !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = in_text && *character == '\\' && !escaped;
        keep
    }
}

impl Layout {
    fn new_line(self, out: &mut String, depth: usize) {
        match self {
            Self::Lines => {
                out.push('\n');
                out.extend(std::iter::repeat_n(INDENT, depth));
            }
            Self::Line => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{harmless, indented, line};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = indented(text).unwrap();
        assert_eq!(found, expected);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(text), value(&found));
    }

    #[test]
    fn fields_keep_their_order_and_numbers_their_digits() {
        check(
            "{\"z\":1.50,\"a\" : [1e2,-0], \"e\":{},\"n\":[ ]}",
            "{\n  \"z\": 1.50,\n  \"a\": [\n    1e2,\n    -0\n  ],\n  \"e\": {},\n  \"n\": []\n}",
        );
    }

    #[test]
    fn texts_are_left_alone() {
        check(r#"{"a b":"x, {y}: \"[z]\" \\"}"#, "{\n  \"a b\": \"x, {y}: \\\"[z]\\\" \\\\\"\n}");
        check("\" a \\\\\"", "\" a \\\\\"");
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let (obeyed, escaped) = ("\"\u{9b}2J\u{7f}\u{85}gpj.\u{202e}é\"", r#""\u009b2J\u007f\u0085gpj.\u202eé""#);
        check(obeyed, escaped);
        assert_eq!(harmless(obeyed), escaped);
        assert_eq!(harmless("{ \"é\":\n\t1 }"), "{ \"é\":\n\t1 }");
        assert_eq!(line(&["\u{85}\n"]).unwrap(), "[\"\\u0085\\n\"]\n");
    }

    #[test]
    fn deep_nesting_is_not_indented_without_end() {
        let depth = 200_000;
        let deep = format!("{}{}", "[ ".repeat(depth), "]".repeat(depth));
        assert_eq!(indented(&deep).unwrap(), deep.replace(' ', ""));
        let wide = format!("{}{}0{}", "[".repeat(200), "0,".repeat(100_000), "]".repeat(200));
        assert_eq!(indented(&wide).unwrap().replace("\n", "").replace(' ', ""), wide);
        assert!(indented(&wide).unwrap().len() <= 8 * wide.len() + (64 << 10));
        let usual = format!("{}0{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(indented(&usual).unwrap().lines().count(), 201);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "{", "mean", "[1,]", "1 2"] {
            assert!(indented(text).is_err(), "{text}");
        }
    }
}
