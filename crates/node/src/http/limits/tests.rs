use std::convert::Infallible;
use std::future;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::http::Uri;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use flow::{Timestamp, VirtualClock};
use futures_util::stream;
use tower::ServiceExt as _;

use super::super::content::Content;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A service that answers the size of its body, or nothing ever.
struct Service {
    router: Router,
    clock: Arc<VirtualClock>,
}

impl Service {
    fn new(body_bytes: usize, request: Duration, per_second: u32) -> Self {
        let limits = HttpLimits { body_bytes, request, requests_per_second: NonZeroU32::new(per_second).unwrap() };
        let clock = Arc::new(VirtualClock::new(Timestamp(0)));
        let limits = Arc::new(Limits::new(move || limits.clone(), Arc::clone(&clock) as _));
        let router = Router::new()
            .route("/size", post(async |content: Content| content.bytes().len().to_string()))
            .route("/never", post(async || future::pending::<()>().await))
            .layer(from_fn_with_state(limits, enforce));
        Self { router, clock }
    }

    /// Status and body.
    fn send(&self, path: &'static str, body: Body) -> (u16, String, HeaderMap) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut request = Request::post(Uri::from_static(path));
            if let Some(bytes) = body.size_hint().exact() {
                request = request.header(header::CONTENT_LENGTH, bytes);
            }
            let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap(), headers)
        })
    }

    #[track_caller]
    fn check(&self, path: &'static str, body: Body, status: u16, expected: &str) {
        let (answered, text, _) = self.send(path, body);
        assert_eq!(answered, status, "{text}");
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn bodies_up_to_the_limit_pass() {
    let service = Service::new(4, SECOND * 60, 100);
    service.check("/size", Body::from("1234"), 200, "4");
    service.check("/size", Body::from("12345"), 413, "the body has 5 bytes, at most 4 are taken");
    let unannounced = |pieces: [&'static str; 2]| Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)));
    service.check("/size", unannounced(["12", "34"]), 200, "4");
    service.check("/size", unannounced(["123", "45"]), 413, "too_large");
}

#[test]
fn what_takes_too_long_is_ended() {
    let service = Service::new(4, Duration::ZERO, 100);
    service.check("/never", Body::empty(), 504, "no answer within 0 s");
}

#[test]
fn what_is_too_often_is_told_when_to_come_again() {
    let service = Service::new(4, SECOND * 60, 1);
    service.check("/size", Body::empty(), 200, "0");
    let (status, text, headers) = service.send("/size", Body::empty());
    assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (429, "1"));
    assert!(text.contains("more than 1 requests in a second"), "{text}");
    service.clock.advance(SECOND);
    service.check("/size", Body::empty(), 200, "0");
}
