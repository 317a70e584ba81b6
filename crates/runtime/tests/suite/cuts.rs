//! Unsealed files that lost their end, given by file while another version serves and a caller calls it without a pause:
//! nothing in the file tells that it is not whole, and yet each is refused once or does all that the whole file does.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::Duration;

use abi::Digest;
use runtime::{Lease, LoadOptions, Slot, SlotEvent, SlotPolicy, Watcher, WatcherOptions, files};

use crate::guest::{answer, engine, wasm};

const PATIENCE: Duration = Duration::from_secs(60);

/// A function whose file is cut.
struct Case {
    /// The module that answers a number.
    make: fn(i32) -> Vec<u8>,
    call: fn(&Lease) -> i32,
}

/// What became of a file.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Published,
    Refused,
}

fn fate(events: &Receiver<SlotEvent>, bytes: &[u8], what: &str) -> Fate {
    loop {
        match events.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{what}: {error}")) {
            SlotEvent::Published { new, .. } => {
                assert_eq!(new, Digest::of(bytes), "{what}");
                return Fate::Published;
            }
            SlotEvent::Refused { digest, .. } => {
                assert_eq!(digest, Some(Digest::of(bytes)), "{what}");
                return Fate::Refused;
            }
            SlotEvent::Drained { .. } => {}
            other => panic!("{what}: {other:?}"),
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, bytes).unwrap();
    fs::rename(new, path).unwrap();
}

/// Where sections end, the last one left out: a file that is cut there consists of whole sections.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut found = vec![];
    let mut at = 8;
    while at < bytes.len() {
        found.push(at);
        let (mut length, mut shift) = (0, 0);
        loop {
            at += 1;
            length |= usize::from(bytes[at] & 0x7f) << shift;
            shift += 7;
            if bytes[at] & 0x80 == 0 {
                break;
            }
        }
        at += 1 + length;
    }
    found
}

/// Puts every cut of the second version in the place of the first; those after which a file is whole are expected.
#[track_caller]
fn check(case: &Case, whole: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.wasm");
    let (first, second) = ((case.make)(1), (case.make)(2));
    put(&path, &first);
    let slot = Slot::new("cut", files::load(engine(), &path, LoadOptions::default()).unwrap(), SlotPolicy::default());
    let slot = slot.unwrap();
    // The successor is tried with the last call that was answered.
    assert_eq!((case.call)(&slot.acquire()), 1);
    let events = slot.subscribe(64);
    let options = WatcherOptions { poll: Duration::from_secs(2), settle: Duration::from_millis(2), events: true };
    let watcher = Watcher::start(engine(), options).unwrap();
    let _watch = watcher.watch(&slot, &path, LoadOptions::default()).unwrap();
    let (stop, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut published = vec![];
    thread::scope(|scope| {
        let caller = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let number = (case.call)(&slot.acquire());
                assert!(number == 1 || number == 2, "{number}");
                calls.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_micros(50));
            }
        });
        for length in (0..second.len()).rev() {
            let (cut, what) = (&second[..length], format!("cut at {length}"));
            put(&path, cut);
            let before = calls.load(Ordering::Relaxed);
            let expected = match fate(&events, cut, &what) {
                Fate::Refused => 1,
                Fate::Published => {
                    published.push(length);
                    2
                }
            };
            assert_eq!((case.call)(&slot.acquire()), expected, "{what}");
            if expected == 2 {
                put(&path, &first);
                assert_eq!(fate(&events, &first, &what), Fate::Published, "{what}");
            }
            while calls.load(Ordering::Relaxed) == before && !caller.is_finished() {
                thread::yield_now();
            }
            assert!(!caller.is_finished(), "{what}: a call failed");
        }
        put(&path, &second);
        assert_eq!(fate(&events, &second, "whole"), Fate::Published);
        stop.store(true, Ordering::Relaxed);
        caller.join().expect("no call fails");
    });
    thread::sleep(Duration::from_millis(100));
    let late: Vec<_> = events.try_iter().filter(|event| !matches!(event, SlotEvent::Drained { .. })).collect();
    assert_eq!(late, [], "one event for each file");
    let names: Vec<String> = boundaries(&second)
        .into_iter()
        .map(|at| (at, name(&second, at)))
        .rev()
        .filter_map(|(at, name)| published.contains(&at).then_some(name))
        .collect();
    assert_eq!(names, whole, "what may be missing");
    assert_eq!(names.len(), published.len(), "{published:?}: a file that ends inside a section went live");
}

/// The section that begins here.
fn name(bytes: &[u8], at: usize) -> String {
    match bytes[at] {
        0 => "custom".into(),
        other => format!("section {other}"),
    }
}

/// The last sections of a module: names for debuggers, and what made it.
const CUSTOM: &str = r#"(@custom "producers" (after last) "a text compiler")"#;

#[test]
fn numbers_from_a_constant() {
    let make =
        |number| wasm(&format!(r#"(module $m (func $f (export "v") (result i32) (i32.const {number})) {CUSTOM})"#));
    check(&Case { make, call: answer }, &["custom", "custom"]);
}

/// Without its data the module divides by zero.
#[test]
fn numbers_with_the_help_of_data() {
    let make = |number| {
        wasm(&format!(
            r#"(module $m (memory (export "memory") 1) (data (i32.const 8) "\07\00\00\00")
              (func $f (export "v") (result i32) (i32.div_u (i32.const {}) (i32.load (i32.const 8)))) {CUSTOM})"#,
            number * 7
        ))
    };
    check(&Case { make, call: answer }, &["custom", "custom"]);
}

/// Without its elements the table is empty; data that is copied is announced by a section before the code.
#[test]
fn numbers_with_the_help_of_a_table_and_of_copied_data() {
    let make = |number| {
        wasm(&format!(
            r#"(module (memory 1) (table 1 funcref) (elem (i32.const 0) func $number) (data $d "\07\00\00\00") (start $s)
              (func $s (memory.init $d (i32.const 8) (i32.const 0) (i32.const 4)))
              (func $number (result i32) (i32.div_u (i32.const {}) (i32.load (i32.const 8))))
              (func (export "v") (result i32) (call_indirect (result i32) (i32.const 0))))"#,
            number * 7
        ))
    };
    check(&Case { make, call: answer }, &["custom"]);
}

#[test]
fn json_in_place() {
    let make = |number| {
        wasm(&format!(
            r#"(module (memory (export "memory") 1) (data (i32.const 8) "\07\00\00\00")
              (func (export "f") (param i32 i32) (result i32)
                (i32.store8 (local.get 0) (i32.add (i32.const 48)
                  (i32.div_u (i32.const {}) (i32.load (i32.const 8)))))
                (i32.const 1))
              (func (export "size") (param i32 i32 i32 i32) (result i32) (i32.const 1)) {CUSTOM})"#,
            number * 7
        ))
    };
    check(&Case { make, call: |lease| lease.call_json("f", "[1]").unwrap().parse().unwrap() }, &["custom"]);
}

#[test]
fn a_component() {
    let make = |number| {
        wasm(&format!(
            r#"(component
              (core module $m (memory 1) (data (i32.const 8) "\07\00\00\00")
                (func (export "v") (result i32) (i32.div_u (i32.const {}) (i32.load (i32.const 8)))))
              (core instance $i (instantiate $m))
              (func $v (result s32) (canon lift (core func $i "v")))
              (export "v" (func $v))
              (@custom "producers" "a text compiler"))"#,
            number * 7
        ))
    };
    check(&Case { make, call: |lease| lease.call_json("v", "").unwrap().parse().unwrap() }, &["custom", "custom"]);
}
