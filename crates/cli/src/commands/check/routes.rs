//! Whether functions take what routes give them.

use std::collections::BTreeMap;

use abi::{ValueKind, export};
use node::config::{NodeRoute, SourceSpec};
use node::{Config, WindowSpec};
use runtime::{Form, Function, Interface};

use super::finding::{Finding, Level};
use super::places::Places;
use crate::render::units::plural;

const OTHER: &str = "choose a function on JSON or numbers";

/// Looks at every route with a function of a slot that is known.
pub(super) fn look(
    config: &Config,
    interfaces: &BTreeMap<String, Interface>,
    places: &Places<'_>,
    findings: &mut Vec<Finding>,
) {
    for (name, route) in &config.topology.routes {
        let Some(call) = &route.call else { continue };
        let Some(interface) = interfaces.get(&call.slot) else { continue };
        let problem = match interface.function(&call.function) {
            Some(function) => unsuitable(function, route),
            None if call.function == export::PREDICT && interface.model().is_some() => {
                error("it takes a picture, which a route cannot give", OTHER)
            }
            None => {
                let names: Vec<&str> = interface.functions().iter().map(|function| function.name.as_str()).collect();
                Some(Problem {
                    level: Level::Error,
                    what: format!("the file of the slot `{}` has no such function", call.slot),
                    help: format!("it has {}", names.join(", ")),
                })
            }
        };
        if let Some(Problem { level, what, help }) = problem {
            let message = format!("the route `{name}` calls `{}.{}`: {what}", call.slot, call.function);
            findings.push(places.finding(level, &["routes", name, "function"], message, &help));
        }
    }
}

/// Why a function does not go with a route, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    level: Level,
    what: String,
    help: String,
}

fn error(what: impl Into<String>, help: impl Into<String>) -> Option<Problem> {
    Some(Problem { level: Level::Error, what: what.into(), help: help.into() })
}

fn warning(what: impl Into<String>, help: impl Into<String>) -> Option<Problem> {
    Some(Problem { level: Level::Warning, what: what.into(), help: help.into() })
}

fn unsuitable(function: &Function, route: &NodeRoute) -> Option<Problem> {
    match function.form {
        Form::Picture | Form::ClassicPicture => error("it takes a picture, which a route cannot give", OTHER),
        Form::Tensors => error("it takes tensors, which a route cannot give", OTHER),
        Form::Scalars => scalars(function, route),
        Form::Component => match function.wit.as_ref().map(|wit| wit.params.as_slice()) {
            Some([]) => warning("it takes nothing, so that its calls fail", OTHER),
            Some(_) | None => None,
        },
        Form::Data | Form::ClassicData => {
            let takes = function.declared.as_ref().map(|declared| declared.takes.as_slice());
            match takes {
                Some([]) => warning("it takes nothing, so it does not see the values", OTHER),
                Some([kind @ ValueKind::List(_)]) => list(kind, route),
                Some([kind @ ValueKind::Record(_)]) => record(kind, route),
                Some(kinds) if !kinds.contains(&ValueKind::Json) => {
                    error("it takes bytes, which a route cannot give", OTHER)
                }
                Some(_) | None => None,
            }
        }
    }
}

/// A function on a list gets the values of the window.
fn list(kind: &ValueKind, route: &NodeRoute) -> Option<Problem> {
    if route.call.as_ref().is_some_and(|call| call.field.is_some()) {
        return error(format!("it takes {kind}, while `field` puts the value into an object"), "remove `field`");
    }
    match (values_of(&route.source), &route.window) {
        (Values::Number, None) => error(
            format!("it takes {kind}, while the source gives one number at a time"),
            "add a window, or choose another function",
        ),
        (Values::Objects, _) => error(
            format!("it takes {kind}, while the source gives objects"),
            "name a `column` of the file, or choose a function on JSON",
        ),
        (Values::Number | Values::Unknown, _) => None,
    }
}

/// A function on a record gets an object.
fn record(kind: &ValueKind, route: &NodeRoute) -> Option<Problem> {
    let has_field = route.call.as_ref().is_some_and(|call| call.field.is_some());
    match (values_of(&route.source), &route.window) {
        (_, Some(_)) => error(
            format!("it takes {kind}, while a window gives a list"),
            "remove the window, or choose a function on a list or on JSON",
        ),
        (Values::Number, None) if !has_field => error(
            format!("it takes {kind}, while the source gives numbers"),
            "put the number into the one field of a record with `field`, or choose another function",
        ),
        (Values::Number | Values::Objects | Values::Unknown, None) => None,
    }
}

/// A function on numbers gets the value, or those of the window.
fn scalars(function: &Function, route: &NodeRoute) -> Option<Problem> {
    let params = function.signature.params.len();
    let takes = plural(params, "number");
    if route.call.as_ref().is_some_and(|call| call.field.is_some()) {
        return error(format!("it takes {takes}, while `field` puts the value into an object"), "remove `field`");
    }
    match route.window {
        Some(WindowSpec::Count { size, every }) if size.get() == params && every < size => warning(
            format!("it takes {takes}, of which the first windows hold fewer"),
            "remove `every` from the window, or mind that its first calls fail",
        ),
        Some(WindowSpec::Count { size, .. }) if size.get() == params => None,
        Some(WindowSpec::Count { size, .. }) => {
            error(format!("it takes {takes}, while a window holds {size}"), "change the window or the function")
        }
        Some(WindowSpec::Time { .. }) => warning(
            format!("it takes {takes}, while a window by time holds as many as come"),
            "choose a window by count, or a function on JSON",
        ),
        None => match (values_of(&route.source), params) {
            (Values::Unknown, _) | (Values::Number, 1) => None,
            (Values::Number, _) => error(
                format!("it takes {takes}, while the source gives one at a time"),
                "add a window by count, or choose another function",
            ),
            (Values::Objects, _) => error(
                format!("it takes {takes}, while the source gives objects"),
                "name a `column` of the file, or choose a function on JSON",
            ),
        },
    }
}

/// What a source gives.
enum Values {
    Number,
    Objects,
    Unknown,
}

fn values_of(source: &SourceSpec) -> Values {
    match source {
        SourceSpec::File(_) | SourceSpec::Signal(_) => Values::Number,
        SourceSpec::Replay(replay) => {
            let is_csv = replay.path.extension().is_some_and(|extension| extension == "csv");
            match (is_csv, &replay.column) {
                (true, Some(_)) => Values::Number,
                (true, None) => Values::Objects,
                (false, _) => Values::Unknown,
            }
        }
        SourceSpec::Push | SourceSpec::Nodes(_) => Values::Unknown,
    }
}
