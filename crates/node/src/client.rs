//! A client of the HTTP interface: a method for each path, with the types of [`crate::body`]. It blocks, and no call
//! lasts without end.
//!
//! ```no_run
//! # extern crate wasmtube_node as node;
//! let client = node::client::Client::new("http://127.0.0.1:7700");
//! for slot in client.slots()? {
//!     println!("{} runs {:?}", slot.name, slot.live.map(|version| version.digest));
//! }
//! # Ok::<(), node::client::ClientError>(())
//! ```

mod error;
mod multipart;
mod stream;

use std::io::{Cursor, Read};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use runtime::npy;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, RequestBuilder, SendBody};

use crate::{Argument, body};

pub use error::ClientError;
pub use stream::EventStream;

/// How long a node may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a node may take for what it has at hand, unless it is said otherwise.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to call a function, or to compile a file.
const WORK: Duration = Duration::from_secs(600);
/// Largest answer that is read, in bytes.
const ANSWER_MAX: u64 = 256 << 20;
/// Size of the pieces in which a file is sent, in bytes.
const PIECE: usize = 64 << 10;

/// What stands for itself in a path, as RFC 3986 has it.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A node that is asked by HTTP. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    patience: Duration,
}

impl Client {
    /// A client of the node at `url`, `http://HOST:PORT`. Nothing is sent yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self::with_patience(url, PATIENCE)
    }

    /// As [`Self::new`], for whoever waits `patience` at most for what a node has at hand. Calls of functions, and what
    /// makes a node compile, may take ten minutes.
    #[must_use]
    pub fn with_patience(url: &str, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // What the environment says of proxies is for other hosts.
            .proxy(None)
            .user_agent(concat!("wasmtube/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT.min(patience)))
            .timeout_resolve(Some(CONNECT.min(patience)))
            .build();
        Self { agent: config.new_agent(), url: url.trim_end_matches('/').into(), patience }
    }

    /// Address of the node, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the node says of itself.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn node(&self) -> Result<body::Node, ClientError> {
        self.get("/node")
    }

    /// Every slot.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn slots(&self) -> Result<Vec<body::Slot>, ClientError> {
        self.get("/slots")
    }

    /// The slot of this name.
    ///
    /// # Errors
    /// [`ClientError`]; a refusal with status 404 if there is none.
    pub fn slot(&self, slot: &str) -> Result<body::Slot, ClientError> {
        self.get(&format!("/slots/{}", segment(slot)))
    }

    /// Every route.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn routes(&self) -> Result<Vec<body::Route>, ClientError> {
        self.get("/routes")
    }

    /// The route of this name.
    ///
    /// # Errors
    /// [`ClientError`]; a refusal with status 404 if there is none.
    pub fn route(&self, route: &str) -> Result<body::Route, ClientError> {
        self.get(&format!("/routes/{}", segment(route)))
    }

    /// The neighbors of the node, as it sees them.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn neighbors(&self) -> Result<Vec<body::Neighbor>, ClientError> {
        self.get("/neighbors")
    }

    /// What happened after the event of this number, oldest first, as far as the node keeps it; 0 for everything.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn events(&self, after: u64) -> Result<Vec<body::NodeEvent>, ClientError> {
        self.get(&format!("/events?after={after}"))
    }

    /// As [`Self::events`], then what happens from now on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn follow_events(&self, after: u64) -> Result<EventStream, ClientError> {
        let request = self.agent.get(self.path(&format!("/events?after={after}")));
        let request = request.header("accept", "text/event-stream").config();
        let request = request
            .timeout_send_request(Some(self.patience))
            .timeout_recv_response(Some(self.patience))
            .timeout_per_read(Some(stream::SILENCE_MAX))
            .build();
        let response = self.accepted(request.call(), self.patience)?;
        let is_stream = response.body().mime_type() == Some("text/event-stream");
        if !is_stream {
            return Err(self.malformed("the answer is not a stream of events"));
        }
        Ok(EventStream::new(response.into_body().into_reader(), &self.url))
    }

    /// Calls a function of the live version of a slot.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call(&self, slot: &str, function: &str, argument: &Argument) -> Result<body::Answer, ClientError> {
        self.call_with_key(slot, function, None, argument)
    }

    /// As [`Self::call`], with the key of the state that the function is to see, where it keeps its state by key.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call_with_key(
        &self,
        slot: &str,
        function: &str,
        key: Option<&str>,
        argument: &Argument,
    ) -> Result<body::Answer, ClientError> {
        let query = key.map(|key| format!("?key={}", segment(key))).unwrap_or_default();
        self.call_at(&(function_path(slot, function) + &query), argument)
    }

    /// Calls a function on a neighbor of the node, which passes the call on.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn call_neighbor(
        &self,
        neighbor: &str,
        slot: &str,
        function: &str,
        argument: &Argument,
    ) -> Result<body::Answer, ClientError> {
        self.call_at(&format!("/neighbors/{}{}", segment(neighbor), function_path(slot, function)), argument)
    }

    /// As [`Self::call`], for whoever passes on what somebody else asks: a body as it is, and the status and the body of
    /// the answer, refusals included.
    ///
    /// # Errors
    /// [`ClientError`], but no refusal.
    pub fn call_raw(
        &self,
        slot: &str,
        function: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), ClientError> {
        let path = self.path(&function_path(slot, function));
        let request = timed(self.agent.post(path).header("content-type", content_type), WORK);
        let response = request.send(body).map_err(|error| ClientError::of_transport(error, &self.url, WORK))?;
        let status = response.status().as_u16();
        Ok((status, self.bytes(response, WORK)?))
    }

    /// Makes a Wasm file the live version of a slot. `sent` hears again and again how many bytes are sent.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn push(&self, slot: &str, wasm: &[u8], sent: impl FnMut(u64)) -> Result<body::Published, ClientError> {
        self.push_to(&format!("/slots/{}/versions", segment(slot)), wasm, sent)
    }

    /// As [`Self::push`], for a version that may lack or change functions of the live one.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn push_breaking(
        &self,
        slot: &str,
        wasm: &[u8],
        sent: impl FnMut(u64),
    ) -> Result<body::Published, ClientError> {
        self.push_to(&format!("/slots/{}/versions?breaking=allowed", segment(slot)), wasm, sent)
    }

    fn push_to(&self, path: &str, wasm: &[u8], sent: impl FnMut(u64)) -> Result<body::Published, ClientError> {
        let mut reader = Counted { bytes: Cursor::new(wasm), sent };
        let request = self.agent.post(self.path(path));
        let request = request
            .header("content-type", "application/wasm")
            .header("content-length", wasm.len().to_string())
            // A file that is too large is refused before it is sent.
            .header("expect", "100-continue");
        let answer = timed(request, WORK).send(SendBody::from_reader(&mut reader));
        self.answer(answer, WORK)
    }

    /// Makes an earlier version of a slot the live one again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn roll_back(&self, slot: &str, rollback: &body::Rollback) -> Result<body::Published, ClientError> {
        self.post_json(&format!("/slots/{}/rollback", segment(slot)), rollback, WORK)
    }

    /// Puts values into a route whose source is pushed values.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn push_values(&self, route: &str, values: &[Value]) -> Result<body::Pushed, ClientError> {
        self.post_json(&format!("/routes/{}/events", segment(route)), values, self.patience)
    }

    /// Sends events of this node and of those below it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn deliver(&self, delivery: &body::Delivery) -> Result<body::Receipt, ClientError> {
        self.post_json("/deliveries", delivery, self.patience)
    }

    fn call_at(&self, path: &str, argument: &Argument) -> Result<body::Answer, ClientError> {
        match argument {
            Argument::Nothing => self.post(path, "application/json", b"", WORK),
            Argument::Json(text) => self.post(path, "application/json", text.as_bytes(), WORK),
            Argument::Picture(bytes) => self.post(path, picture_type(bytes), bytes, WORK),
            Argument::Tensors(tensors) => match &tensors[..] {
                [tensor] if tensor.name.is_empty() => self.post(path, "application/x-npy", &npy::write(tensor), WORK),
                tensors => {
                    let parts = multipart::Parts::of(tensors);
                    self.post(path, &parts.content_type, &parts.body, WORK)
                }
            },
        }
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let request = timed(self.agent.get(self.path(path)), self.patience);
        self.answer(request.call(), self.patience)
    }

    fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl serde::Serialize + ?Sized),
        within: Duration,
    ) -> Result<T, ClientError> {
        let unwritable = |error: serde_json::Error| ClientError::Unwritable { reason: error.to_string() };
        let body = serde_json::to_vec(body).map_err(unwritable)?;
        self.post(path, "application/json", &body, within)
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
        within: Duration,
    ) -> Result<T, ClientError> {
        let request = self.agent.post(self.path(path)).header("content-type", content_type);
        self.answer(timed(request, within).send(body), within)
    }

    fn path(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    fn answer<T: DeserializeOwned>(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
        within: Duration,
    ) -> Result<T, ClientError> {
        let bytes = self.bytes(self.accepted(answer, within)?, within)?;
        serde_json::from_slice(&bytes).map_err(|error| self.malformed(error.to_string()))
    }

    /// The response, if its status says that what was asked for is done.
    fn accepted(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
        within: Duration,
    ) -> Result<Response<Body>, ClientError> {
        let response = answer.map_err(|error| ClientError::of_transport(error, &self.url, within))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let bytes = self.bytes(response, within)?;
        match serde_json::from_slice(&bytes) {
            Ok(body::Problem { code, message }) => Err(ClientError::Refused { status: status.as_u16(), code, message }),
            Err(_) => Err(self.malformed(format!("status {status} without a reason"))),
        }
    }

    fn bytes(&self, mut response: Response<Body>, within: Duration) -> Result<Vec<u8>, ClientError> {
        let bytes = response.body_mut().with_config().limit(ANSWER_MAX).read_to_vec();
        bytes.map_err(|error| ClientError::of_transport(error, &self.url, within))
    }

    fn malformed(&self, reason: impl Into<String>) -> ClientError {
        ClientError::Malformed { url: self.url.clone(), reason: reason.into() }
    }
}

