//! What the ONNX specification says of its operators: in which operator sets a version of one holds, how many inputs
//! and outputs it has, and which attributes.
//!
//! `schemas.py` writes the table and says how its lines are read.

use std::sync::LazyLock;

use ir::Code;

use super::attributes::{Attributes, Kind};
use super::call::missing;
use super::refusal::{Refusal, Result};
use crate::model::shown;

const TABLE: &str = include_str!("../../schemas.txt");

/// All versions, ascending by name and then by operator set.
static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    TABLE.lines().map(|line| parse(line).expect("schemas.py writes this form, and a test reads it")).collect()
});

/// One version of an operator.
#[derive(Debug)]
pub(super) struct Schema {
    name: &'static str,
    /// The first operator set of this version.
    since: i64,
    /// `None` of an operator that was withdrawn.
    declared: Option<Declared>,
}

#[derive(Debug)]
struct Declared {
    inputs: Vec<Parameter>,
    outputs: Vec<Parameter>,
    attributes: Vec<Attribute>,
}

#[derive(Debug)]
struct Parameter {
    name: &'static str,
    option: Presence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
    /// Any number of them.
    Any,
    /// One or more of them.
    Some,
}

#[derive(Debug)]
struct Attribute {
    name: &'static str,
    kind: Kind,
    is_required: bool,
}

impl Schema {
    /// The version of the operator that holds in an operator set.
    ///
    /// # Errors
    /// Where the operator does not exist there.
    pub(super) fn of(operator: &str, opset: i64) -> Result<&'static Self> {
        let after = SCHEMAS.partition_point(|schema| (schema.name, schema.since) <= (operator, opset));
        let absent = |help: String| {
            let message = format!("the operator does not exist in operator set {opset}");
            Refusal::new(Code::UnsupportedOperator, message, help)
        };
        match (&SCHEMAS[..after], &SCHEMAS[after..]) {
            ([.., schema], _) if schema.name == operator => match schema.declared {
                Some(_) => Ok(schema),
                None => Err(absent(format!("export the model again; operator set {} withdrew it", schema.since))),
            },
            (_, [schema, ..]) if schema.name == operator => {
                Err(absent(format!("export the model for operator set {} or newer", schema.since)))
            }
            _ => Err(absent("export the model again, and run `onnx.checker.check_model` on it".into())),
        }
    }

    /// Judges the names of inputs and outputs, of which an empty one is left out, and the attributes.
    ///
    /// # Errors
    /// What the version of the operator does not allow.
    pub(super) fn check(
        &self,
        inputs: &[&str],
        outputs: &[&str],
        attributes: &Attributes<'_>,
        opset: i64,
    ) -> Result<()> {
        let Some(declared) = &self.declared else { return Ok(()) };
        check_count("takes", "input", &declared.inputs, inputs)?;
        if let Some((parameter, _)) = declared
            .inputs
            .iter()
            .zip(inputs)
            .find(|(parameter, name)| parameter.option == Presence::Required && name.is_empty())
        {
            return Err(Refusal::input(format!("the input `{}` is left out", parameter.name)));
        }
        check_count("has", "output", &declared.outputs, outputs)?;
        for (name, kind) in attributes.given() {
            let Some(attribute) = declared.attributes.iter().find(|attribute| attribute.name == name) else {
                return Err(Refusal::new(
                    Code::BadAttribute,
                    format!("`{}` is not an attribute of {} in operator set {opset}", shown(name), self.name),
                    "export the model again; the attribute belongs to another version of the operator",
                ));
            };
            if attribute.kind != kind {
                return Err(Refusal::attribute(format!("the attribute `{name}` must be {}", attribute.kind)));
            }
        }
        match declared.attributes.iter().find(|attribute| attribute.is_required && !attributes.has(attribute.name)) {
            Some(attribute) => Err(missing(attribute.name)),
            None => Ok(()),
        }
    }
}

fn check_count(verb: &str, noun: &str, parameters: &[Parameter], names: &[&str]) -> Result<()> {
    let is_needed = |parameter: &Parameter| matches!(parameter.option, Presence::Required | Presence::Some);
    let least = parameters.iter().rposition(is_needed).map_or(0, |last| last + 1);
    let is_list = |parameter: &Parameter| matches!(parameter.option, Presence::Any | Presence::Some);
    let most = if parameters.last().is_some_and(is_list) { usize::MAX } else { parameters.len() };
    // Those left out at the end do not count, but they may not be more than there are.
    let given = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
    let found = if names.len() > most { names.len() } else { given };
    if (least..=most).contains(&found) {
        return Ok(());
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    Err(Refusal::input(match (least, most) {
        (least, most) if least == most => format!("{verb} {least} {noun}{}, not {found}", plural(least)),
        (least, usize::MAX) => format!("{verb} {least} or more {noun}s, not {found}"),
        (least, most) => format!("{verb} {least} to {most} {noun}s, not {found}"),
    }))
}

fn parse(line: &'static str) -> Option<Schema> {
    let (version, rest) = line.split_once(" :")?;
    let (name, since) = version.split_once(' ')?;
    let since = since.parse().ok()?;
    if rest == " deprecated" {
        return Some(Schema { name, since, declared: None });
    }
    let (inputs, rest) = rest.split_once("->")?;
    let (outputs, attributes) = rest.split_once(" :")?;
    let parameters = |text: &'static str| text.split_whitespace().map(parameter).collect();
    let attributes = attributes.split_whitespace().map(attribute).collect::<Option<_>>()?;
    let declared = Some(Declared { inputs: parameters(inputs), outputs: parameters(outputs), attributes });
    Some(Schema { name, since, declared })
}

fn parameter(text: &'static str) -> Parameter {
    let options = [('?', Presence::Optional), ('*', Presence::Any), ('+', Presence::Some)];
    let marked = options.into_iter().find_map(|(mark, option)| Some((text.strip_suffix(mark)?, option)));
    let (name, option) = marked.unwrap_or((text, Presence::Required));
    Parameter { name, option }
}

fn attribute(text: &'static str) -> Option<Attribute> {
    let (name, rest) = text.split_once(':')?;
    let kind = rest.split_once('=').map_or(rest, |(kind, _)| kind);
    let (kind, is_required) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
    Some(Attribute { name, kind: Kind::named(kind)?, is_required })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::ops::OPERATORS;

    #[test]
    fn the_table_is_read_and_ascends() {
        assert!(SCHEMAS.is_sorted_by(|a, b| (a.name, a.since) < (b.name, b.since)));
    }

    #[test]
    fn every_supported_operator_is_in_it() {
        for operator in OPERATORS {
            let exists = |opset| Schema::of(operator.name, opset).is_ok();
            assert!(crate::import::OPSETS.into_iter().any(exists), "{}", operator.name);
        }
    }
}
