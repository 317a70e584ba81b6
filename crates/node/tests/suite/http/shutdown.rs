use std::fs;
use std::net::TcpStream;
use std::thread;

use crate::running::{Running, wait_until};

#[test]
fn a_call_that_runs_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let spin = r#"(module (func (export "spin") (loop (br 0))))"#;
    fs::write(folder.path().join("spin.wasm"), wat::parse_str(spin).unwrap()).unwrap();
    let slot = "[slots.spin]\nfile = \"spin.wasm\"\ndeadline = \"2s\"\n";
    let running = Running::start(folder.path(), "edge", slot);
    let (ask, address) = (running.ask("/api/v1/slots/spin/functions/spin"), running.address);
    let caller = thread::spawn(move || ask.post(b""));
    // A call is counted when it ends; until then only the caller knows of it.
    thread::sleep(std::time::Duration::from_millis(500));
    running.stop();
    caller.join().unwrap().check_refused(504, "deadline_exceeded");
    wait_until("nobody listens", || TcpStream::connect(address).is_err());
}

#[test]
fn a_silent_connection_does_not_keep_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), "edge", "");
    let _silent = TcpStream::connect(running.address).unwrap();
    assert_eq!(running.ask("/healthz").get().status, 200);
    let begun = std::time::Instant::now();
    running.stop();
    assert!(begun.elapsed().as_secs() < 25, "it would be closed by itself after 30 s");
}
