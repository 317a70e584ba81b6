//! What functions ask of a node: what its slots allow, what stays when they change.

use std::fs;

use node::Argument;
use serde_json::{Value, json};

use crate::running::Running;

/// `count` counts its calls in the store, as one character; `unit` answers the length of an entry of the configuration.
/// The answers of two versions differ by the number.
fn counter(number: u8) -> Vec<u8> {
    let text = format!(
        r#"(module
          (import "wasmtube_host_v1" "kv_get" (func $get (param i32 i32 i32 i32) (result i32)))
          (import "wasmtube_host_v1" "kv_set" (func $set (param i32 i32 i32 i32) (result i32)))
          (import "wasmtube_host_v1" "config_get" (func $config (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1) (data (i32.const 16) "count") (data (i32.const 32) "unit")
          (func (export "count") (result i32)
            (i32.store8 (i32.const 64) (i32.const 0))
            (drop (call $get (i32.const 16) (i32.const 5) (i32.const 64) (i32.const 1)))
            (i32.store8 (i32.const 64) (i32.add (i32.load8_u (i32.const 64)) (i32.const 1)))
            (drop (call $set (i32.const 16) (i32.const 5) (i32.const 64) (i32.const 1)))
            (i32.add (i32.load8_u (i32.const 64)) (i32.const {number})))
          (func (export "unit") (result i32) (call $config (i32.const 32) (i32.const 4) (i32.const 0) (i32.const 0))))"#
    );
    wat::parse_str(text).unwrap()
}

fn slot(allow: &str, unit: &str) -> String {
    format!("[slots.counter]\nfile = \"counter.wasm\"\nallow = {allow}\nconfig = {{ unit = \"{unit}\" }}\n")
}

#[track_caller]
fn check(running: &Running, function: &str, expected: i32) {
    let value: Value = running.node.call("counter", function, Argument::Nothing).unwrap().value.unwrap();
    assert_eq!(value, json!(expected), "{function}");
}

#[test]
fn what_functions_keep_survives_pushes_and_other_configurations() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("counter.wasm"), counter(0)).unwrap();
    let running = Running::start(folder.path(), "edge", &slot(r#"["kv", "config"]"#, "celsius"));
    check(&running, "count", 1);
    check(&running, "count", 2);
    check(&running, "unit", 7);
    // The next version is tried with the last call, which counts elsewhere.
    running.node.push("counter", counter(100)).unwrap();
    check(&running, "count", 103);
    running.configure(&slot(r#"["kv", "config", "log"]"#, "K")).unwrap();
    check(&running, "count", 104);
    check(&running, "unit", 1);
    running.node.roll_back("counter", None).unwrap();
    check(&running, "count", 5);
}

#[test]
fn a_file_that_asks_for_more_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("counter.wasm"), counter(0)).unwrap();
    let running = Running::start(folder.path(), "edge", &slot(r#"["config"]"#, "celsius"));
    let problem = running.node.slot("counter").unwrap().problem.unwrap();
    let expected = "the module imports wasmtube_host_v1.kv_get, wasmtube_host_v1.kv_set, but the slot allows config: if \
                    that is meant, add \"kv\" to `allow` of the slot";
    assert!(problem.starts_with(expected), "{problem}");
    running.configure(&slot(r#"["kv", "config"]"#, "celsius")).unwrap();
    check(&running, "count", 1);
}
