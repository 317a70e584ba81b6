//! Sources and sinks at the two ends of running routes, with real files.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, thread};

use flow::memory::{NoFunctions, Silent};
use flow::{Event, Route, RouteParts, SystemClock};
use wasmtube_node::config::{Config, SinkSpec};
use wasmtube_node::{sinks, sources};

const CAP: Duration = Duration::from_secs(60);

/// Starts the only route of a configuration that has the rest of these lines.
fn start(folder: &Path, route: &str) -> (Route, Arc<Silent>) {
    let text = format!(
        "[node]\nname = \"device\"\nlayer = \"device\"\nlisten = \"127.0.0.1:7700\"\n[routes.values]\n{route}\n"
    );
    let config = Config::parse(&text, folder).unwrap();
    let (name, spec) = config.topology.routes.into_iter().next().unwrap();
    let parts = RouteParts {
        name,
        origin: config.node.name,
        input: sources::input(&spec.source, spec.every, &flow::Seen::new()),
        queue: spec.queue,
        window: spec.window,
        call: spec.call,
        sinks: spec.sinks.iter().map(|sink| sinks::open(sink, || panic!("there is no upstream"))).collect(),
    };
    let observer = Arc::new(Silent::default());
    let route = Route::start(parts, Arc::new(NoFunctions), Arc::new(SystemClock::new()), observer.clone()).unwrap();
    (route, observer)
}

fn values(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str::<Event>(line).unwrap().value.to_string()).collect()
}

#[test]
fn the_rows_of_a_file_become_the_lines_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..1000).map(|row| format!("{row},x\n")).collect();
    fs::write(folder.path().join("in.csv"), format!("value,note\n{rows}")).unwrap();
    let (route, observer) = start(
        folder.path(),
        r#"source = { kind = "replay", path = "in.csv", column = "value" }
        sinks = [{ kind = "json-lines", path = "out.jsonl" }]"#,
    );
    observer.wait_for_end(CAP).unwrap();
    assert_eq!(route.status().counters.written, 1000);
    let expected: Vec<String> = (0..1000).map(|row| row.to_string()).collect();
    assert_eq!(values(&folder.path().join("out.jsonl")), expected);
}

#[test]
fn a_signal_is_collected_in_windows() {
    let folder = tempfile::tempdir().unwrap();
    let (_route, observer) = start(
        folder.path(),
        r#"source = { kind = "signal", amplitude = 10, period = 4, round = true, count = 8 }
        every = "1ms"
        window = { count = 4 }
        sinks = [{ kind = "json-lines", path = "out.jsonl" }]"#,
    );
    observer.wait_for_end(CAP).unwrap();
    assert_eq!(values(&folder.path().join("out.jsonl")), ["[0,10,0,-10]", "[0,10,0,-10]"]);
}

#[test]
fn a_file_that_comes_later_is_read_then() {
    let folder = tempfile::tempdir().unwrap();
    let (route, observer) = start(
        folder.path(),
        r#"source = { kind = "file", path = "reading", scale = 10 }
        every = "1ms"
        sinks = [{ kind = "json-lines", path = "out.jsonl" }]"#,
    );
    wait_until(|| route.status().counters.read_failures > 0);
    fs::write(folder.path().join("new"), "4.5\n").unwrap();
    fs::rename(folder.path().join("new"), folder.path().join("reading")).unwrap();
    wait_until(|| route.status().counters.written > 0);
    assert_eq!(route.stop(CAP).left, 0);
    assert!(values(&folder.path().join("out.jsonl")).iter().all(|value| value == "45.0"));
    let heard = observer.heard();
    assert!(heard[0].starts_with("problem: ") && heard[0].contains("cannot read"), "{heard:?}");
    assert!(heard[1].starts_with("recovered: "), "{heard:?}");
}

#[test]
fn the_upstream_sink_is_that_of_the_node() {
    let sink = flow::memory::VecSink::new();
    let mut opened = sinks::open(&SinkSpec::Upstream, || Box::new(sink.clone()));
    let event = flow::memory::event(1, flow::Timestamp(5));
    opened.write(&event).unwrap();
    assert_eq!(sink.events(), [event]);
}

fn wait_until(done: impl Fn() -> bool) {
    let most = std::time::Instant::now() + CAP;
    while !done() {
        assert!(std::time::Instant::now() < most, "nothing happens");
        thread::sleep(Duration::from_millis(5));
    }
}
