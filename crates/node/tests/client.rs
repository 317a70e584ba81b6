//! The client, held against a server that answers what it is told to.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use runtime::{Tensor, npy};
use wasmtube_node as node;

use node::Argument;
use node::body::Rollback;
use node::client::{Client, ClientError};

/// A request as it arrived.
struct Request {
    head: String,
    body: Vec<u8>,
}

/// Answers one request; the thread gives it back.
fn serve(answer: &'static str) -> (String, JoinHandle<Request>) {
    serve_with(move |stream| {
        let request = read(stream, true);
        stream.write_all(answer.as_bytes()).unwrap();
        request
    })
}

fn serve_with(work: impl FnOnce(&mut TcpStream) -> Request + Send + 'static) -> (String, JoinHandle<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (url, thread::spawn(move || work(&mut listener.accept().unwrap().0)))
}

fn read(stream: &mut TcpStream, takes_body: bool) -> Request {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "the head ends with an empty line");
    }
    let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; if takes_body { length.unwrap_or(0) } else { 0 }];
    if takes_body && head.to_lowercase().contains("expect: 100-continue") {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    }
    reader.read_exact(&mut body).unwrap();
    Request { head, body }
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n\
    {\"node\":\"n\",\"digest\":\"d\",\"elapsed_ns\":1,\"value\":13,\"outputs\":null,\"top\":null}";

const PUBLISHED: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"slot\":\"s\",\"old\":null,\"new\":\"d\",\
    \"compile_us\":1,\"check_us\":1,\"switch_ns\":1,\"not_installed\":null}";

#[track_caller]
fn check_call(argument: &Argument, content_type: &str, body: &[u8]) {
    let (url, server) = serve(ANSWER);
    let answer = Client::new(&url).call("a slot", "f/g", argument).unwrap();
    assert_eq!(answer.value, Some(13.into()));
    let request = server.join().unwrap();
    assert!(request.head.starts_with("POST /api/v1/slots/a%20slot/functions/f%2Fg HTTP/1.1\r\n"), "{}", request.head);
    let line = format!("content-type: {content_type}\r\n");
    assert!(request.head.to_lowercase().contains(&line), "{line} is not in {}", request.head);
    assert_eq!(request.body, body);
}

#[test]
fn a_key_goes_in_the_query() {
    let (url, server) = serve(ANSWER);
    Client::new(&url).call_with_key("s", "f", Some("a&b =ä"), &Argument::Nothing).unwrap();
    let head = server.join().unwrap().head;
    assert!(head.starts_with("POST /api/v1/slots/s/functions/f?key=a%26b%20%3D%C3%A4 HTTP/1.1\r\n"), "{head}");
}

#[test]
fn arguments_go_as_what_they_are() {
    check_call(&Argument::Nothing, "application/json", b"");
    check_call(&Argument::Json("[6, 7]".into()), "application/json", b"[6, 7]");
    check_call(&Argument::Picture(b"\x89PNG".to_vec()), "image/png", b"\x89PNG");
    check_call(&Argument::Picture(vec![0xff, 0xd8]), "image/jpeg", &[0xff, 0xd8]);
    let tensor = Tensor::from_f32s(vec![2], &[1.0, 2.0]).unwrap();
    check_call(&Argument::Tensors(vec![tensor.clone()]), "application/x-npy", &npy::write(&tensor));
    let (url, server) = serve(ANSWER);
    Client::new(&url).call("s", "f", &Argument::Tensors(vec![tensor.named("x")])).unwrap();
    let request = server.join().unwrap();
    assert!(request.head.contains("multipart/form-data; boundary=wasmtube-tensors-0"), "{}", request.head);

    let (url, server) = serve(ANSWER);
    Client::new(&url).call_neighbor("edge", "s", "f", &Argument::Nothing).unwrap();
    let head = server.join().unwrap().head;
    assert!(head.starts_with("POST /api/v1/neighbors/edge/slots/s/functions/f "), "{head}");
}

#[test]
fn what_is_passed_on_stays_as_it_is() {
    let (url, server) = serve("HTTP/1.1 422 Unprocessable Content\r\nconnection: close\r\n\r\n{\"code\":1}");
    let answer = Client::new(&url).call_raw("s", "f", "text/odd", b"\0body").unwrap();
    assert_eq!(answer, (422, b"{\"code\":1}".to_vec()));
    let request = server.join().unwrap();
    assert!(request.head.contains("content-type: text/odd\r\n") && request.body == b"\0body", "{}", request.head);
}

#[test]
fn a_file_is_sent_whole_and_counted() {
    let (url, server) = serve(PUBLISHED);
    let wasm = vec![7; 300_000];
    let mut counts = vec![];
    let published = Client::new(&url).push("s", &wasm, |sent| counts.push(sent)).unwrap();
    assert_eq!(published.new, "d");
    let request = server.join().unwrap();
    assert!(request.body == wasm);
    assert!(request.head.starts_with("POST /api/v1/slots/s/versions "), "{}", request.head);
    assert!(counts.is_sorted() && counts.len() > 4, "{counts:?}");
    assert_eq!(counts.last(), Some(&300_000));
}

#[test]
fn a_file_that_is_refused_is_not_sent() {
    let (url, server) = serve_with(|stream| {
        let request = read(stream, false);
        let problem = "{\"code\":\"too_large\",\"message\":\"the body is larger than 1 MB\"}";
        write!(stream, "HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\n\r\n{problem}").unwrap();
        request
    });
    let mut last = 0;
    let refused = Client::new(&url).push("s", &vec![0; 8 << 20], |sent| last = sent).unwrap_err();
    assert!(matches!(&refused, ClientError::Refused { status: 413, code, .. } if code == "too_large"), "{refused:?}");
    assert_eq!(refused.to_string(), "the body is larger than 1 MB");
    assert_eq!(last, 0);
    server.join().unwrap();
}

#[test]
fn requests_are_written_as_json() {
    let (url, server) = serve(PUBLISHED);
    Client::new(&url).roll_back("s", &Rollback { to: Some("0123abcd".into()) }).unwrap();
    assert_eq!(server.join().unwrap().body, b"{\"to\":\"0123abcd\"}");

    let (url, server) = serve("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"taken\":2}");
    assert_eq!(Client::new(&url).push_values("r", &[1.into(), "x".into()]).unwrap().taken, 2);
    let request = server.join().unwrap();
    assert!(request.head.starts_with("POST /api/v1/routes/r/events "), "{}", request.head);
    assert_eq!(request.body, b"[1,\"x\"]");
}

#[test]
fn events_come_as_they_happen() {
    let (url, server) = serve(concat!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n:\n\nid: 9\nevent: failed\n",
        "data: {\"id\":9,\"time\":1,\"kind\":\"failed\",\"level\":\"error\",\"subject\":null,\"message\":\"m\",",
        "\"digest\":null}\n\n"
    ));
    let events: Vec<u64> = Client::new(&url).follow_events(8).unwrap().map(|event| event.unwrap().id).collect();
    assert_eq!(events, [9]);
    let head = server.join().unwrap().head;
    assert!(head.starts_with("GET /api/v1/events?after=8 "), "{head}");
    assert!(head.to_lowercase().contains("accept: text/event-stream\r\n"), "{head}");
}

