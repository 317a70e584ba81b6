use std::fs;
use std::io::{self, Read as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::running::{Running, SECOND, wait_until};

const NODE: &str = "[slots.stats]\nfile = \"stats.wasm\"\ndeadline = \"60s\"\n\
                    [routes.pushed]\nsource = { kind = \"push\" }\n\
                    sinks = [{ kind = \"json-lines\", path = \"out.jsonl\" }]\n";

fn start(limits: &str) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), "edge", &format!("{NODE}[limits]\n{limits}"));
    (folder, running)
}

#[test]
fn a_large_body_is_refused() {
    let (_folder, running) = start("body = \"1 KiB\"\n");
    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let push = |text: String| running.ask("/api/v1/routes/pushed/events").post_json(&text);
    assert_eq!(push(text(1024)).json(), json!({"taken": 1}));
    push(text(1025)).check_refused(413, "too_large");
    push(text(10_000_000)).check_refused(413, "too_large");
    let error = running.client().push("stats", SECOND, |_| ()).unwrap_err();
    assert!(error.to_string().contains("at most 1024 are taken"), "{error}");

    assert_eq!(push_unannounced(&running, 1000), 400, "too large a number, but no too large body");
    assert_eq!(push_unannounced(&running, 10_000_000), 413);
}

/// Status of a number with so many digits, whose length is not said before.
fn push_unannounced(running: &Running, digits: u64) -> u16 {
    let mut body = io::repeat(b'1').take(digits);
    let request = super::agent().post(format!("http://{}/api/v1/routes/pushed/events", running.address));
    let request = request.header("content-type", "application/json");
    request.send(ureq::SendBody::from_reader(&mut body)).unwrap().status().as_u16()
}

#[test]
fn too_many_requests_are_told_when_to_come_again() {
    let (_folder, running) = start("requests_per_second = 3\n");
    let statuses: Vec<u16> = (0..20).map(|_| running.ask("/api/v1/slots").get().status).collect();
    assert!(statuses[..3].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    let mut answers = std::iter::repeat_with(|| running.ask("/").get()).take(10_000);
    let refused = answers.find(|answer| answer.status == 429).unwrap();
    refused.check_refused(429, "too_many_requests");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(running.ask("/healthz").get().status, 200, "it lives");
    wait_until("one passes again", || running.ask("/api/v1/slots").get().status == 200);
}

#[test]
fn connections_wait_for_a_place() {
    const PLACES: usize = 256;
    let (_folder, running) = start("");
    let silent: Vec<TcpStream> = (0..PLACES).map(|_| TcpStream::connect(running.address).unwrap()).collect();
    let ask = running.ask("/healthz");
    let asking = thread::spawn(move || ask.get().status);
    thread::sleep(Duration::from_secs(1));
    assert!(!asking.is_finished());
    drop(silent);
    assert_eq!(asking.join().unwrap(), 200);
}

#[test]
fn another_configuration_changes_the_limits() {
    let (_folder, running) = start("body = \"1 KiB\"\n");
    let push = || running.ask("/api/v1/routes/pushed/events").post_json(&format!("\"{}\"", "x".repeat(2000)));
    push().check_refused(413, "too_large");
    running.configure(&format!("{NODE}[limits]\nbody = \"4 KiB\"\n")).unwrap();
    assert_eq!(push().status, 200);
}

/// More calls that never end than the node has threads for one slot.
#[test]
fn a_slot_whose_calls_never_end_holds_up_no_other() {
    const CALLS: usize = 80;
    /// For those that go on, and those that wait.
    const PLACES: usize = 64;
    let (folder, running) = start("");
    let spin = r#"(module (func (export "spin") (loop (br 0))) (func (export "one") (result i32) i32.const 1))"#;
    for slot in ["spin", "quick"] {
        fs::write(folder.path().join(format!("{slot}.wasm")), wat::parse_str(spin).unwrap()).unwrap();
    }
    let slots = "[slots.spin]\nfile = \"spin.wasm\"\ndeadline = \"10s\"\n[slots.quick]\nfile = \"quick.wasm\"\n";
    running.configure(&format!("{NODE}{slots}")).unwrap();
    for slot in ["spin", "quick"] {
        wait_until("the file is live", || running.node.slot(slot).is_ok_and(|slot| slot.live.is_some()));
    }
    let calls: Vec<_> = (0..CALLS)
        .map(|_| {
            let ask = running.ask("/api/v1/slots/spin/functions/spin");
            thread::spawn(move || ask.post(b""))
        })
        .collect();
    wait_until("the line is full", || calls.iter().any(thread::JoinHandle::is_finished));
    assert_eq!(running.ask("/api/v1/slots/quick/functions/one").post(b"").status, 200);
    assert_eq!(running.ask("/api/v1/neighbors").get().status, 200);
    let ended = calls.iter().filter(|call| call.is_finished()).count();
    assert!(ended <= CALLS - PLACES, "it waited for {ended} calls of the other slot, of which some had a place");
    for call in calls {
        let answer = call.join().unwrap();
        match answer.status {
            503 => answer.check_refused(503, "busy"),
            _ => answer.check_refused(504, "deadline_exceeded"),
        }
    }
}

#[test]
fn what_takes_too_long_is_not_waited_for() {
    let (folder, running) = start("request = \"1s\"\n");
    let spin = r#"(module (func (export "spin") (loop (br 0))) (func (export "one") (result i32) i32.const 1))"#;
    fs::write(folder.path().join("stats.wasm"), wat::parse_str(spin).unwrap()).unwrap();
    wait_until("the file is live", || running.node.slot("stats").unwrap().live.is_some());
    running.ask("/api/v1/slots/stats/functions/spin").post(b"").check_refused(504, "too_late");
    assert_eq!(running.ask("/api/v1/slots").get().status, 200);
}
