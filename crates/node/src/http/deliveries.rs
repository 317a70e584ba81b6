//! Events that other nodes send up.

use axum::extract::State;
use axum::response::Response;

use super::content::Content;
use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::openapi::EveryRequest;
use crate::body::{Delivery, Problem, Receipt};

/// Deliver events of another node
///
/// Each event goes to every route whose source takes it. What came before is passed over, so a delivery whose answer
/// was lost can be sent again as it is. The answer says up to where each stream need not be sent again.
#[utoipa::path(
    post,
    path = "/api/v1/deliveries",
    operation_id = "deliver",
    tag = "routes",
    request_body(description = "Events of any streams, each stream in its order", content = Delivery),
    responses(
        (status = 200, description = "What was taken", body = Receipt),
        (status = 400, description = "The body is no delivery, or a value is nested too deeply", body = Problem),
        (status = 413, description = "There are more events than allowed at once", body = Problem),
        (status = 415, description = "The body is said to be something else than JSON", body = Problem),
        (status = 503, description = "Not now, or a route was stopped meanwhile: send it again", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn take(State(interface): State<Interface>, content: Content) -> Result<Response, Failure> {
    interface.answer(Lane::Take, move |node| Ok(node.deliver(content.json::<Delivery>()?)?)).await
}
