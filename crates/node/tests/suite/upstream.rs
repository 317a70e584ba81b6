use std::fs;

use node::Class;
use node::body::Upstream;

use crate::running::{Running, free_port, lines, sequences, wait_until};

const TAKES_ALL: &str =
    "[routes.all]\nsource = { kind = \"nodes\" }\nsinks = [{ kind = \"json-lines\", path = \"all.jsonl\" }]\n";

fn device(upstream: std::net::SocketAddr, count: u64, buffer: usize) -> String {
    format!(
        "[upstream]\nurl = \"http://{upstream}\"\nbuffer = {buffer}\n\
         [routes.load]\nsource = {{ kind = \"signal\", offset = 0, amplitude = 9, period = 7, count = {count} }}\n\
         every = \"1ms\"\nsinks = [{{ kind = \"upstream\" }}]\n"
    )
}

fn upstream(running: &Running) -> Upstream {
    running.node.status().upstream.unwrap()
}

#[test]
fn events_keep_their_identity_over_two_nodes() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let cloud = Running::start(folders[2].path(), "cloud", TAKES_ALL);
    let up = format!(
        "[upstream]\nurl = \"http://{}\"\n[routes.on]\nsource = {{ kind = \"nodes\", origin = \"device\" }}\nsinks = [{{ kind = \"upstream\" }}]\n",
        cloud.address
    );
    let edge = Running::start(folders[1].path(), "edge", &up);
    let device = Running::start(folders[0].path(), "device", &device(edge.address, 500, 1000));
    let file = folders[2].path().join("all.jsonl");
    wait_until("all are at the cloud", || cloud.node.route("all").unwrap().counters.written == 500);
    let stream = device.node.route("load").unwrap().start;
    assert_eq!((device.stop(), edge.stop(), cloud.stop()), (vec![], vec![], vec![]));
    let events = lines(&file);
    assert!(events.iter().all(|event| event.id.stream.origin == "device" && event.id.stream.start == stream));
    assert_eq!(sequences(&file), (0..500).collect::<Vec<_>>());
}

#[test]
fn a_node_that_is_gone_gets_what_it_missed_when_it_is_back() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let edge = Running::start(above.path(), "edge", TAKES_ALL);
    let address = edge.address;
    let device = Running::start(below.path(), "device", &device(address, 3000, 10_000));
    wait_until("some are there", || edge.node.route("all").unwrap().counters.written > 200);
    assert_eq!(edge.stop(), Vec::<String>::new());
    wait_until("it is missed", || {
        let missed = upstream(&device);
        missed.waiting > 500 && !missed.reachable && missed.problem.is_some() && missed.oldest.is_some()
    });

    let edge = Running::start_at(above.path(), "edge", address, TAKES_ALL);
    wait_until("all are sent", || upstream(&device).acknowledged == 3000);
    assert!(upstream(&device).reachable && upstream(&device).dropped == 0);
    let kinds = device.kinds();
    assert!(kinds.contains(&"upstream-lost".into()) && kinds.contains(&"upstream-back".into()), "{kinds:?}");
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    assert_eq!(sequences(&above.path().join("all.jsonl")), (0..3000).collect::<Vec<_>>());
}

#[test]
fn a_full_buffer_drops_the_oldest_and_says_so() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let address = free_port();
    let device = Running::start(below.path(), "device", &device(address, 300, 100));
    wait_until("all are read", || device.node.route("load").unwrap().ended);
    wait_until("the buffer is full", || upstream(&device).dropped == 200);
    assert_eq!(device.kinds().iter().filter(|kind| *kind == "upstream-full").count(), 1);
    assert_eq!(device.node.route("load").unwrap().counters.write_failures, 200);
    let edge = Running::start_at(above.path(), "edge", address, TAKES_ALL);
    wait_until("the rest is sent", || upstream(&device).acknowledged == 100);
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    assert_eq!(sequences(&above.path().join("all.jsonl")), (200..300).collect::<Vec<_>>());
}

