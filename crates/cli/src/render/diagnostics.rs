//! Why a model is refused: for people, and for programs.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use compiler::{Class, Diagnostic, Diagnostics};
use serde::Serialize;

use super::printable::printable;
use super::style::Style;
use super::units::plural;

/// How many nodes with the same reason are named.
const NODES: usize = 5;

/// Every reason with its code, its places in the model and what to do; then how many there are.
pub(crate) fn text(refused: &Diagnostics, style: Style) -> String {
    let mut text = String::new();
    for group in groups(refused.reasons()) {
        let reason = group.reason;
        let code = style.red(format!("error[{}]", reason.code));
        let what = format!("{}{}", place(&group), reason.message);
        writeln!(text, "{code}: {}", style.bold(printable(&what))).expect(INFALLIBLE);
        if let Some(nodes) = nodes(&group) {
            writeln!(text, "  {} {}", style.cyan("nodes:"), printable(&nodes)).expect(INFALLIBLE);
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

/// Reasons that differ in their node only.
struct Group<'d> {
    /// The first of them.
    reason: &'d Diagnostic,
    count: usize,
    nodes: Vec<&'d str>,
}

/// The groups in the order of their first reasons.
fn groups(reasons: &[Diagnostic]) -> Vec<Group<'_>> {
    let mut positions = HashMap::new();
    let mut groups: Vec<Group<'_>> = vec![];
    for reason in reasons {
        let same = (reason.code, &reason.operator, &reason.message, &reason.help);
        let position = *positions.entry(same).or_insert(groups.len());
        if position == groups.len() {
            groups.push(Group { reason, count: 0, nodes: vec![] });
        }
        groups[position].count += 1;
        groups[position].nodes.extend(reason.node.as_deref());
    }
    groups
}

/// The first nodes of a group of several.
fn nodes(group: &Group<'_>) -> Option<String> {
    if group.count == 1 || group.nodes.is_empty() {
        return None;
    }
    let named: Vec<String> = group.nodes.iter().take(NODES).map(|node| format!("`{node}`")).collect();
    let named = named.join(", ");
    Some(match group.count.saturating_sub(NODES.min(group.nodes.len())) {
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
    serde_json::to_string(&Refusal { refused: reasons.collect() })
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
