//! Every operator of the intermediate representation is evaluated by the interpreter and appears in a file of tests.
//!
//! The operators are the variants of `Op`. Their names in the text form are the texts that `name` answers, in the file
//! of `Op` or, where that asks further, in the file of the operator.

use super::rust_text::{has_word, lines_with_word, split};
use super::{Tree, Violation};

const RULE: &str = "operator";
const OP: &str = "crates/ir/src/op.rs";

/// A place where every operator must appear.
struct Place {
    /// For the message.
    what: &'static str,
    /// Whether the operator appears, once anything is there at all.
    holds: fn(&Tree, &Operator) -> bool,
    /// Whether anything is there.
    exists: fn(&Tree) -> bool,
}

const PLACES: [Place; 2] = [
    Place { what: "case in crates/interp/src", holds: has_case, exists: |tree| tree.exists("crates/interp/src") },
    Place {
        what: "graph in a file of tests that uses it",
        holds: is_tested,
        exists: |tree| tests(tree).next().is_some(),
    },
];

struct Operator {
    variant: String,
    line: usize,
    /// Name in the text form.
    name: String,
}

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(source) = tree.text(OP) else { return Vec::new() };
    let operators = operators(tree, source);
    if operators.is_empty() {
        return vec![Violation::new(OP, 1, RULE, "the variants of `pub enum Op` are not found: mend this rule")];
    }
    let mut violations = Vec::new();
    for place in PLACES.iter().filter(|place| (place.exists)(tree)) {
        for operator in operators.iter().filter(|operator| !(place.holds)(tree, operator)) {
            let message = format!("`{}` (`{}`) has no {}", operator.variant, operator.name, place.what);
            violations.push(Violation::new(OP, operator.line, RULE, message));
        }
    }
    violations
}

fn operators(tree: &Tree, source: &str) -> Vec<Operator> {
    let code = split(source).code;
    let variants = code.lines().zip(1..).skip_while(|(line, _)| !line.starts_with("pub enum Op ")).skip(1);
    variants
        .take_while(|(line, _)| !line.starts_with('}'))
        .filter_map(|(line, number)| Some((line.trim().split_once('(')?.0.to_owned(), number)))
        .flat_map(|(variant, line)| {
            let names = names(tree, source, &variant);
            names.into_iter().map(move |name| Operator { variant: variant.clone(), line, name })
        })
        .collect()
}

fn names(tree: &Tree, source: &str, variant: &str) -> Vec<String> {
    let arm = format!("Self::{variant}(_) => \"");
    let own = source.lines().find_map(|line| line.trim().strip_prefix(&arm)?.split_once('"'));
    if let Some((name, _)) = own {
        return vec![name.to_owned()];
    }
    let file = format!("crates/ir/src/ops/{}.rs", snake_case(variant));
    let arms = tree.text(&file).unwrap_or_default().lines().filter(|line| line.trim().starts_with("Self::"));
    let names: Vec<String> =
        arms.filter_map(|line| Some(line.split_once("=> \"")?.1.split_once('"')?.0.to_owned())).collect();
    if names.is_empty() { vec![snake_case(variant)] } else { names }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

fn has_case(tree: &Tree, operator: &Operator) -> bool {
    tree.exists(&format!("crates/interp/src/ops/{}.rs", snake_case(&operator.variant)))
        || tree
            .below("crates/interp/src/")
            .any(|(_, text)| lines_with_word(&split(text).code, &format!("Op::{}", operator.variant)).next().is_some())
}

/// Files of tests: whatever lies in a folder `tests` or in the crate that is only tests, and holds a node.
fn tests(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.texts()
        .filter(|(path, _)| {
            path.contains("/tests/") || path.starts_with("tests/") || path.starts_with("crates/conformance/")
        })
        .map(|(_, text)| text)
        .filter(|text| text.lines().any(|line| line.trim_start().starts_with('%')))
}

fn is_tested(tree: &Tree, operator: &Operator) -> bool {
    let call = format!("= {}(", operator.name);
    tests(tree).any(|text| text.lines().any(|line| has_word(line, &call)))
}

#[cfg(test)]
mod tests {
    use super::{OP, check, snake_case};
    use crate::tidy::check_rule;

    const ENUM: &str = "/// All.\npub enum Op {\n    /// See [`Pad`].\n    MaxPool(MaxPool),\n    Binary(Binary),\n}\n\
                        fn name() {\n    Self::MaxPool(_) => \"max_pool\",\n    Self::Binary(b) => b.name(),\n}\n";
    const BINARY: (&str, &str) =
        ("crates/ir/src/ops/binary.rs", "    Self::Add => \"add\",\n    Self::Sub => \"sub\",\n");

    #[test]
    fn every_operator_is_evaluated() {
        let pool = ("crates/interp/src/ops/max_pool.rs", "");
        let eval = ("crates/interp/src/eval.rs", "Op::Binary(b) => f(b)");
        check_rule(check, &[(OP, ENUM), BINARY, pool, eval], &[]);
        check_rule(
            check,
            &[(OP, ENUM), BINARY, ("crates/interp/src/eval.rs", "// Op::MaxPool\nOp::BinaryOp")],
            &[
                "crates/ir/src/op.rs:4: operator: `MaxPool` (`max_pool`) has no case in crates/interp/src",
                "crates/ir/src/op.rs:5: operator: `Binary` (`add`) has no case in crates/interp/src",
                "crates/ir/src/op.rs:5: operator: `Binary` (`sub`) has no case in crates/interp/src",
            ],
        );
    }

    #[test]
    fn every_operator_is_tested_under_every_name() {
        let text = "  %1 = max_pool(%0) {}\n  %2 = add(%1, %1)\n  %3 = sub(%2, %1)\n";
        check_rule(check, &[(OP, ENUM), BINARY, ("crates/codegen/tests/files/a.txt", text)], &[]);
        check_rule(
            check,
            &[(OP, ENUM), BINARY, ("crates/codegen/tests/files/a.txt", "  %1 = add(%0, %0) ; max_pool(")],
            &[
                "crates/ir/src/op.rs:4: operator: `MaxPool` (`max_pool`) has no graph in a file of tests that uses it",
                "crates/ir/src/op.rs:5: operator: `Binary` (`sub`) has no graph in a file of tests that uses it",
            ],
        );
    }

    #[test]
    fn the_rule_notices_when_it_finds_nothing() {
        let expected = "crates/ir/src/op.rs:1: operator: the variants of `pub enum Op` are not found: mend this rule";
        check_rule(check, &[(OP, "pub enum Operator {}")], &[expected]);
    }

    #[test]
    fn words_are_joined_by_underscores() {
        assert_eq!(snake_case("MaxPool"), "max_pool");
        assert_eq!(snake_case("Conv"), "conv");
    }
}
