use expect_test::{Expect, expect};

use super::*;
use crate::body::{Configuration, RouteCounters, Upstream, Version};

fn node() -> Node {
    Node {
        name: "edge \"1\"".into(),
        layer: "edge".into(),
        version: "1.2.3".into(),
        since: 1_700_000_000_123_456,
        configuration: Configuration { file: "node.toml".into(), since: 0, refused: None },
        upstream: None,
        cache: None,
    }
}

fn slot(name: &str, live: Option<(u64, u64)>) -> Slot {
    let version = |(calls, failed)| Version {
        digest: "5e5e".into(),
        name: None,
        version: None,
        sealed: true,
        convention: "model".into(),
        bytes: 1,
        since: 1_700_000_001_000_000,
        calls,
        failed,
        functions: vec![],
    };
    Slot { name: name.into(), file: "x.wasm".into(), live: live.map(version), problem: None, history: vec![] }
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    // What each number means is tested by reading it.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("# HELP")).collect();
    expected.assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn a_node_without_anything_has_few_numbers() {
    check(
        &text(&node(), &[], &[]).unwrap(),
        &expect![[r##"
            # TYPE wasmtube_build_info gauge
            wasmtube_build_info{version="1.2.3"} 1
            # TYPE wasmtube_node_info gauge
            wasmtube_node_info{name="edge \"1\"",layer="edge"} 1
            # TYPE wasmtube_start_time_seconds gauge
            wasmtube_start_time_seconds 1700000000.123456
            # TYPE wasmtube_configuration_refused gauge
            wasmtube_configuration_refused 0
        "##]],
    );
}

#[test]
fn slots_are_counted_by_their_version() {
    let text = text(&node(), &[slot("digits", Some((7, 2))), slot("vacant", None)], &[]).unwrap();
    let text: Vec<&str> = text.lines().filter(|line| line.contains("slot")).collect();
    check(
        &text.join("\n"),
        &expect![[r##"
        # TYPE wasmtube_slot_live gauge
        wasmtube_slot_live{slot="digits"} 1
        wasmtube_slot_live{slot="vacant"} 0
        # TYPE wasmtube_slot_calls_total counter
        wasmtube_slot_calls_total{slot="digits",digest="5e5e"} 7
        # TYPE wasmtube_slot_call_failures_total counter
        wasmtube_slot_call_failures_total{slot="digits",digest="5e5e"} 2
        # TYPE wasmtube_slot_version_start_time_seconds gauge
        wasmtube_slot_version_start_time_seconds{slot="digits",digest="5e5e"} 1700000001.0
    "##]],
    );
}

#[test]
fn routes_and_the_upstream_node_are_counted() {
    let upstream = Upstream {
        url: "http://127.0.0.1:1".into(),
        reachable: true,
        problem: None,
        waiting: 1,
        capacity: 2,
        acknowledged: 3,
        dropped: 4,
        oldest: None,
    };
    let route = Route {
        name: "load".into(),
        source: String::new(),
        window: None,
        call: None,
        sinks: vec![],
        start: 1_700_000_002_500_000,
        ended: false,
        counters: RouteCounters {
            received: 1,
            read_failures: 2,
            dropped: 3,
            calls: 4,
            call_failures: 5,
            written: 6,
            write_failures: 7,
            missed: 8,
            duplicates: 9,
        },
        queued: 10,
        queue_capacity: 11,
        problem: None,
        received: vec![],
        outcomes: vec![],
    };
    let text = text(&Node { upstream: Some(upstream), ..node() }, &[], &[route]).unwrap();
    let text: Vec<&str> = text.lines().filter(|line| line.contains("route") || line.contains("upstream")).collect();
    check(
        &text.join("\n"),
        &expect![[r##"
            # TYPE wasmtube_upstream_reachable gauge
            wasmtube_upstream_reachable 1
            # TYPE wasmtube_upstream_waiting_events gauge
            wasmtube_upstream_waiting_events 1
            # TYPE wasmtube_upstream_buffer_capacity gauge
            wasmtube_upstream_buffer_capacity 2
            # TYPE wasmtube_upstream_acknowledged_events_total counter
            wasmtube_upstream_acknowledged_events_total 3
            # TYPE wasmtube_upstream_dropped_events_total counter
            wasmtube_upstream_dropped_events_total 4
            # TYPE wasmtube_route_received_values_total counter
            wasmtube_route_received_values_total{route="load"} 1
            # TYPE wasmtube_route_read_failures_total counter
            wasmtube_route_read_failures_total{route="load"} 2
            # TYPE wasmtube_route_dropped_events_total counter
            wasmtube_route_dropped_events_total{route="load"} 3
            # TYPE wasmtube_route_calls_total counter
            wasmtube_route_calls_total{route="load"} 4
            # TYPE wasmtube_route_call_failures_total counter
            wasmtube_route_call_failures_total{route="load"} 5
            # TYPE wasmtube_route_written_events_total counter
            wasmtube_route_written_events_total{route="load"} 6
            # TYPE wasmtube_route_write_failures_total counter
            wasmtube_route_write_failures_total{route="load"} 7
            # TYPE wasmtube_route_missed_values_total counter
            wasmtube_route_missed_values_total{route="load"} 8
            # TYPE wasmtube_route_duplicate_events_total counter
            wasmtube_route_duplicate_events_total{route="load"} 9
            # TYPE wasmtube_route_queue_length gauge
            wasmtube_route_queue_length{route="load"} 10
            # TYPE wasmtube_route_queue_capacity gauge
            wasmtube_route_queue_capacity{route="load"} 11
            # TYPE wasmtube_route_ended gauge
            wasmtube_route_ended{route="load"} 0
            # TYPE wasmtube_route_start_time_seconds gauge
            wasmtube_route_start_time_seconds{route="load"} 1700000002.5
        "##]],
    );
}
