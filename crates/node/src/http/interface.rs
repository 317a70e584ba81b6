//! What the functions of all paths share.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};

use super::content::JSON;
use super::failure::Failure;
use super::lanes::{Lane, Lanes};
use crate::Node;

/// Streams of events that are open at once.
const STREAMS: usize = 64;

/// The node, and the ways to it. Clones share everything.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    node: Node,
    lanes: Arc<Lanes>,
    /// Places for streams of events.
    pub(super) streams: Arc<Semaphore>,
    /// Changes with every event of the node.
    pub(super) news: watch::Receiver<()>,
    /// Whether the server is to stop.
    pub(super) stopped: watch::Receiver<bool>,
}

impl Interface {
    pub(super) fn new(node: Node, news: watch::Receiver<()>, stopped: watch::Receiver<bool>) -> Self {
        Self { node, lanes: Arc::new(Lanes::new()), streams: Arc::new(Semaphore::new(STREAMS)), news, stopped }
    }

    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// Asks the node something that may block.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        lane: Lane,
        ask: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let node = self.node.clone();
        self.lanes.run(lane, move || ask(&node)).await
    }

    /// Calls a function of a slot, and answers what it answered in JSON.
    pub(super) async fn call<T: Serialize>(
        &self,
        slot: &str,
        call: impl FnOnce(&Node) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        let patience = self.node.deadline(slot)?;
        let node = self.node.clone();
        Ok(json(self.lanes.call(slot, patience, move || written(call(&node)?)).await??))
    }

    /// Asks the node something that may block, and answers it in JSON.
    pub(super) async fn answer<T: Serialize>(
        &self,
        lane: Lane,
        ask: impl FnOnce(&Node) -> Result<T, Failure> + Send + 'static,
    ) -> Result<Response, Failure> {
        Ok(json(self.ask(lane, |node| written(ask(node)?)).await??))
    }
}

fn written(answer: impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(&answer).map_err(|error| Failure::internal(&error))
}

/// An answer that is JSON already.
pub(super) fn json(text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}
