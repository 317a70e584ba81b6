//! A real guest of the classic convention whose allocator takes the end of memory, by every way to choose its window.

use std::fs;

use crate::folder::{Folder, workspace};
use crate::running::Running;

const CALL: [&str; 6] = ["calc_stats", "--json", r#"{"values":[127,71,110,-5]}"#, "--format", "json", "--window"];
const ANSWER: &str = "{\"mean\":75,\"largest\":127}\n";
const CHOICES: [&str; 2] = ["the module is built by AssemblyScript", "choose one, `end`, `42` or `alloc:NAME`"];

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("old.wasm", fs::read(workspace("guests/prebuilt/classic-assemblyscript.wasm")).unwrap());
    folder
}

#[test]
fn a_call_chooses_it() {
    let folder = folder();
    let call = [&["call", "old.wasm"], &CALL[..5]].concat();
    folder.run(&call).failed(2, &[CHOICES[0], CHOICES[1], "`--window` of `call` and `pack` sets it"]);
    let shown = folder.run(&["inspect", "old.wasm"]).done();
    assert!(shown.contains("window      none: the module is built by AssemblyScript, whose"), "{shown}");
    assert!(shown.contains("choose `end`, `42` or `alloc:NAME` with --window"), "{shown}");
    for window in ["end", "42", "alloc:__new"] {
        let chosen = [&["call", "old.wasm"], &CALL[..], &[window]].concat();
        assert_eq!(folder.run(&chosen).done(), ANSWER, "{window}");
    }
}

#[test]
fn a_manifest_chooses_it() {
    let folder = folder();
    folder.run(&["pack", "old.wasm", "-o", "p.wasm"]).failed(1, &[CHOICES[0], CHOICES[1], "`--window` sets it"]);
    folder.run(&["pack", "old.wasm", "-o", "p.wasm", "--window", "alloc:__new"]).done();
    assert!(folder.run(&["inspect", "p.wasm", "--json"]).json()["window_wanted"].is_null());
    assert_eq!(folder.run(&[&["call", "p.wasm"], &CALL[..5]].concat()).done(), ANSWER);
    folder.write("m.toml", "window = \"alloc:__new\"\n");
    folder.run(&["pack", "old.wasm", "-o", "q.wasm", "--manifest", "m.toml"]).done();
    assert_eq!(folder.read("p.wasm"), folder.read("q.wasm"));
}

#[test]
fn a_slot_chooses_it() {
    let folder = folder();
    let node = "[node]\nname = \"device\"\nlayer = \"device\"\nlisten = \"127.0.0.1:0\"\n\
        [slots.chosen]\nfile = \"old.wasm\"\nwindow = \"alloc:__new\"\n[slots.silent]\nfile = \"copy.wasm\"\n";
    folder.write("node.toml", node);
    folder.write("copy.wasm", folder.read("old.wasm"));
    let node = Running::start(folder);
    let answer = node.run(&[&["call", "chosen"], &CALL[..5]].concat()).json();
    assert_eq!(answer, serde_json::from_str::<serde_json::Value>(ANSWER).unwrap());
    node.run(&[&["call", "silent"], &CALL[..5]].concat()).failed(1, &CHOICES);
}
