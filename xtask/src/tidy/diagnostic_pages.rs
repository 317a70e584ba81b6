//! Every code of a diagnostic has a page that explains it and a test that provokes it, and every such page has a code.
//!
//! A test provokes a code if it holds the code with a message, `E0101: the file ...`, or as it is shown, `[E0101]`. That
//! `wasmtube explain` has every page is a test of that command.

use super::{Tree, Violation};

const RULE: &str = "diagnostic-page";
const CODES: &str = "crates/ir/src/diagnostic/code.rs";
const PAGES: &str = "docs/errors/";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(source) = tree.text(CODES) else { return Vec::new() };
    let codes: Vec<(&str, usize)> =
        source.lines().zip(1..).flat_map(|(line, number)| codes(line).map(move |code| (code, number))).collect();
    if codes.is_empty() {
        return vec![Violation::new(CODES, 1, RULE, "no code is found: mend this rule")];
    }
    let missing = codes.iter().filter_map(|(code, line)| {
        let page = format!("{PAGES}{code}.md");
        let message = match tree.text(&page) {
            None => format!("{page} is missing"),
            Some(text) if !text.starts_with(&format!("# {code}")) => format!("{page} does not start with `# {code}`"),
            Some(_) => return None,
        };
        Some(Violation::new(CODES, *line, RULE, message))
    });
    let stray = tree.below(PAGES).filter_map(|(path, _)| {
        let name = path.strip_prefix(PAGES)?.strip_suffix(".md")?;
        let known = is_code(name) && codes.iter().all(|(code, _)| *code != name);
        known.then(|| Violation::new(path, 1, RULE, format!("there is no code {name} in {CODES}")))
    });
    let untested =
        codes.iter().filter(|(code, _)| !tests(tree).any(|text| is_provoked(text, code))).map(|(code, line)| {
            Violation::new(
                CODES,
                *line,
                RULE,
                format!("no test provokes {code}: none holds `{code}: MESSAGE` or `[{code}]`"),
            )
        });
    missing.chain(untested).chain(stray).collect()
}

/// Files that hold nothing but tests.
fn tests(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.texts().filter(|(path, _)| path.contains("/tests/") || path.ends_with("/tests.rs")).map(|(_, text)| text)
}

fn is_provoked(text: &str, code: &str) -> bool {
    let message = |rest: &str| rest.strip_prefix(": ").is_some_and(|message| !message.starts_with('"'));
    text.contains(&format!("[{code}]")) || text.split(code).skip(1).any(message)
}

/// Text literals of a line that are codes.
fn codes(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|text| is_code(text))
}

/// `E` and four digits.
fn is_code(text: &str) -> bool {
    text.strip_prefix('E').is_some_and(|digits| digits.len() == 4 && digits.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{CODES, check};
    use crate::tidy::check_rule;

    const SOURCE: (&str, &str) = (CODES, "codes! {\n    NotOnnx = \"E0101\", Invalid, \"E is no code\";\n}");
    const TEST: (&str, &str) = ("crates/onnx/tests/suite/files.rs", "expect![\"E0101: no\"]");

    #[test]
    fn every_code_has_a_page() {
        let page = ("docs/errors/E0101.md", "# E0101: not ONNX");
        check_rule(check, &[SOURCE, TEST, page, ("docs/errors/index.md", "")], &[]);
        let expected =
            |what| format!("crates/ir/src/diagnostic/code.rs:2: diagnostic-page: docs/errors/E0101.md {what}");
        check_rule(check, &[SOURCE, TEST], &[&expected("is missing")]);
        let page = ("docs/errors/E0101.md", "# E0102");
        check_rule(check, &[SOURCE, TEST, page], &[&expected("does not start with `# E0101`")]);
    }

    #[test]
    fn every_page_has_a_code() {
        let expected =
            "docs/errors/E0199.md:1: diagnostic-page: there is no code E0199 in crates/ir/src/diagnostic/code.rs";
        let pages = [("docs/errors/E0101.md", "# E0101"), ("docs/errors/E0199.md", "")];
        check_rule(check, &[&[SOURCE, TEST][..], &pages].concat(), &[expected]);
    }

    #[test]
    fn every_code_is_provoked() {
        let page = ("docs/errors/E0101.md", "# E0101");
        let expected = "crates/ir/src/diagnostic/code.rs:2: diagnostic-page: no test provokes E0101: none holds \
                        `E0101: MESSAGE` or `[E0101]`";
        for text in ["", "E0101", "contains(\"E0101: \")", "E0102: no"] {
            check_rule(check, &[SOURCE, page, ("crates/a/tests/b.rs", text)], &[expected]);
        }
        check_rule(check, &[SOURCE, page, ("crates/a/src/b.rs", "E0101: no")], &[expected]);
        check_rule(check, &[SOURCE, page, ("crates/a/src/b/tests.rs", "error[E0101]")], &[]);
    }

    #[test]
    fn the_rule_notices_when_it_finds_nothing() {
        let expected = "crates/ir/src/diagnostic/code.rs:1: diagnostic-page: no code is found: mend this rule";
        check_rule(check, &[(CODES, "\"X0101\"")], &[expected]);
    }
}
