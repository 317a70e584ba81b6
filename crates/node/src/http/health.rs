//! Whether the node answers.

/// Whether the node answers
///
/// It does not count as a request, so that a supervisor hears of a node that is busy that it lives.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "show_health",
    tag = "node",
    responses(
        (status = 200, description = "It does", body = String, example = json!("ok\n")),
        (status = 403, description = "The request asks for another host", body = crate::body::Problem)
    )
)]
pub(super) async fn healthy() -> &'static str {
    "ok\n"
}
