//! Routes: how they are, and values that are pushed into them.

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

use super::content::Content;
use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::names::Names;
use super::openapi::EveryRequest;
use crate::body::{self, Problem};

/// Every route, by name
///
/// Each with its counters and with the last values that came in and went out.
#[utoipa::path(
    get,
    path = "/api/v1/routes",
    operation_id = "list_routes",
    tag = "routes",
    responses((status = 200, description = "The routes", body = Vec<body::Route>), EveryRequest)
)]
pub(super) async fn all(State(interface): State<Interface>) -> Result<Response, Failure> {
    interface.answer(Lane::Look, |node| Ok(node.routes())).await
}

/// One route
#[utoipa::path(
    get,
    path = "/api/v1/routes/{route}",
    operation_id = "show_route",
    tag = "routes",
    params(("route" = String, Path, description = "Name of the route")),
    responses(
        (status = 200, description = "The route", body = body::Route),
        (status = 404, description = "There is no such route", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn one(State(interface): State<Interface>, Names(route): Names<String>) -> Result<Response, Failure> {
    interface.answer(Lane::Look, move |node| Ok(node.route(&route)?)).await
}

/// Push values into a route
///
/// The source of the route must be `push`. A list is several values, each of which becomes an event; a value that is
/// itself a list is written as a list of one list. They are taken in their order as far as there is room, and the
/// answer says how many were.
#[utoipa::path(
    post,
    path = "/api/v1/routes/{route}/events",
    operation_id = "push_values",
    tag = "routes",
    params(("route" = String, Path, description = "Name of the route")),
    request_body(description = "A value, or a list of values", content = Value),
    responses(
        (status = 200, description = "How many values were taken", body = body::Pushed),
        (status = 400, description = "The body is not JSON", body = Problem),
        (status = 404, description = "There is no such route", body = Problem),
        (status = 409, description = "The route has another source", body = Problem),
        (status = 413, description = "The body is larger than allowed", body = Problem),
        (status = 415, description = "The body is said to be something else than JSON", body = Problem),
        (status = 503, description = "There is no room for any of the values now", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn push(
    State(interface): State<Interface>,
    Names(route): Names<String>,
    content: Content,
) -> Result<Response, Failure> {
    interface
        .answer(Lane::Take, move |node| {
            let values = match content.json()? {
                Value::Array(values) => values,
                value => vec![value],
            };
            Ok(node.push_values(&route, values)?)
        })
        .await
}
