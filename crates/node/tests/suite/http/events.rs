use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use node::body::NodeEvent;

use super::{PATIENCE, agent};
use crate::running::Running;

/// A stream of events, line by line.
struct Stream {
    lines: Box<dyn Iterator<Item = String> + Send>,
}

impl Stream {
    fn open(running: &Running, path: &str, last: Option<u64>) -> Self {
        let request = agent().get(format!("http://{}{path}", running.address)).header("accept", "text/event-stream");
        let request = match last {
            Some(last) => request.header("last-event-id", last.to_string()),
            None => request,
        };
        let response = request.call().unwrap();
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, "text/event-stream")
        );
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        Self { lines: Box::new(lines.map_while(Result::ok)) }
    }

    /// The next event, whose fields agree with each other.
    fn next(&mut self) -> Option<NodeEvent> {
        let fields: Vec<String> = self.lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let field = |name: &str| fields.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let event: NodeEvent = serde_json::from_str(field("data")?).unwrap();
        assert_eq!((field("id"), field("event")), (Some(event.id.to_string().as_str()), Some(event.kind.as_str())));
        Some(event)
    }
}

fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), "edge", "");
    for reason in ["one", "two", "three"] {
        running.node.refuse_configuration(reason.into());
    }
    (folder, running)
}

fn ids(running: &Running, path: &str) -> Vec<u64> {
    let list = running.ask(path).get().json();
    list.as_array().unwrap().iter().map(|event| event["id"].as_u64().unwrap()).collect()
}

#[test]
fn the_list_begins_after_what_is_known() {
    let (_folder, running) = start();
    let all = ids(&running, "/api/v1/events");
    let last = *all.last().unwrap();
    assert_eq!(all, (1..=last).collect::<Vec<_>>());
    assert_eq!(ids(&running, &format!("/api/v1/events?after={}", last - 1)), [last]);
    assert_eq!(ids(&running, &format!("/api/v1/events?after={last}")), [0_u64; 0]);
    assert_eq!(ids(&running, "/api/v1/events?after=1000000"), all, "from a run before");
    running.ask("/api/v1/events?after=-1").get().check_refused(400, "invalid_query");
}

#[test]
fn a_stream_goes_on_and_resumes() {
    let (_folder, running) = start();
    let known = ids(&running, "/api/v1/events");
    let mut stream = Stream::open(&running, "/api/v1/events", None);
    for id in &known {
        assert_eq!(stream.next().map(|event| event.id), Some(*id));
    }
    running.node.refuse_configuration("four".into());
    let next = stream.next().unwrap();
    assert!(
        (next.id, next.kind.as_str()) == (known.len() as u64 + 1, "configuration-refused")
            && next.message.contains("four")
    );

    drop(stream);
    running.node.refuse_configuration("five".into());
    let mut resumed = Stream::open(&running, "/api/v1/events?after=1", Some(next.id));
    assert!(resumed.next().unwrap().message.contains("five"));
    let mut after_a_restart = Stream::open(&running, "/api/v1/events", Some(1_000_000));
    assert_eq!(after_a_restart.next().unwrap().id, 1);
}

#[test]
fn a_quiet_stream_says_that_it_lives() {
    let (_folder, running) = start();
    let last = *ids(&running, "/api/v1/events").last().unwrap();
    let mut stream = Stream::open(&running, &format!("/api/v1/events?after={last}"), None);
    assert_eq!(stream.lines.next().unwrap(), ": nothing new");
}

#[test]
fn streams_end_when_the_node_does() {
    let (_folder, running) = start();
    let mut stream = Stream::open(&running, "/api/v1/events?after=1", None);
    assert_eq!(stream.next().unwrap().id, 2);
    let begun = std::time::Instant::now();
    let reading = std::thread::spawn(move || while stream.next().is_some() {});
    running.stop();
    reading.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(30), "long before {PATIENCE:?}");
}

#[test]
fn streams_have_a_limit() {
    let (_folder, running) = start();
    let ask = || running.ask("/api/v1/events").header("accept", "text/event-stream");
    ask().header("last-event-id", "x").get().check_refused(400, "invalid_event_id");
    let mut open: Vec<Stream> = (0..64).map(|_| Stream::open(&running, "/api/v1/events", None)).collect();
    ask().get().check_refused(503, "too_many_streams");
    assert_eq!(open.pop().unwrap().next().unwrap().id, 1);
    crate::running::wait_until("a place is free", || {
        let request = agent().get(format!("http://{}/api/v1/events", running.address));
        request.header("accept", "text/event-stream").call().unwrap().status() == 200
    });
}
