//! Other nodes, asked by this one: a page speaks to its own node only.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::content::Content;
use super::failure::Failure;
use super::interface::{Interface, json};
use super::lanes::Lane;
use super::names::Names;
use super::openapi::{EveryCall, EveryRequest};
use super::schemas::NamedTensors;
use crate::body::{self, Problem};

/// Every neighbor
///
/// The node asks them all at once, each for two seconds at most, and compares what they run with what it runs itself.
#[utoipa::path(
    get,
    path = "/api/v1/neighbors",
    operation_id = "list_neighbors",
    tag = "neighbors",
    responses((status = 200, description = "The neighbors", body = Vec<body::Neighbor>), EveryRequest)
)]
pub(super) async fn all(State(interface): State<Interface>) -> Result<Response, Failure> {
    interface.answer(Lane::Neighbor, |node| Ok(node.neighbors())).await
}

/// Call a function on a neighbor
///
/// The body is passed on as it is, and so is what the neighbor answers, with its status.
#[utoipa::path(
    post,
    path = "/api/v1/neighbors/{neighbor}/slots/{slot}/functions/{function}",
    operation_id = "call_on_neighbor",
    tag = "neighbors",
    params(
        ("neighbor" = String, Path, description = "Name of the neighbor in the configuration of this node"),
        ("slot" = String, Path, description = "Name of the slot there"),
        ("function" = String, Path, description = "Name of the function")
    ),
    request_body(
        description = "What the function takes",
        content(
            (serde_json::Value = "application/json"),
            ("image/png"),
            ("image/jpeg"),
            ("application/x-npy"),
            (NamedTensors = "multipart/form-data")
        )
    ),
    responses(
        (status = 200, description = "What the function answered", body = body::Answer),
        (status = 404, description = "There is no such neighbor, slot or function", body = Problem),
        (status = 502, description = "The neighbor cannot be reached", body = Problem),
        EveryCall,
        EveryRequest
    )
)]
pub(super) async fn call(
    State(interface): State<Interface>,
    Names((neighbor, slot, function)): Names<(String, String, String)>,
    content: Content,
) -> Result<Response, Failure> {
    let asked = interface.ask(Lane::Neighbor, move |node| {
        let content_type = content.content_type().and_then(|said| said.to_str().ok()).unwrap_or_default();
        node.call_neighbor(&neighbor, &slot, &function, content_type, content.bytes())
    });
    let (status, text) = asked.await??;
    let mut response = json(text);
    *response.status_mut() = StatusCode::from_u16(status).map_err(|error| Failure::internal(&error))?;
    Ok(response)
}
