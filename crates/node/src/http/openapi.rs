//! The description of the interface in OpenAPI, written from the paths and their types.

use std::sync::OnceLock;

use axum::response::Response;
use utoipa::openapi::{RefOr, Required};
use utoipa::{Modify, OpenApi, openapi};

use super::failure::Failure;
use super::interface::json;
use super::{deliveries, events, health, metrics, neighbors, routes, slots, status};
use crate::body::Problem;

/// What every request may be answered.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "a description")]
pub(super) enum EveryRequest {
    /// The request asks for another host than this machine, or comes from a page of another site
    #[response(status = 403)]
    Foreign(Problem),
    /// There were too many requests; `retry-after` says when to come again, in seconds
    #[response(status = 429)]
    TooMany(Problem),
    /// The node made a mistake
    #[response(status = 500)]
    Internal(Problem),
    /// It took longer than allowed; what was begun goes on
    #[response(status = 504)]
    TooLate(Problem),
}

/// Why a function that is there may not answer.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "a description")]
pub(super) enum EveryCall {
    /// The body is no such thing, or not what the function takes
    #[response(status = 400)]
    Invalid(Problem),
    /// The argument is larger than allowed
    #[response(status = 413)]
    TooLarge(Problem),
    /// Functions take no body of this kind
    #[response(status = 415)]
    WrongType(Problem),
    /// The function failed or broke a limit
    #[response(status = 422)]
    AtFault(Problem),
    /// The slot has no live version, or no room for another call now
    #[response(status = 503)]
    NotNow(Problem),
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "wasmtube node",
        description = "What runs on a node, calling it, replacing it, and the events that flow through it. The node \
                       listens on the loopback only. Times are in microseconds since the Unix epoch. Every error is a \
                       `Problem`.",
    ),
    paths(
        status::node,
        slots::all,
        slots::one,
        slots::push,
        slots::roll_back,
        slots::call,
        routes::all,
        routes::one,
        routes::push,
        deliveries::take,
        events::events,
        neighbors::all,
        neighbors::call,
        document,
        health::healthy,
        metrics::metrics,
    ),
    modifiers(&OptionalBodies),
    tags(
        (name = "node", description = "The node itself"),
        (name = "slots", description = "Named places, each with one live version of a Wasm file"),
        (name = "routes", description = "Source, window, function, sinks"),
        (name = "events", description = "What happened on the node"),
        (name = "neighbors", description = "Other nodes, asked by this one"),
    )
)]
struct Description;

/// Operations that need no body, though they take one.
const WITHOUT_BODY: [&str; 3] = ["call_function", "call_on_neighbor", "roll_back"];

/// Says of the bodies of these that they may be missing, which the paths have no words for.
struct OptionalBodies;

impl Modify for OptionalBodies {
    fn modify(&self, description: &mut openapi::OpenApi) {
        let operations = description.paths.paths.values_mut().filter_map(|item| item.post.as_mut());
        for operation in operations {
            let may_be_missing = operation.operation_id.as_deref().is_some_and(|id| WITHOUT_BODY.contains(&id));
            if let (true, Some(RefOr::T(body))) = (may_be_missing, operation.request_body.as_mut()) {
                body.required = Some(Required::False);
            }
        }
    }
}

/// This description
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "show_description",
    tag = "node",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value), EveryRequest)
)]
pub(super) async fn document() -> Result<Response, Failure> {
    static TEXT: OnceLock<Option<String>> = OnceLock::new();
    match TEXT.get_or_init(text) {
        Some(text) => Ok(json(text.as_str())),
        None => Err(Failure::internal(&"the description cannot be written")),
    }
}

fn text() -> Option<String> {
    let text = Description::openapi().to_pretty_json().ok()?;
    Some(text + "\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    #[test]
    fn the_description_in_the_documentation_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
        let expected = text().unwrap();
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &expected).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == expected, "docs/openapi.json is stale: run this test with BLESS=1 and read the difference");
    }

    #[test]
    fn bodies_that_may_be_missing_are_marked() {
        let description: Value = serde_json::from_str(&text().unwrap()).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let bodies = paths.values().map(|item| &item["post"]["requestBody"]).filter(|body| !body.is_null());
        let optional = bodies.filter(|body| body["required"] == false).count();
        assert_eq!(optional, WITHOUT_BODY.len());
    }

    #[test]
    fn every_operation_is_described() {
        let description: Value = serde_json::from_str(&text().unwrap()).unwrap();
        let paths = description["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        });
        let mut ids = BTreeSet::new();
        for (name, operation) in operations {
            assert!(ids.insert(operation["operationId"].to_string()), "{name} has the identity of another");
            for field in ["summary", "operationId", "tags"] {
                assert!(!operation[field].is_null(), "{name} has no {field}");
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.values().all(|response| response["description"] != ""), "{name}");
            let has_names =
                operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "path"));
            assert_eq!(has_names, responses.contains_key("404"), "{name}: what is named may be missing");
        }
    }
}
