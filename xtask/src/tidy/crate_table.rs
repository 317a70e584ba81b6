//! The table of crates in the architecture page is the rule for who may use whom, and the source of the sentence that
//! describes each crate.
//!
//! Its columns are the crate by folder, the sentence, and the crates of ours that it may use: names, `anything` or `-`.
//! What only its tests may use follows after `; in tests:`.

use super::markdown::table_rows;
use super::package::{Dependency, Package};
use super::{Tree, Violation};

const PAGE: &str = "docs/architecture.md";
const RULE: &str = "crate-table";
const HEADER: &str = "| crate | one sentence | may use |";
/// Between what a crate and what only its tests may use.
const IN_TESTS: &str = "; in tests:";

#[derive(Debug)]
struct Row<'t> {
    line: usize,
    name: &'t str,
    sentence: &'t str,
    code: Uses<'t>,
    tests: Vec<&'t str>,
}

#[derive(Debug, PartialEq)]
enum Uses<'t> {
    Anything,
    Only(Vec<&'t str>),
}

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Violation> {
    let Some(page) = tree.text(PAGE) else {
        return vec![Violation::new(PAGE, 1, RULE, "the page is missing")];
    };
    let rows: Vec<Row<'_>> = table_rows(page, HEADER).filter_map(|(line, cells)| Row::parse(line, &cells)).collect();
    if rows.is_empty() {
        return vec![Violation::new(PAGE, 1, RULE, format!("the table `{HEADER}` is missing"))];
    }
    let mut violations = Vec::new();
    for row in &rows {
        let mut report = |message: String| violations.push(Violation::new(PAGE, row.line, RULE, message));
        if packages.iter().all(|package| short_name(package) != row.name) {
            report(format!("there is no crate `{}`", row.name));
        }
        for name in row.names().filter(|name| rows.iter().all(|row| row.name != *name)) {
            report(format!("`{}` may use `{name}`, which has no row", row.name));
        }
    }
    for package in packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        match rows.iter().find(|row| row.name == short_name(package)) {
            Some(row) => check_package(tree, &manifest, package, row, packages, &mut violations),
            None => {
                let message = format!("`{}` has no row in the table of {PAGE}", short_name(package));
                violations.push(Violation::new(&manifest, 1, RULE, message));
            }
        }
    }
    violations
}

fn check_package(
    tree: &Tree,
    manifest: &str,
    package: &Package,
    row: &Row<'_>,
    packages: &[Package],
    violations: &mut Vec<Violation>,
) {
    let text = tree.text(manifest).unwrap_or_default();
    let mut report = |start: &str, message: String| {
        let line = text.lines().position(|line| line.starts_with(start)).map_or(1, |index| index + 1);
        violations.push(Violation::new(manifest, line, RULE, message));
    };
    let expected = full_name(&package.folder);
    if package.name != expected {
        report("name", format!("the package in {} is named `{expected}`, not `{}`", package.folder, package.name));
    }
    match &package.description {
        Some(description) if description == row.sentence => {}
        Some(description) => report(
            "description",
            format!("the description is `{}` in {PAGE}, line {}, not `{description}`", row.sentence, row.line),
        ),
        None => report("[package]", format!("the description is missing: `{}`", row.sentence)),
    }
    for Dependency { name, for_tests } in &package.dependencies {
        let Some(ours) = packages.iter().find(|package| package.name == *name).map(short_name) else { continue };
        if !row.allows(ours, *for_tests) {
            let tests = if *for_tests { " in tests" } else { "" };
            let message = format!("`{}` may not use `{ours}`{tests}: {PAGE}, line {}", row.name, row.line);
            report(&format!("{ours}.workspace"), message);
        }
    }
}

impl<'t> Row<'t> {
    fn parse(line: usize, cells: &[&'t str]) -> Option<Self> {
        let [name, sentence, uses] = cells else { return None };
        let (code, tests) = uses.split_once(IN_TESTS).unwrap_or((uses, ""));
        let code = match code.trim() {
            "anything" => Uses::Anything,
            "-" => Uses::Only(Vec::new()),
            names => Uses::Only(list(names)),
        };
        Some(Self { line, name: name.trim_matches('`'), sentence, code, tests: list(tests) })
    }

    fn names(&self) -> impl Iterator<Item = &'t str> {
        let code = match &self.code {
            Uses::Anything => &[][..],
            Uses::Only(names) => names,
        };
        code.iter().chain(&self.tests).copied()
    }

    fn allows(&self, name: &str, for_tests: bool) -> bool {
        let in_code = match &self.code {
            Uses::Anything => true,
            Uses::Only(names) => names.contains(&name),
        };
        in_code || for_tests && self.tests.contains(&name)
    }
}

