//! Bodies of requests.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::failure::Failure;
use super::limits::too_large;
use crate::refusal::Class;

pub(super) const JSON: &str = "application/json";
/// How long a body that is refused is read.
const DISCARD: Duration = Duration::from_secs(5);

/// Bytes that the body of a request may have, among its extensions.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit(pub(super) usize);

/// The whole body of a request, and what it says to be.
#[derive(Debug, Clone)]
pub(super) struct Content {
    content_type: Option<HeaderValue>,
    bytes: Bytes,
}

impl Content {
    #[cfg(test)]
    pub(super) fn new(content_type: Option<&'static str>, bytes: &[u8]) -> Self {
        Self { content_type: content_type.map(HeaderValue::from_static), bytes: Bytes::copy_from_slice(bytes) }
    }

    /// The header `content-type` as it is.
    pub(super) fn content_type(&self) -> Option<&HeaderValue> {
        self.content_type.as_ref()
    }

    /// The media type without its parameters, in small letters; `None` where nothing is said.
    pub(super) fn media_type(&self) -> Option<String> {
        let said = self.content_type.as_ref()?.to_str().unwrap_or_default();
        Some(said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The body, which must be JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        self.check_media_type(&[JSON])?;
        serde_json::from_slice(&self.bytes).map_err(|error| not_json(&error))
    }

    /// The body as text, which must be JSON of any form.
    pub(super) fn json_text(&self) -> Result<String, Failure> {
        self.json::<IgnoredAny>()?;
        let text = String::from_utf8(self.bytes.to_vec());
        text.map_err(|_| Failure::of(Class::Invalid, "malformed_json", "the body is not JSON: it is not UTF-8"))
    }

    /// Refuses what says to be none of these.
    pub(super) fn check_media_type(&self, expected: &[&str]) -> Result<(), Failure> {
        match self.media_type() {
            Some(said) if expected.contains(&said.as_str()) => Ok(()),
            said => Err(unsuitable(said.as_deref(), expected)),
        }
    }
}

/// Reads the rest of a body that is refused, for a while: many clients hear of nothing before they have sent it.
pub(super) async fn discard(mut body: Body) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    if tokio::time::timeout(DISCARD, rest).await.is_err() {
        tracing::debug!("a body that is refused goes on, the connection is closed");
    }
}

/// What a body of another media type is answered.
pub(super) fn unsuitable(said: Option<&str>, expected: &[&str]) -> Failure {
    let said = said.map_or_else(|| "the body does not say what it is".into(), |said| format!("the body is `{said}`"));
    let message = format!("{said}: send it with the header `content-type: {}`", expected.join("`, `"));
    Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_content_type", message)
}

/// The reason says line and column.
fn not_json(error: &serde_json::Error) -> Failure {
    let (code, what) = match error.classify() {
        serde_json::error::Category::Data => ("invalid_body", "the body has another form than expected"),
        serde_json::error::Category::Io | serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
            ("malformed_json", "the body is not JSON")
        }
    };
    Failure::of(Class::Invalid, code, format!("{what}: {error}"))
}

impl<S: Send + Sync> FromRequest<S> for Content {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let content_type = request.headers().get(header::CONTENT_TYPE).cloned();
        let Some(&BodyLimit(most)) = request.extensions().get() else {
            return Err(Failure::internal(&"a body without a limit"));
        };
        let mut body = request.into_body();
        match Limited::new(&mut body, most).collect().await {
            Ok(whole) => Ok(Self { content_type, bytes: whole.to_bytes() }),
            Err(error) if error.is::<LengthLimitError>() => {
                discard(body).await;
                Err(too_large(&format!("the body has more than {most} bytes")))
            }
            Err(error) => {
                Err(Failure::of(Class::Invalid, "broken_body", format!("the body did not arrive whole: {error}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::body::Rollback;

    #[track_caller]
    fn check_refused(content: &Content, status: u16, code: &str, message: &str) {
        let failure = content.json::<Rollback>().unwrap_err();
        assert_eq!((failure.status(), failure.code(), failure.message()), (status, code, message));
    }

    #[test]
    fn malformed_json_is_pointed_at() {
        check_refused(
            &Content::new(Some(JSON), b"{\n  \"to\" 1}"),
            400,
            "malformed_json",
            "the body is not JSON: expected `:` at line 2 column 8",
        );
        check_refused(
            &Content::new(Some(JSON), b""),
            400,
            "malformed_json",
            "the body is not JSON: EOF while parsing a value at line 1 column 0",
        );
        check_refused(
            &Content::new(Some(JSON), b"{\"from\":\"\"}"),
            400,
            "invalid_body",
            "the body has another form than expected: unknown field `from`, expected `to` at line 1 column 7",
        );
    }

    #[test]
    fn the_media_type_is_said() {
        for said in ["application/json", "Application/JSON; charset=utf-8"] {
            let content = Content::new(Some(said), b"{\"to\":null}");
            assert_eq!(content.json::<Rollback>().unwrap(), Rollback::default());
        }
        check_refused(
            &Content::new(Some("application/x-www-form-urlencoded"), b"{}"),
            415,
            "wrong_content_type",
            "the body is `application/x-www-form-urlencoded`: send it with the header `content-type: application/json`",
        );
        check_refused(
            &Content::new(None, b"{}"),
            415,
            "wrong_content_type",
            "the body does not say what it is: send it with the header `content-type: application/json`",
        );
    }

    #[test]
    fn json_of_any_form_stays_as_it_is() {
        let text = " {\"a\": 1.0e5, \"a\": [\"\\u00e4\"]} ";
        assert_eq!(Content::new(Some(JSON), text.as_bytes()).json_text().unwrap(), text);
        let deep = "[".repeat(100_000);
        assert_eq!(Content::new(Some(JSON), deep.as_bytes()).json_text().unwrap_err().code(), "malformed_json");
        assert_eq!(Content::new(Some(JSON), deep.as_bytes()).json::<Value>().unwrap_err().code(), "malformed_json");
        assert!(Content::new(Some(JSON), b"\"\xff\"").json_text().is_err());
    }
}
