//! Commands that speak to a node, where there is none, or something else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::folder::Folder;

const COMMANDS: [&[&str]; 7] = [
    &["call", "slot", "f"],
    &["push", "f.wasm"],
    &["push", "f.wasm", "--slot", "s"],
    &["slots"],
    &["rollback", "s"],
    &["events"],
    &["status"],
];

/// An address where nothing listens.
fn nowhere() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Answers every request with the same body.
fn serve(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 2048];
            assert!(stream.read(&mut head).unwrap() > 0);
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all((head + body).as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn where_no_node_answers_is_said() {
    let folder = Folder::new();
    folder.write("f.wasm", b"");
    let address = nowhere();
    let said = format!("no node answers at http://{address}: start one with `wasmtube run NODE.toml`");
    for command in COMMANDS {
        folder.run(&[command, &["--at", &address]].concat()).failed(1, &[&said, "because: "]);
    }
    folder.run(&["events", "--follow", "--at", &address]).failed(1, &[&said]);
    for command in COMMANDS.iter().filter(|command| command[0] != "call") {
        let ran = folder.run(&[command, &["--json", "--at", &address][..]].concat());
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(ran.code == Some(1) && answer["error"].as_str().unwrap().starts_with(&said), "{answer}");
    }
}

#[test]
fn the_environment_names_the_node() {
    let folder = Folder::new();
    let address = nowhere();
    let output = folder.command(&["slots"]).env("WASMTUBE_AT", &address).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && err.contains(&format!("http://{address}")), "{err}");
}

#[test]
fn a_slot_is_told_from_a_file() {
    let folder = Folder::new();
    folder.run(&["call", "stats", "f"]).failed(1, &["there is no file stats: if that is a slot", "add --at URL"]);
}

#[test]
fn addresses_are_checked() {
    let folder = Folder::new();
    for (address, said) in [
        ("https://127.0.0.1:1", "begins with http://"),
        ("127.0.0.1", "HOST:PORT"),
        ("", "HOST:PORT"),
        ("http://127.0.0.1:1/path", "HOST:PORT"),
        ("10.1.2.3:80", "same machine"),
    ] {
        folder.run(&["slots", "--at", address]).failed(2, &[said]);
    }
}

#[test]
fn what_is_no_node_is_told_apart() {
    let folder = Folder::new();
    folder.write("f.wasm", b"");
    for body in ["<html>", "{}", "[1]"] {
        let url = serve(body);
        for command in COMMANDS {
            folder.run(&[command, &["--at", &url]].concat()).failed(1, &["does not speak as a node does"]);
        }
    }
}

#[test]
fn what_a_node_says_cannot_command_the_terminal() {
    let folder = Folder::new();
    let url = serve(
        "[{\"name\":\"a\\u001b[2J\",\"file\":\"f\",\"live\":{\"digest\":\"\\u001b[1m\",\"name\":\"\\u001b]0;x\\u0007\",\
         \"version\":\"\\r\",\"sealed\":false,\"convention\":\"c\",\"bytes\":1,\"since\":18446744073709551615,\
         \"calls\":1,\"failed\":0,\"functions\":[]},\"problem\":\"\\u009b2J\",\"history\":[]}]",
    );
    let out = folder.run(&["slots", "--at", &url]).done();
    assert!(out.contains("a\\u{1b}[2J") && out.contains("after the year 9999"), "{out:?}");
    assert!(!out.contains(['\x1b', '\x07', '\r', '\u{9b}']), "{out:?}");
    let url = serve(
        "[{\"id\":1,\"time\":0,\"kind\":\"\\u001b[1m\",\"level\":\"\\u001b[1m\",\"subject\":\"\\u001b\",\
         \"message\":\"a\\nb\",\"digest\":\"\\u0007\"}]",
    );
    let out = folder.run(&["events", "--at", &url]).done();
    assert!(out.contains("a\\nb") && !out.contains(['\x1b', '\x07']), "{out:?}");
}
