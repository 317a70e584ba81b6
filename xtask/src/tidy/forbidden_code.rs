//! Nothing unfinished, no left-over of debugging, no test that is switched off, no output but where output is the job.

use super::rust_text::{has_word, lines_with_word, split};
use super::{Tree, Violation};

const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];
/// With a message, blanks stand between the parentheses.
const SILENT: &str = "unreachable!()";
const OUTPUT: [&str; 4] = ["println!", "eprintln!", "print!", "eprint!"];
/// Words in comments that promise something; in two parts, so that this file does not hold them.
const PROMISES: [&str; 3] = [concat!("FIX", "ME"), concat!("XX", "X"), concat!("TO", "DO")];

/// Programs and tests: their output is for people.
fn may_print(path: &str) -> bool {
    let programs = ["crates/cli/", "xtask/", "crates/conformance/"];
    programs.iter().any(|program| path.starts_with(program))
        || path.ends_with("/build.rs")
        || path.ends_with("/src/main.rs")
        || ["/src/bin/", "/examples/", "/tests/", "/benches/"].iter().any(|folder| format!("/{path}").contains(folder))
}

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.ending(".rs").flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, source: &str) -> Vec<Violation> {
    let text = split(source);
    let mut violations = Vec::new();
    let mut report = |lines: &mut dyn Iterator<Item = usize>, message: String| {
        violations.extend(lines.map(|line| Violation::new(path, line, "forbidden-code", message.clone())));
    };
    for name in UNFINISHED {
        report(&mut lines_with_word(&text.code, name), format!("no `{name}`"));
    }
    let message = "no `unreachable!` without a message: say why it is".to_owned();
    report(&mut lines_with_word(&text.code, SILENT), message);
    if !may_print(path) {
        for name in OUTPUT {
            let message = format!("no `{name}` in a library: return a value, or use `tracing`");
            report(&mut lines_with_word(&text.code, name), message);
        }
    }
    for word in PROMISES {
        let message = format!("no `{word}`: do it, or write an issue");
        report(&mut lines_with_word(&text.comments, word), message);
    }
    let switched_off = text.code.lines().zip(text.comments.lines()).zip(1..).filter(|((code, comment), _)| {
        code.contains("#[ignore")
            || has_word(code, "cfg_attr") && has_word(code, "ignore")
            || comment.contains("```ignore")
    });
    let message = "no test is switched off: assert what happens today and name it `known_wrong_...`".to_owned();
    report(&mut switched_off.map(|(_, number)| number), message);
    violations
}

#[cfg(test)]
mod tests {
    use super::{PROMISES, check};
    use crate::tidy::check_rule;

    #[test]
    fn nothing_is_unfinished() {
        check_rule(check, &[("a.rs", "// todo! in words\nlet x = \"dbg!\";\nmy_todo!()")], &[]);
        check_rule(
            check,
            &[("a.rs", "dbg!(x)\n\ntodo!()"), ("b.rs", "unimplemented!()")],
            &[
                "a.rs:3: forbidden-code: no `todo!`",
                "a.rs:1: forbidden-code: no `dbg!`",
                "b.rs:1: forbidden-code: no `unimplemented!`",
            ],
        );
    }

    #[test]
    fn what_cannot_be_reached_says_why() {
        let text = "unreachable!(\"there is one\");\nunreachable!()";
        let expected = "a.rs:2: forbidden-code: no `unreachable!` without a message: say why it is";
        check_rule(check, &[("a.rs", text)], &[expected]);
    }

    #[test]
    fn only_programs_print() {
        let text = "println!(); eprint!();";
        for path in [
            "crates/cli/src/a.rs",
            "xtask/src/a.rs",
            "crates/a/examples/b.rs",
            "crates/a/build.rs",
            "crates/conformance/src/a.rs",
        ] {
            check_rule(check, &[(path, text)], &[]);
        }
        check_rule(
            check,
            &[("crates/runtime/src/lib.rs", text), ("crates/runtime/tests/a.rs", text)],
            &[
                "crates/runtime/src/lib.rs:1: forbidden-code: no `println!` in a library: return a value, or use `tracing`",
                "crates/runtime/src/lib.rs:1: forbidden-code: no `eprint!` in a library: return a value, or use `tracing`",
            ],
        );
    }

    #[test]
    fn comments_promise_nothing() {
        check_rule(check, &[("a.rs", &format!("let s = \"{}\";", PROMISES[0]))], &[]);
        for word in PROMISES {
            let expected = format!("a.rs:2: forbidden-code: no `{word}`: do it, or write an issue");
            check_rule(check, &[("a.rs", &format!("\n// {word}: later"))], &[&expected]);
        }
    }

    #[test]
    fn tests_are_not_switched_off() {
        let expected =
            "a.rs:1: forbidden-code: no test is switched off: assert what happens today and name it `known_wrong_...`";
        check_rule(check, &[("a.rs", "fn ignore(ignored: bool) {}\n/// ```text\n")], &[]);
        for text in ["#[ignore = \"slow\"]", "#[cfg_attr(windows, ignore)]", "/// ```ignore"] {
            check_rule(check, &[("a.rs", text)], &[expected]);
        }
    }
}
