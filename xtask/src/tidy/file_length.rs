//! Files are short. Past [`LONG`] lines the module documentation says why, on a line that starts with [`REASON`]; past
//! [`MOST`] a file is listed here with its reason. Tests are exempt from the first.

use super::{Tree, Violation};

const LONG: usize = 600;
const MOST: usize = 1000;
const REASON: &str = "//! Length:";
/// Generated code and flat tables that may be as long as they are: `(path, reason)`.
const EXEMPT: &[(&str, &str)] = &[];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.ending(".rs").filter_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Option<Violation> {
    let lines = text.lines().count();
    let violation = |most: usize, remedy: &str| {
        Some(Violation::new(path, most + 1, "file-length", format!("{lines} lines are more than {most}: {remedy}")))
    };
    if lines > MOST && EXEMPT.iter().all(|(exempt, _)| *exempt != path) {
        violation(MOST, "split the file")
    } else if lines > LONG && !is_test(path) && !text.lines().any(|line| line.starts_with(REASON)) {
        violation(LONG, &format!("split the file, or say why it is one with `{REASON}` in its documentation"))
    } else {
        None
    }
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::check_rule;

    #[track_caller]
    fn check_length(path: &str, first: &str, lines: usize, expected: &[&str]) {
        let text = format!("{first}{}", "\n".repeat(lines));
        check_rule(check, &[(path, &text)], expected);
    }

    #[test]
    fn a_long_file_says_why() {
        let expected = "a.rs:601: file-length: 601 lines are more than 600: \
                        split the file, or say why it is one with `//! Length:` in its documentation";
        check_length("a.rs", "", 600, &[]);
        check_length("a.rs", "", 601, &[expected]);
        check_length("a.rs", "//! Length: one table.", 1000, &[]);
    }

    #[test]
    fn nothing_is_longer_than_the_limit() {
        let expected = |path: &str| format!("{path}:1001: file-length: 1001 lines are more than 1000: split the file");
        check_length("a.rs", "//! Length: one table.", 1001, &[&expected("a.rs")]);
        check_length("a/tests.rs", "", 1000, &[]);
        check_length("a/tests/b.rs", "", 1000, &[]);
        check_length("a/tests.rs", "", 1001, &[&expected("a/tests.rs")]);
    }
}
