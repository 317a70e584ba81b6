//! The node itself.

use axum::extract::State;
use axum::response::Response;

use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::openapi::EveryRequest;
use crate::body;

/// What the node says of itself
///
/// Its name and layer, the configuration that is in effect, and how sending events up to the upstream node goes.
#[utoipa::path(
    get,
    path = "/api/v1/node",
    operation_id = "show_node",
    tag = "node",
    responses((status = 200, description = "The node", body = body::Node), EveryRequest)
)]
pub(super) async fn node(State(interface): State<Interface>) -> Result<Response, Failure> {
    interface.answer(Lane::Look, |node| Ok(node.status())).await
}