#[test]
fn where_nothing_listens_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&url).node().unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }) && error.is_passing(), "{error:?}");
    assert!(error.to_string().contains(&format!("no node answers at {url}: start one with `wasmtube run")), "{error}");

    for url in ["nonsense", "http://", "http://a b"] {
        let error = Client::new(url).node().unwrap_err();
        assert!(matches!(error, ClientError::Address { .. }) && !error.is_passing(), "{url}: {error:?}");
    }
}

#[test]
fn a_node_that_falls_silent_is_not_waited_for() {
    let (url, server) = serve_with(|stream| {
        let request = read(stream, true);
        let mut rest = vec![];
        // Until the other side has had enough.
        drop(stream.read_to_end(&mut rest));
        request
    });
    let error = Client::with_patience(&url, Duration::from_millis(200)).node().unwrap_err();
    assert!(matches!(error, ClientError::TooLate { .. }) && error.is_passing(), "{error:?}");
    server.join().unwrap();
}

#[test]
fn a_connection_that_ends_early_is_lost() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n["] {
        let (url, server) = serve(answer);
        let error = Client::new(&url).slots().unwrap_err();
        assert!(matches!(error, ClientError::Lost { .. }) && error.is_passing(), "{answer:?}: {error:?}");
        server.join().unwrap();
    }
}

#[test]
fn what_is_no_node_is_told_apart() {
    for answer in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>",
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\nnothing here",
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nconnection: close\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let (url, server) = serve(answer);
        let error = Client::new(&url).slots().unwrap_err();
        assert!(matches!(error, ClientError::Malformed { .. }) && !error.is_passing(), "{answer}: {error:?}");
        server.join().unwrap();
    }
    let (url, server) = serve("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[]");
    assert!(matches!(Client::new(&url).follow_events(0), Err(ClientError::Malformed { .. })));
    server.join().unwrap();
}