#[test]
fn events_that_no_route_takes_wait_until_one_does() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let edge = Running::start(above.path(), "edge", "");
    let device = Running::start(below.path(), "device", &device(edge.address, 50, 100));
    wait_until("it is told of", || device.kinds().contains(&"unclaimed".into()));
    assert!(upstream(&device).problem.unwrap().contains("edge has no route that takes `load` of device"));
    edge.configure(TAKES_ALL).unwrap();
    wait_until("all are sent", || upstream(&device).acknowledged == 50);
    assert_eq!(upstream(&device).problem, None);
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    assert_eq!(sequences(&above.path().join("all.jsonl")), (0..50).collect::<Vec<_>>());
    assert!(fs::metadata(below.path().join("wasmtube-data/lock")).is_ok());
}

/// A route on the edge that passes on what the device sends.
fn passes_on(route: &str, source: &str) -> String {
    format!("[routes.{route}]\nsource = {{ kind = \"nodes\"{source} }}\nsinks = [{{ kind = \"upstream\" }}]\n")
}

#[test]
fn a_stream_that_two_routes_pass_on_arrives_once() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let cloud = Running::start(folders[2].path(), "cloud", TAKES_ALL);
    let up = format!("[upstream]\nurl = \"http://{}\"\n", cloud.address);
    let both = format!("{up}{}{}", passes_on("a", ", route = \"load\""), passes_on("b", ", origin = \"device\""));
    let edge = Running::start(folders[1].path(), "edge", &both);
    let device = Running::start(folders[0].path(), "device", &device(edge.address, 1000, 10_000));
    wait_until("all are sent", || upstream(&device).acknowledged == 1000 && upstream(&edge).acknowledged == 2000);
    assert_eq!(upstream(&edge).dropped, 0);
    assert_eq!((device.stop(), edge.stop(), cloud.stop()), (vec![], vec![], vec![]));
    assert_eq!(sequences(&folders[2].path().join("all.jsonl")), (0..1000).collect::<Vec<_>>());
}

#[test]
fn a_route_misses_nothing_while_it_is_changed_beside_another() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let takes = |name: &str, max: u64| {
        format!(
            "[routes.{name}]\nsource = {{ kind = \"nodes\", route = \"load\" }}\n\
             sinks = [{{ kind = \"json-lines\", path = \"{name}.jsonl\", max_size = \"{max} MiB\" }}]\n"
        )
    };
    let edge = Running::start(above.path(), "edge", &format!("{}{}", takes("a", 64), takes("b", 64)));
    let device = Running::start(below.path(), "device", &device(edge.address, 3000, 10_000));
    for max in 65..80 {
        edge.configure(&format!("{}{}", takes("a", 64), takes("b", max))).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    wait_until("all are sent", || upstream(&device).acknowledged == 3000);
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    for name in ["a.jsonl", "b.jsonl"] {
        assert_eq!(sequences(&above.path().join(name)), (0..3000).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn an_event_that_is_never_taken_does_not_hold_up_the_others() {
    let (below, above) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let edge = Running::start(above.path(), "edge", &format!("{TAKES_ALL}[limits]\nbody = \"4 KiB\"\n"));
    let push = format!(
        "[upstream]\nurl = \"http://{}\"\n[routes.in]\nsource = {{ kind = \"push\" }}\nsinks = [{{ kind = \"upstream\" }}]\n",
        edge.address
    );
    let device = Running::start(below.path(), "device", &push);
    let deep = (0..100).fold(serde_json::Value::from(1), |value, _| vec![value].into());
    let refusal = device.node.push_values("in", vec![1.into(), deep]).unwrap_err();
    assert_eq!((refusal.class, refusal.code), (Class::Invalid, "too_deep"));

    let mut values: Vec<serde_json::Value> = (0..50).map(Into::into).collect();
    values[20] = "x".repeat(10_000).into();
    assert_eq!(device.node.push_values("in", values).unwrap().taken, 50);
    wait_until("the others are sent", || upstream(&device).acknowledged == 49);
    assert_eq!((upstream(&device).dropped, upstream(&device).waiting), (1, 0));
    assert_eq!(device.kinds().iter().filter(|kind| *kind == "failed").count(), 1);
    assert_eq!((device.stop(), edge.stop()), (vec![], vec![]));
    let expected: Vec<u64> = (0..50).filter(|sequence| *sequence != 20).collect();
    assert_eq!(sequences(&above.path().join("all.jsonl")), expected);
}
