use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::PATIENCE;
use crate::running::Running;

fn start() -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(
        folder.path(),
        "edge",
        "[routes.pushed]\nsource = { kind = \"push\" }\nsinks = [{ kind = \"stdout\" }]\n",
    );
    (folder, running)
}

/// Sends what no client would.
fn raw(running: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn another_host_is_refused_everywhere() {
    let (_folder, running) = start();
    for path in ["/", "/healthz", "/metrics", "/api/v1/slots", "/api/v1/openapi.json", "/nothing"] {
        running.ask(path).header("host", "evil.example").get().check_refused(403, "foreign_host");
    }
    running
        .ask("/api/v1/routes/pushed/events")
        .header("host", "evil.example")
        .post_json("1")
        .check_refused(403, "foreign_host");
    let local = format!("localhost:{}", running.address.port());
    assert_eq!(running.ask("/healthz").header("host", &local).get().status, 200);
}

#[test]
fn a_request_has_one_host() {
    let (_folder, running) = start();
    for request in [
        "GET /healthz HTTP/1.0\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET http://evil.example/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ] {
        let answer = raw(&running, request);
        assert!(answer.contains(" 403 Forbidden") && answer.contains("foreign_host"), "{request} {answer}");
    }
    let answer = raw(&running, "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn another_page_changes_nothing() {
    let (_folder, running) = start();
    let push = || running.ask("/api/v1/routes/pushed/events");
    let own = format!("http://{}", running.address);
    assert_eq!(push().header("origin", &own).post_json("1").status, 200);
    assert_eq!(push().header("sec-fetch-site", "same-origin").post_json("1").status, 200);
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        let answer = push().header("origin", origin).post_json("1");
        answer.check_refused(403, "foreign_origin");
        assert!(answer.headers.get("access-control-allow-origin").is_none());
    }
    push().header("sec-fetch-site", "cross-site").post_json("1").check_refused(403, "foreign_origin");
    assert_eq!(running.node.route("pushed").unwrap().counters.received, 2);
    assert_eq!(running.ask("/api/v1/slots").header("origin", "http://evil.example").get().status, 200);
}

#[test]
fn what_is_no_http_harms_nothing() {
    let (_folder, running) = start();
    assert!(raw(&running, "\x16\x03\x01 no http\r\n\r\n").starts_with("HTTP/1.1 400"));
    let endless = format!("GET / HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x: y\r\n".repeat(10_000));
    assert!(raw(&running, &endless).starts_with("HTTP/1.1 431"));
    let _silent = TcpStream::connect(running.address).unwrap();
    assert_eq!(running.ask("/healthz").get().status, 200);
}