/// The request, ending in an error when it took `within`.
fn timed<B>(request: RequestBuilder<B>, within: Duration) -> RequestBuilder<B> {
    request.config().timeout_global(Some(within)).build()
}

fn function_path(slot: &str, function: &str) -> String {
    format!("/slots/{}/functions/{}", segment(slot), segment(function))
}

/// A name as one segment of a path, or as a value in a query.
fn segment(name: &str) -> String {
    utf8_percent_encode(name, NOT_UNRESERVED).to_string()
}

/// PNG by its signature, else JPEG.
fn picture_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" }
}

/// Tells how much was read of it.
struct Counted<'a, F> {
    bytes: Cursor<&'a [u8]>,
    sent: F,
}

impl<F: FnMut(u64)> Read for Counted<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = buffer.len().min(PIECE);
        let count = self.bytes.read(&mut buffer[..piece])?;
        (self.sent)(self.bytes.position());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_segment_of_a_path() {
        for (name, expected) in
            [("stats", "stats"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("ü %", "%C3%BC%20%25"), ("a-b_c.d~e", "a-b_c.d~e")]
        {
            assert_eq!(segment(name), expected);
        }
    }

    #[test]
    fn a_slash_at_the_end_of_the_address_is_left_away() {
        assert_eq!(Client::new("http://127.0.0.1:7700/").path("/node"), "http://127.0.0.1:7700/api/v1/node");
    }

    #[test]
    fn pictures_are_told_apart() {
        assert_eq!(picture_type(b"\x89PNG\r\n\x1a\n"), "image/png");
        assert_eq!(picture_type(&[0xff, 0xd8, 0xff]), "image/jpeg");
    }
}
