//! A file is named after the one thing in it.

use super::{Tree, Violation};

/// `(name, what to do)`
const NAMES: [(&str, &str); 4] = [
    ("mod.rs", "name the file after the module, beside its folder"),
    ("utils.rs", "name the file after the one thing in it"),
    ("util.rs", "name the file after the one thing in it"),
    ("helpers.rs", "name the file after the one thing in it"),
];

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    tree.ending(".rs")
        .filter_map(|(path, _)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let (_, remedy) = NAMES.iter().find(|(forbidden, _)| *forbidden == name)?;
            Some(Violation::new(path, 1, "file-name", format!("no `{name}`: {remedy}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::check_rule;

    #[test]
    fn names_say_what_is_inside() {
        check_rule(check, &[("a/src/model.rs", ""), ("a/src/my_utils.rs", ""), ("utils.md", "")], &[]);
        check_rule(
            check,
            &[("a/src/mod.rs", ""), ("a/utils.rs", "")],
            &[
                "a/src/mod.rs:1: file-name: no `mod.rs`: name the file after the module, beside its folder",
                "a/utils.rs:1: file-name: no `utils.rs`: name the file after the one thing in it",
            ],
        );
    }
}
