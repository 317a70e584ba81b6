//! How much and how often: size of bodies, time of requests, requests in a second.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use flow::Clock;

use super::content::{self, BodyLimit};
use super::failure::Failure;
use super::rate::Rate;
use crate::config::HttpLimits;
use crate::refusal::Class;

/// The limits in effect, which are asked for at every request, since the configuration may change meanwhile.
pub(super) struct Limits {
    current: Box<dyn Fn() -> HttpLimits + Send + Sync>,
    rate: Mutex<Rate>,
    clock: Arc<dyn Clock>,
}

impl Limits {
    pub(super) fn new(current: impl Fn() -> HttpLimits + Send + Sync + 'static, clock: Arc<dyn Clock>) -> Self {
        Self { current: Box::new(current), rate: Mutex::new(Rate::new()), clock }
    }

    fn check_rate(&self, per_second: NonZeroU32) -> Result<(), Failure> {
        let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
        rate.take(per_second, self.clock.now()).map_err(|wait| {
            let message = format!(
                "more than {per_second} requests in a second: wait, or raise `requests_per_second` under [limits]"
            );
            Failure::of(Class::TooMany, "too_many_requests", message).after(wait)
        })
    }
}

/// Refuses what is too often or too large, and ends what takes too long. A stream of events begins within that time,
/// and may last.
pub(super) async fn enforce(State(limits): State<Arc<Limits>>, mut request: Request, next: Next) -> Response {
    let HttpLimits { body_bytes, request: within, requests_per_second } = (limits.current)();
    if let Err(failure) = limits.check_rate(requests_per_second) {
        return failure.into_response();
    }
    if let Some(bytes) = announced(request.headers()).filter(|bytes| *bytes > body_bytes as u64) {
        // Whoever asks first sends nothing.
        if !request.headers().contains_key(header::EXPECT) {
            content::discard(request.into_body()).await;
        }
        return too_large(&format!("the body has {bytes} bytes, at most {body_bytes} are taken")).into_response();
    }
    request.extensions_mut().insert(BodyLimit(body_bytes));
    tokio::time::timeout(within, next.run(request)).await.unwrap_or_else(|_| {
        let message = format!(
            "no answer within {} s: what was begun goes on inside the node, look at its events, or raise `request` \
             under [limits]",
            within.as_secs_f64()
        );
        Failure::of(Class::TooLate, "too_late", message).into_response()
    })
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What a body beyond the limit is answered.
pub(super) fn too_large(what: &str) -> Failure {
    Failure::of(Class::TooLarge, "too_large", format!("{what}: raise `body` under [limits]"))
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
