//! Compiled code outlives the node.

use std::fs;
use std::path::Path;

use node::Argument;
use node::body::Cache;

use crate::running::{FIRST, Running, SECOND};

const STATS: &str = "[slots.stats]\nfile = \"stats.wasm\"\n";

fn cache(running: &Running) -> Cache {
    running.node.status().cache.unwrap()
}

/// Loaded and compiled since the start.
fn counts(running: &Running) -> (u64, u64) {
    let cache = cache(running);
    assert_eq!((cache.refused, cache.problem), (0, None));
    (cache.loaded, cache.compiled)
}

/// A module that answers the number.
fn answering(number: u32) -> Vec<u8> {
    wat::parse_str(format!(r#"(module (func (export "v") (result i32) i32.const {number}))"#)).unwrap()
}

fn answer(running: &Running) -> serde_json::Value {
    running.node.call("stats", "v", Argument::Nothing).unwrap().value.unwrap()
}

#[test]
fn a_restart_and_a_roll_back_compile_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), FIRST).unwrap();
    let running = Running::start(folder.path(), "edge", STATS);
    running.node.push("stats", SECOND.to_vec()).unwrap();
    assert_eq!(counts(&running), (0, 2));
    running.node.roll_back("stats", None).unwrap();
    assert_eq!(counts(&running), (1, 2));
    running.stop();

    let running = Running::start(folder.path(), "edge", STATS);
    assert_eq!(counts(&running), (1, 0));
    running.node.roll_back("stats", None).unwrap();
    assert_eq!(counts(&running), (2, 0));
    let values = Argument::Json("{\"values\": [1, 2]}".into());
    let answer = running.node.call("stats", "calc_stats", values).unwrap().value.unwrap();
    assert!(answer.get("standard_deviation").is_some());
    let status = running.client().node().unwrap();
    assert_eq!(status.cache, Some(cache(&running)));
    assert_eq!((cache(&running).entries, cache(&running).limit), (2, 256 << 20));
}

/// Another slot has more versions than there is room for.
#[test]
fn the_live_version_and_the_one_before_stay_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (file, number) in [("stats.wasm", 1), ("busy.wasm", 10)] {
        fs::write(path.join(file), answering(number)).unwrap();
    }
    let slots = format!("{STATS}[slots.busy]\nfile = \"busy.wasm\"\n");
    let running = Running::start(path, "edge", &slots);
    let entry = cache(&running).bytes / 2;
    running.stop();
    // Live, before and the next one of one slot, live and before of the other.
    let rest = format!("cache = {}\n{slots}", 5 * entry + entry / 2);
    let running = Running::start(path, "edge", &rest);
    running.node.push("stats", answering(2)).unwrap();
    for number in 11..18 {
        running.node.push("busy", answering(number)).unwrap();
    }
    running.node.push("busy", b"no module".to_vec()).unwrap_err();
    assert_eq!((counts(&running), cache(&running).entries), ((2, 8), 5));
    running.stop();

    let running = Running::start(path, "edge", &rest);
    for slot in ["stats", "busy"] {
        running.node.roll_back(slot, None).unwrap();
    }
    assert_eq!((answer(&running), counts(&running)), (1.into(), (4, 0)));
}

#[test]
fn damaged_code_is_compiled_again_and_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), answering(1)).unwrap();
    drop(Running::start(folder.path(), "edge", STATS));
    for path in code_files(folder.path()) {
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
    }
    let running = Running::start(folder.path(), "edge", STATS);
    let Cache { loaded, compiled, refused, .. } = cache(&running);
    assert_eq!((answer(&running), loaded, compiled, refused), (1.into(), 0, 1, 1));
}

#[test]
fn a_node_may_keep_none() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stats.wasm"), answering(1)).unwrap();
    let running = Running::start(folder.path(), "edge", &format!("cache = 0\n{STATS}"));
    assert_eq!((answer(&running), running.node.status().cache), (1.into(), None));
    assert!(!folder.path().join("wasmtube-data/code").exists());
}

fn code_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let paths = fs::read_dir(folder.join("wasmtube-data/code")).unwrap().map(|entry| entry.unwrap().path());
    let code: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "code")).collect();
    assert_eq!(code.len(), 1);
    code
}
