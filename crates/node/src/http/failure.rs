//! Answers that say what went wrong.

use std::fmt;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::body::Problem;
use crate::refusal::{Class, Refusal};

/// Why a request is not answered as it would like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    status: StatusCode,
    problem: Problem,
    /// When the same request may succeed.
    retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, problem: Problem { code: code.into(), message: message.into() }, retry_after: None }
    }

    pub(super) fn of(class: Class, code: &'static str, message: impl Into<String>) -> Self {
        Refusal::new(class, code, message).into()
    }

    /// A mistake of ours.
    pub(super) fn internal(error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "a request met a mistake of ours");
        Self::of(Class::Internal, "internal", format!("internal error, please report it: {error}"))
    }

    /// The same, with the time after which it may go well.
    pub(super) fn after(self, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..self }
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> &str {
        &self.problem.code
    }

    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        &self.problem.message
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { status: status(refusal.class), problem: refusal.body(), retry_after: None }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.problem)).into_response();
        if let Some(after) = self.retry_after {
            // Whole seconds, and not before it makes sense.
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

fn status(class: Class) -> StatusCode {
    match class {
        Class::Invalid => StatusCode::BAD_REQUEST,
        Class::Foreign => StatusCode::FORBIDDEN,
        Class::Missing => StatusCode::NOT_FOUND,
        Class::Conflict => StatusCode::CONFLICT,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::AtFault => StatusCode::UNPROCESSABLE_ENTITY,
        Class::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Class::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Class::Unreachable => StatusCode::BAD_GATEWAY,
        Class::NotNow => StatusCode::SERVICE_UNAVAILABLE,
        Class::TooLate => StatusCode::GATEWAY_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_wait_is_said_in_whole_seconds() {
        let after = |duration| {
            let failure = Failure::of(Class::TooMany, "too_many_requests", "slowly").after(duration);
            failure.into_response().headers()[header::RETRY_AFTER].to_str().unwrap().to_owned()
        };
        assert_eq!(after(Duration::ZERO), "1");
        assert_eq!(after(Duration::from_secs(2)), "2");
        assert_eq!(after(Duration::from_millis(2001)), "3");
    }
}
