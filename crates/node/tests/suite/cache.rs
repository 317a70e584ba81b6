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

/// In a folder for two versions and a half.
#[test]
fn the_live_version_and_the_one_before_stay_compiled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let entry = {
        fs::write(path.join("stats.wasm"), answering(1)).unwrap();
        let running = Running::start(path, "edge", STATS);
        cache(&running).bytes
    };
    let rest = format!("cache = {}\n{STATS}", 2 * entry + entry / 2);
    let running = Running::start(path, "edge", &rest);
    assert_eq!(counts(&running), (1, 0));
    for number in 2..6 {
        running.node.push("stats", answering(number)).unwrap();
    }
    running.node.push("stats", b"no module".to_vec()).unwrap_err();
    running.stop();
    let running = Running::start(path, "edge", &rest);
    running.node.roll_back("stats", None).unwrap();
    assert_eq!((answer(&running), counts(&running)), (4.into(), (2, 0)));
    running.node.push("stats", answering(2)).unwrap();
    assert_eq!((answer(&running), counts(&running)), (2.into(), (2, 1)));
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
