//! Which function answers which path, and what every request passes before.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use flow::SystemClock;

use super::failure::Failure;
use super::interface::Interface;
use super::limits::Limits;
use super::{
    deliveries, events, guard, headers, health, limits, metrics, neighbors, openapi, page, routes, slots, status,
};
use crate::refusal::Class;

/// The whole interface.
pub(super) fn router(interface: &Interface) -> Router {
    let node = interface.node().clone();
    let limits = Arc::new(Limits::new(move || node.limits(), Arc::new(SystemClock::new())));
    let limited = Router::new()
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/v1/node", get(status::node))
        .route("/api/v1/slots", get(slots::all))
        .route("/api/v1/slots/{slot}", get(slots::one))
        .route("/api/v1/slots/{slot}/versions", post(slots::push))
        .route("/api/v1/slots/{slot}/rollback", post(slots::roll_back))
        .route("/api/v1/slots/{slot}/functions/{function}", post(slots::call))
        .route("/api/v1/routes", get(routes::all))
        .route("/api/v1/routes/{route}", get(routes::one))
        .route("/api/v1/routes/{route}/events", post(routes::push))
        .route("/api/v1/deliveries", post(deliveries::take))
        .route("/api/v1/events", get(events::events))
        .route("/api/v1/neighbors", get(neighbors::all))
        .route("/api/v1/neighbors/{neighbor}/slots/{slot}/functions/{function}", post(neighbors::call))
        .route("/metrics", get(metrics::metrics))
        .merge(page::router())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(limits, limits::enforce));
    Router::new()
        .route("/healthz", get(health::healthy))
        .fallback_service(limited.with_state(interface.clone()))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(guard::enforce))
        .layer(from_fn(headers::add))
}

async fn unknown_path(uri: Uri) -> Failure {
    let message = format!("there is nothing at `{}`: the paths are listed at /api/v1/openapi.json", uri.path());
    Failure::of(Class::Missing, "no_such_path", message)
}

async fn wrong_method(method: Method, request: Request) -> Failure {
    let message = format!("`{}` cannot be asked with {method}", request.uri().path());
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", message)
}