fn list(names: &str) -> Vec<&str> {
    names.split(',').map(|name| name.trim().trim_matches('`')).filter(|name| !name.is_empty()).collect()
}

/// The name in the table, which is the folder.
fn short_name(package: &Package) -> &str {
    package.folder.rsplit('/').next().unwrap_or(&package.folder)
}

/// The name of the package in a folder.
fn full_name(folder: &str) -> String {
    folder.strip_prefix("crates/").map_or_else(|| folder.to_owned(), |name| format!("wasmtube-{name}"))
}

#[cfg(test)]
mod tests {
    use super::{HEADER, check};
    use crate::tidy::{Package, Tree, Violation, package::Dependency};

    /// Packages as `(folder, description, dependencies in code, dependencies in tests)`.
    #[track_caller]
    fn check_table(rows: &str, packages: &[(&str, &str, &str, &str)], expected: &[&str]) {
        let page = format!("# Title\n\n{HEADER}\n|---|---|---|\n{rows}\n\nMore.\n");
        let dependencies = |names: &str, for_tests| {
            let names: Vec<&str> = names.split_whitespace().collect();
            names.into_iter().map(move |name| Dependency { name: format!("wasmtube-{name}"), for_tests }).collect()
        };
        let packages: Vec<Package> = packages
            .iter()
            .map(|(folder, description, code, tests)| Package {
                name: format!("wasmtube-{folder}"),
                folder: format!("crates/{folder}"),
                description: Some((*description).to_owned()),
                dependencies: [dependencies(code, false), dependencies(tests, true)]
                    .into_iter()
                    .collect::<Vec<Vec<_>>>()
                    .concat(),
            })
            .collect();
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nir.workspace = true\n";
        let tree = Tree::of(&[("docs/architecture.md", &page), ("crates/onnx/Cargo.toml", manifest)]);
        let found: Vec<String> = check(&tree, &packages).iter().map(Violation::to_string).collect();
        assert_eq!(found, expected);
    }

    const IR: (&str, &str, &str, &str) = ("ir", "Graphs", "", "");

    #[test]
    fn what_the_table_allows_passes() {
        let rows = "| `ir` | Graphs | - |\n| `onnx` | Reads | ir; in tests: suite |\n| `suite` | Tests | anything |";
        let onnx = ("onnx", "Reads", "ir serde", "suite");
        check_table(rows, &[IR, onnx, ("suite", "Tests", "ir onnx", "")], &[]);
    }

    #[test]
    fn what_it_does_not_allow_is_found_in_the_manifest() {
        let rows = "| `ir` | Graphs | - |\n| `onnx` | Reads | -; in tests: ir |";
        let expected = "crates/onnx/Cargo.toml:4: crate-table: `onnx` may not use `ir`: docs/architecture.md, line 6";
        check_table(rows, &[IR, ("onnx", "Reads", "ir", "")], &[expected]);
        check_table(rows, &[IR, ("onnx", "Reads", "", "ir")], &[]);
        let rows = "| `ir` | Graphs | - |\n| `onnx` | Reads | - |";
        let expected =
            "crates/onnx/Cargo.toml:4: crate-table: `onnx` may not use `ir` in tests: docs/architecture.md, line 6";
        check_table(rows, &[IR, ("onnx", "Reads", "", "ir")], &[expected]);
    }

    #[test]
    fn rows_and_crates_are_the_same() {
        let expected = [
            "docs/architecture.md:5: crate-table: there is no crate `plan`",
            "docs/architecture.md:5: crate-table: `plan` may use `ir`, which has no row",
            "crates/ir/Cargo.toml:1: crate-table: `ir` has no row in the table of docs/architecture.md",
        ];
        check_table("| `plan` | Places | ir |", &[IR], &expected);
    }

    #[test]
    fn descriptions_are_the_sentences() {
        let expected = "crates/ir/Cargo.toml:1: crate-table: \
                        the description is `Graphs and more` in docs/architecture.md, line 5, not `Graphs`";
        check_table("| `ir` | Graphs and more | - |", &[IR], &[expected]);
    }

    #[test]
    fn the_table_must_be_there() {
        let found = |tree: &Tree| check(tree, &[]).iter().map(Violation::to_string).collect::<Vec<_>>();
        assert_eq!(found(&Tree::default()), ["docs/architecture.md:1: crate-table: the page is missing"]);
        let tree = Tree::of(&[("docs/architecture.md", "| crate | uses |\n|---|---|\n| a | b |")]);
        assert_eq!(found(&tree), [format!("docs/architecture.md:1: crate-table: the table `{HEADER}` is missing")]);
    }
}
