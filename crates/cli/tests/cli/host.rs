//! Functions that ask something of their host, as commands load them.

use crate::folder::Folder;

const LOGGING: &str = r#"(module
  (import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
  (import "wasmtube_host_v1" "kv_delete" (func $delete (param i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 16) "it is \1b[31mcold")
  (func (export "f") (result i32)
    (call $log (i32.const 2) (i32.const 16) (i32.const 15))
    (call $delete (i32.const 16) (i32.const 2))))"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write_wat("f.wasm", LOGGING);
    folder
}

/// The answer goes to standard output, the log to standard error, and nothing in it is obeyed by a terminal.
#[track_caller]
fn check_logs(folder: &Folder, file: &str) {
    let output = folder.command(&["call", file, "f", "--allow", "log,kv"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "warn: it is \\u{1b}[31mcold\n");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "0\n");
}

#[test]
fn a_call_allows_by_name() {
    let folder = folder();
    check_logs(&folder, "f.wasm");
    let refused = ["imports wasmtube_host_v1.kv_delete, but the slot allows log", "call with `--allow kv`"];
    folder.run(&["call", "f.wasm", "f", "--allow", "log"]).failed(1, &refused);
    folder.run(&["call", "f.wasm", "f"]).failed(1, &["the slot allows nothing", "`--allow log,kv`"]);
    folder
        .run(&["call", "f.wasm", "f", "--allow", "files"])
        .failed(2, &["nothing of this name to allow", "wasi:fd_write"]);
}

#[test]
fn a_call_is_given_a_configuration() {
    let folder = Folder::new();
    let text = r#"(module (import "wasmtube_host_v1" "config_get" (func $get (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "unit")
      (func (export "length") (result i32) (call $get (i32.const 0) (i32.const 4) (i32.const 8) (i32.const 99))))"#;
    folder.write_wat("f.wasm", text);
    let call = |arguments: &[&str]| folder.run(&[&["call", "f.wasm", "length"], arguments].concat());
    assert_eq!(call(&["--allow", "config", "--config", "unit=a=b", "--config", "other="]).done(), "3\n");
    assert_eq!(call(&["--allow", "config"]).done(), "-1\n");
    call(&["--config", "unit=celsius"]).failed(2, &["add --allow config"]);
    call(&["--allow", "config", "--config", "unit=a", "--config", "unit=b"]).failed(2, &["`unit`", "once"]);
    call(&["--allow", "config", "--config", "unit"]).failed(2, &["KEY=VALUE"]);
    call(&["--allow", "config", "--config", &format!("{}=x", "k".repeat(257))]).failed(2, &["--config: a key has 257"]);
}

#[test]
fn inspect_says_what_a_file_asks_for_and_pack_seals_it() {
    let folder = folder();
    let shown = folder.run(&["inspect", "f.wasm"]).done();
    assert!(shown.contains("asks for    log, kv, which its slot has to allow"), "{shown}");
    assert_eq!(folder.run(&["inspect", "f.wasm", "--json"]).json()["allow"], serde_json::json!(["log", "kv"]));
    folder.run(&["pack", "f.wasm", "-o", "p.wasm", "--name", "f"]).done();
    check_logs(&folder, "p.wasm");
}

#[test]
fn check_holds_a_file_against_its_slot() {
    let folder = folder();
    let node =
        "[node]\nname = \"device\"\nlayer = \"device\"\nlisten = \"127.0.0.1:0\"\n[slots.f]\nfile = \"f.wasm\"\n";
    folder.write("node.toml", format!("{node}allow = [\"log\"]\n"));
    let output = folder.command(&["check", "node.toml"]).output().unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success() && found.contains("the slot `f` cannot load f.wasm"), "{found}");
    assert!(found.contains("add \"kv\" to `allow` of the slot"), "{found}");
    folder.write("node.toml", format!("{node}allow = [\"log\", \"kv\"]\n"));
    folder.run(&["check", "node.toml"]).done();
}
