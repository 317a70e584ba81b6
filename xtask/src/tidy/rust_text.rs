//! Tells code from comments and literals in Rust source, so that a rule about code is not broken by a text about it.

/// Rust source twice, each with everything else replaced by blanks: positions and lines stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RustText {
    /// Neither comments nor the content of string and character literals.
    pub code: String,
    /// Only comments, documentation included.
    pub comments: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Comment,
    Literal,
}

/// Splits source. What does not lex is split somehow: the compiler will say so.
pub(super) fn split(source: &str) -> RustText {
    let characters: Vec<char> = source.chars().collect();
    let mut text =
        RustText { code: String::with_capacity(source.len()), comments: String::with_capacity(source.len()) };
    let mut at = 0;
    while at < characters.len() {
        let (part, end) = token(&characters, at);
        for character in &characters[at..end] {
            let keep = |wanted| if *character == '\n' || part == wanted { *character } else { ' ' };
            text.code.push(keep(Part::Code));
            text.comments.push(keep(Part::Comment));
        }
        at = end;
    }
    text
}

/// What stands at `at`, and where it ends.
fn token(characters: &[char], at: usize) -> (Part, usize) {
    let peek = |ahead: usize| characters.get(at + ahead).copied();
    match (characters[at], peek(1)) {
        ('/', Some('/')) => (Part::Comment, line_end(characters, at)),
        ('/', Some('*')) => (Part::Comment, block_comment_end(characters, at)),
        ('"', _) => (Part::Literal, quoted_end(characters, at + 1, '"')),
        ('r', Some('"' | '#')) if !in_word(characters, at) => {
            raw_string_end(characters, at).map_or((Part::Code, at + 1), |end| (Part::Literal, end))
        }
        ('\'', Some('\\')) => (Part::Literal, quoted_end(characters, at + 1, '\'')),
        ('\'', Some(_)) if peek(2) == Some('\'') => (Part::Literal, at + 3),
        _ => (Part::Code, at + 1),
    }
}

/// Whether the character belongs to a longer name; `br"` and `cr"` are prefixes of literals.
fn in_word(characters: &[char], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|index| characters[index]);
    let is_name = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    match before(1) {
        Some('b' | 'c') => is_name(before(2)),
        character => is_name(character),
    }
}

fn line_end(characters: &[char], at: usize) -> usize {
    characters[at..].iter().position(|character| *character == '\n').map_or(characters.len(), |length| at + length)
}

fn block_comment_end(characters: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < characters.len() {
        match (characters[at], characters.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(characters.len())
}

/// The end of a literal with escapes whose content starts at `at`.
fn quoted_end(characters: &[char], mut at: usize, quote: char) -> usize {
    while at < characters.len() {
        match characters[at] {
            '\\' => at += 2,
            character if character == quote => return at + 1,
            _ => at += 1,
        }
    }
    characters.len()
}

/// The end of the raw string whose `r` is at `at`; nothing for a raw name such as `r#type`.
fn raw_string_end(characters: &[char], at: usize) -> Option<usize> {
    let hashes = characters[at + 1..].iter().take_while(|character| **character == '#').count();
    let content = at + 1 + hashes + 1;
    if characters.get(content - 1) != Some(&'"') {
        return None;
    }
    let closes = |end: &usize| {
        characters[*end] == '"'
            && characters[end + 1..].iter().take_while(|character| **character == '#').count() >= hashes
    };
    Some((content..characters.len()).find(closes).map_or(characters.len(), |end| end + 1 + hashes))
}

/// The lines that hold `word` as a whole word, from 1.
pub(super) fn lines_with_word<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.lines().zip(1..).filter(move |(line, _)| has_word(line, word)).map(|(_, number)| number)
}

/// Whether `word` stands in `line` and is not part of a longer name. A bound is only asked for where `word` itself
/// begins or ends like a name.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let bound =
        |inside: Option<char>, outside: Option<char>| !(inside.is_some_and(is_name) && outside.is_some_and(is_name));
    line.match_indices(word).any(|(start, found)| {
        bound(found.chars().next(), line[..start].chars().next_back())
            && bound(found.chars().next_back(), line[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::{has_word, split};

    #[track_caller]
    fn check(source: &str, code: &str, comments: &str) {
        let text = split(source);
        assert_eq!((text.code.as_str(), text.comments.as_str()), (code, comments));
    }

    #[test]
    fn comments_end_with_the_line() {
        check("a // b\nc", "a     \nc", "  // b\n ");
    }

    #[test]
    fn block_comments_nest() {
        check("a/* b /* c */ d */e", "a                 e", " /* b /* c */ d */ ");
    }

    #[test]
    fn strings_hide_comments_and_quotes() {
        check(r#"f("// \" x")y"#, "f(         )y", "             ");
    }

    #[test]
    fn raw_strings_end_with_their_hashes() {
        check("r#\"a \" b\"#+r\"c\\\"d", "          +     d", "                 ");
        check("br##\"\"# \"##x", "b          x", "            ");
    }

    #[test]
    fn raw_names_are_code() {
        check("r#type", "r#type", "      ");
    }

    #[test]
    fn lifetimes_are_not_characters() {
        check("<'a>('\"', '\\'', 'b')", "<'a>(   ,     ,    )", "                    ");
    }

    #[test]
    fn unfinished_source_ends_at_its_end() {
        for source in ["\"a", "\"\\", "/* a", "'\\", "r#\"a", "r#", "'"] {
            assert_eq!(split(source).code.chars().count(), source.chars().count(), "{source}");
        }
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("x dbg!(y)", "dbg!"));
        assert!(!has_word("undbg!(y)", "dbg!"));
        assert!(has_word("std::fs::read", "std::fs"));
        assert!(!has_word("std::fspath", "std::fs"));
        assert!(has_word("a = add(%0)", "= add("));
    }
}
