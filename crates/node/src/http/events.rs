//! What happens on the node, as a list and as a stream.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::sse::{self, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::LOOK;
use super::failure::Failure;
use super::interface::Interface;
use super::lanes::Lane;
use super::openapi::EveryRequest;
use crate::Node;
use crate::body::{NodeEvent, Problem};
use crate::refusal::Class;

/// After this time without an event a stream says that it lives.
const QUIET: Duration = Duration::from_secs(15);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// Number of the last event that is known.
    after: Option<u64>,
}

/// Tells the streams whenever something has happened, until it is over.
pub(super) fn listen(node: &Node, news: &watch::Sender<()>, is_over: impl Fn() -> bool) {
    let mut last = 0;
    while !is_over() {
        if let Some(event) = node.wait_for_events(last, LOOK).last() {
            last = event.id;
            news.send_replace(());
        }
    }
}

/// What happened on the node, and what happens
///
/// The last 4,000 events are kept. With `accept: text/event-stream` the answer goes on with those that happen from now
/// on, as server-sent events: `id` is the number, `event` the kind, `data` the event. After a break it resumes from
/// `last-event-id`. A number beyond the last event is from before a restart of the node, so everything is answered.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "list_events",
    tag = "events",
    params(
        ("after" = Option<u64>, Query, description = "Number of the last event that is known already"),
        ("last-event-id" = Option<u64>, Header, description = "The same, of a stream; it goes before `after`")
    ),
    responses(
        (
            status = 200,
            description = "The events, oldest first",
            content((Vec<NodeEvent> = "application/json"), (NodeEvent = "text/event-stream"))
        ),
        (status = 400, description = "The number is none", body = Problem),
        (status = 503, description = "As many streams are open as are allowed", body = Problem),
        EveryRequest
    )
)]
pub(super) async fn events(
    State(interface): State<Interface>,
    begin: Result<Query<Begin>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let Query(begin) = begin.map_err(|rejection| {
        Failure::of(Class::Invalid, "invalid_query", format!("write `?after=NUMBER`: {}", rejection.body_text()))
    })?;
    let after = begin.after.unwrap_or(0);
    if !wants_stream(&headers) {
        return interface.answer(Lane::Look, move |node| Ok(since(node, after))).await;
    }
    let after = last_event_id(&headers)?.unwrap_or(after);
    let place = Arc::clone(&interface.streams).try_acquire_owned().map_err(|_| {
        let message = "too many streams of events are open: close one, or ask for the list";
        Failure::of(Class::NotNow, "too_many_streams", message)
    })?;
    let keep_alive = KeepAlive::new().interval(QUIET).text("nothing new");
    Ok(Sse::new(follow(interface, place, after)).keep_alive(keep_alive).into_response())
}

/// A stream, between two events.
struct Following {
    interface: Interface,
    _place: OwnedSemaphorePermit,
    after: u64,
    ready: VecDeque<NodeEvent>,
}

/// The events after this one until the server stops.
fn follow(
    interface: Interface,
    place: OwnedSemaphorePermit,
    after: u64,
) -> impl Stream<Item = Result<sse::Event, Infallible>> {
    let following = Following { interface, _place: place, after, ready: VecDeque::new() };
    stream::unfold(following, async |mut following| {
        let event = following.next().await?;
        Some((Ok(written(&event)), following))
    })
}

impl Following {
    async fn next(&mut self) -> Option<NodeEvent> {
        loop {
            if *self.interface.stopped.borrow() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                self.after = event.id;
                return Some(event);
            }
            // From here on, what happens is news.
            self.interface.news.mark_unchanged();
            let after = self.after;
            let found = self.interface.ask(Lane::Look, move |node| since(node, after)).await;
            self.ready = found.ok()?.into();
            if self.ready.is_empty() {
                tokio::select! {
                    changed = self.interface.news.changed() => changed.ok()?,
                    _ = self.interface.stopped.wait_for(|stopped| *stopped) => return None,
                }
            }
        }
    }
}

/// The events after this one; all of them if it is from another run of the node, where numbers were higher.
fn since(node: &Node, after: u64) -> Vec<NodeEvent> {
    let events = node.events(after);
    if !events.is_empty() || after == 0 {
        return events;
    }
    let all = node.events(0);
    if all.last().is_some_and(|last| last.id < after) { all } else { events }
}

fn written(event: &NodeEvent) -> sse::Event {
    let written = sse::Event::default().id(event.id.to_string()).event(&event.kind);
    written.json_data(event).unwrap_or_else(|error| {
        tracing::error!(%error, id = event.id, "an event has no form in JSON");
        sse::Event::default().comment("an event that cannot be written")
    })
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let mut types = accepted.flat_map(|accept| accept.split(','));
    types.any(|accept| {
        accept.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(said) = headers.get(LAST_EVENT_ID) else { return Ok(None) };
    let number = said.to_str().ok().and_then(|said| said.trim().parse().ok());
    number.map(Some).ok_or_else(|| {
        let message = "the header `last-event-id` is not the number of an event";
        Failure::of(Class::Invalid, "invalid_event_id", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn a_stream_is_asked_for_by_its_media_type() {
        let wants = |accept| wants_stream(&headers(header::ACCEPT, accept));
        assert!(wants("text/event-stream") && wants("application/json;q=0.5, Text/Event-Stream;q=1"));
        assert!(!wants("application/json") && !wants("*/*") && !wants("text/event-streams"));
        assert!(!wants_stream(&HeaderMap::new()));
    }

    #[test]
    fn the_last_event_is_a_number() {
        let id = |value| last_event_id(&headers(LAST_EVENT_ID, value));
        assert_eq!(id("17"), Ok(Some(17)));
        assert_eq!(id("-1").unwrap_err().code(), "invalid_event_id");
        assert_eq!(last_event_id(&HeaderMap::new()), Ok(None));
    }
}
