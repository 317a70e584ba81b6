//! The house rules that no compiler knows, one file each. Every rule is a function from the [`Tree`] of files to
//! [`Violation`]s, so it is tested on trees of a few lines.

use std::fmt;
use std::path::Path;

mod crate_table;
mod diagnostic_pages;
mod file_length;
mod file_name;
mod forbidden_code;
mod forbidden_words;
mod headers;
mod links;
mod markdown;
mod operators;
mod package;
mod purity;
mod rust_text;
mod tree;

pub use package::Package;
pub use tree::Tree;

/// One rule broken in one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// File, from the root of the workspace.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Name of the rule.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Violation {
    fn new(path: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.message)
    }
}

/// Every rule over the files and packages of the workspace at `root`, in the order of the files.
///
/// # Errors
/// The files or `cargo metadata` cannot be read.
pub fn check_workspace(root: &Path) -> anyhow::Result<Vec<Violation>> {
    Ok(check(&Tree::read(root)?, &package::read(root)?))
}

/// Every rule.
#[must_use]
pub fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let mut violations = crate_table::check(tree, packages);
    let rules = [
        diagnostic_pages::check,
        file_length::check,
        file_name::check,
        forbidden_code::check,
        forbidden_words::check,
        headers::check,
        links::check,
        operators::check,
        purity::check,
    ];
    violations.extend(rules.iter().flat_map(|rule| rule(tree)));
    violations.sort();
    violations
}

/// What a rule says of a tree of `(path, text)`, one line each: the only place where tests of rules touch them.
#[cfg(test)]
#[track_caller]
fn check_rule(rule: fn(&Tree) -> Vec<Violation>, files: &[(&str, &str)], expected: &[&str]) {
    let found: Vec<String> = rule(&Tree::of(files)).iter().map(Violation::to_string).collect();
    assert_eq!(found, expected);
}
