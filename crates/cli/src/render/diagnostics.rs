//! Why a model is refused: for people, and for programs.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use compiler::{Class, Diagnostic, Diagnostics};
use serde::Serialize;

use super::json;
use super::printable::printable;
use super::style::Style;
use super::units::plural;

/// How many nodes or tensors with the same reason are named.
const NAMES: usize = 5;

/// Every reason with its code, its places in the model and what to do; then how many there are.
pub(crate) fn text(refused: &Diagnostics, style: Style) -> String {
    let mut text = String::new();
    for group in groups(refused.reasons()) {
        let reason = group.reason;
        let code = style.red(format!("error[{}]", reason.code));
        let message = if group.count > 1 { group.message } else { reason.message.as_str() };
        let what = format!("{}{message}", place(&group));
        writeln!(text, "{code}: {}", style.bold(printable(&what))).expect(INFALLIBLE);
        if let Some(names) = names(&group) {
            let named = style.cyan(format!("{}:", group.named));
            writeln!(text, "  {named} {}", printable(&names)).expect(INFALLIBLE);
        }
        if !reason.help.is_empty() {
            writeln!(text, "  {} {}", style.cyan("help:"), printable(&reason.help)).expect(INFALLIBLE);
        }
    }
    let codes: BTreeSet<_> = refused.reasons().iter().map(|reason| reason.code).collect();
    let explain: Vec<String> = codes.iter().map(|code| format!("`wasmtube explain {code}`")).collect();
    let total = style.red(format!("refused: {}", plural(refused.reasons().len(), "reason")));
    writeln!(text, "{total}; more with {}", explain.join(", ")).expect(INFALLIBLE);
    text
}

/// Reasons that differ in their node only, or in the tensor, input or output that they are about.
struct Group<'d> {
    /// The first of them.
    reason: &'d Diagnostic,
    /// What is wrong with each.
    message: &'d str,
    count: usize,
    /// What the names name, in the plural.
    named: &'static str,
    names: Vec<&'d str>,
}

/// What a reason without a node is about, its name, and what is wrong with it: of ``tensor `w`: it is cut``.
fn subject(message: &str) -> Option<(&'static str, &str, &str)> {
    let kinds = [("tensors", "tensor `"), ("inputs", "input `"), ("outputs", "output `")];
    kinds.into_iter().find_map(|(kind, start)| {
        let (name, what) = message.strip_prefix(start)?.split_once("`: ")?;
        Some((kind, name, what))
    })
}

/// The groups in the order of their first reasons.
fn groups(reasons: &[Diagnostic]) -> Vec<Group<'_>> {
    let mut positions = HashMap::new();
    let mut groups: Vec<Group<'_>> = vec![];
    for reason in reasons {
        let (named, name, message) = match (&reason.node, subject(&reason.message)) {
            (None, Some((kind, name, what))) => (kind, Some(name), what),
            (node, _) => ("nodes", node.as_deref(), reason.message.as_str()),
        };
        let same = (reason.code, &reason.operator, named, message, &reason.help);
        let position = *positions.entry(same).or_insert(groups.len());
        if position == groups.len() {
            groups.push(Group { reason, message, count: 0, named, names: vec![] });
        }
        groups[position].count += 1;
        groups[position].names.extend(name);
    }
    groups
}

/// The first names of a group of several.
fn names(group: &Group<'_>) -> Option<String> {
    if group.count == 1 || group.names.is_empty() {
        return None;
    }
    let named: Vec<String> = group.names.iter().take(NAMES).map(|name| format!("`{name}`")).collect();
    let named = named.join(", ");
    Some(match group.count.saturating_sub(NAMES.min(group.names.len())) {
        0 => named,
        more => format!("{named} and {more} more"),
    })
}

/// `{"refused":[{"code":...}]}` in one line.
pub(crate) fn json(refused: &Diagnostics) -> serde_json::Result<String> {
    let reasons = refused.reasons().iter().map(|reason| Reason {
        code: reason.code.as_str(),
        class: class(reason.code.class()),
        node: reason.node.as_deref(),
        operator: reason.operator.as_deref(),
        message: &reason.message,
        help: &reason.help,
    });
    json::line(&Refusal { refused: reasons.collect() })
}

const INFALLIBLE: &str = "writing to a string cannot fail";

#[derive(Serialize)]
struct Refusal<'d> {
    refused: Vec<Reason<'d>>,
}

#[derive(Serialize)]
struct Reason<'d> {
    code: &'d str,
    class: &'d str,
    node: Option<&'d str>,
    operator: Option<&'d str>,
    message: &'d str,
    help: &'d str,
}

fn place(group: &Group<'_>) -> String {
    match (&group.reason.operator, &group.reason.node) {
        (None, None) if group.count > 1 && !group.names.is_empty() => format!("{} {}: ", group.count, group.named),
        (Some(operator), _) if group.count > 1 => format!("{operator}, {} times: ", group.count),
        (None, _) if group.count > 1 => format!("{} times: ", group.count),
        (Some(operator), Some(node)) => format!("{operator} at node `{node}`: "),
        (Some(operator), None) => format!("{operator}: "),
        (None, Some(node)) => format!("node `{node}`: "),
        (None, None) => String::new(),
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Invalid => "invalid",
        Class::Unsupported => "unsupported",
        Class::Internal => "internal",
    }
}
