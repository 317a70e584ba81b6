//! Calls and replacements.

use std::ffi::CStr;
use std::{fs, ptr, thread};

use wasmtube::*;

use super::guests::keyed_counter;
use super::running::{NO_BYTES, Running, STATS, STATS_V2, failure, take, take_bytes, workspace};

const ARGUMENT: &str = r#"{"values":[127,71,110,-5]}"#;
const ANSWER: &str = r#"{"mean":75,"median":110}"#;
/// How long a file that was replaced may take to be live.
const PATIENCE_MS: u64 = 60_000;

/// Classic functions: a picture's width as JSON, one digit; a loop without end.
const CLASSIC: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "width") (param i32 i32 i32 i32) (result i32)
    (i32.store8 (local.get 0) (i32.add (local.get 2) (i32.const 48))) (i32.const 1))
  (func (export "stop") (param i32 i32) (result i32) unreachable)
  (func (export "turn") (param i32 i32) (result i32) (loop (br 0)) (i32.const 0)))"#;

#[test]
fn a_call_by_json_answers_json() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    assert_eq!(slot.json("calc_stats", ARGUMENT).unwrap(), ANSWER);
    let said = slot.json("calc", ARGUMENT).unwrap_err();
    assert!(said.starts_with("Call: no_such_function: there is no function `calc`; the module has "), "{said}");
    let said = slot.json("calc_stats", "[").unwrap_err();
    assert!(said.starts_with("Call: guest_error: "), "{said}");
}

#[test]
fn a_call_by_bytes_answers_bytes() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace("guests/prebuilt/plain-stats.wasm"), false).unwrap();
    let call = |data: &[u8]| {
        let mut answer = NO_BYTES;
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            wasmtube_slot_call_bytes(slot.0, c"stats".as_ptr(), ptr::null(), data.as_ptr(), data.len(), &raw mut answer)
        };
        failure(error).map_or_else(|| Ok(take_bytes(answer)), Err)
    };
    let values: Vec<u8> = [1, 2, 6].into_iter().flat_map(i64::to_le_bytes).collect();
    let expected: Vec<u8> = [3.0, 2.0].into_iter().flat_map(f64::to_le_bytes).collect();
    assert_eq!(call(&values).unwrap(), expected);
    let said = call(&values[1..]).unwrap_err();
    assert!(said.starts_with("Call: wrong_argument: "), "{said}");
}

#[test]
fn the_error_of_a_function_keeps_its_code() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let mut answer = NO_BYTES;
    // SAFETY: every pointer leads to what lives during the call, and the error is freed once.
    unsafe {
        let error =
            wasmtube_slot_call_json(slot.0, c"calc_stats".as_ptr(), ptr::null(), b"[".as_ptr(), 1, &raw mut answer);
        assert_eq!(CStr::from_ptr(wasmtube_error_guest_code(error)), c"invalid-argument");
        assert!(!wasmtube_error_retryable(error));
        wasmtube_error_free(error);
    }
}

#[test]
fn a_call_with_a_picture() {
    let engine = Running::new();
    let slot = engine.open_wat(CLASSIC, None).unwrap();
    let call = |rgb: &[u8], width| {
        let mut answer = NO_BYTES;
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            let name = c"width".as_ptr();
            wasmtube_slot_call_image(slot.0, name, ptr::null(), rgb.as_ptr(), rgb.len(), width, 2, &raw mut answer)
        };
        failure(error).map_or_else(|| Ok(take(answer)), Err)
    };
    assert_eq!(call(&[0; 18], 3).unwrap(), "3");
    let said = call(&[0; 17], 3).unwrap_err();
    assert!(said.ends_with("it was called with 17 bytes for 3 x 2 pixels of RGB"), "{said}");
}

#[test]
fn traps_and_endless_loops_are_errors() {
    let engine = Running::new();
    let options = Options { deadline_ms: 50, ..wasmtube_options_default() };
    let slot = engine.open_wat(CLASSIC, Some(&options)).unwrap();
    let said = slot.json("stop", "1").unwrap_err();
    assert!(said.starts_with("Call: trap: the function trapped: "), "{said}");
    let said = slot.json("turn", "1").unwrap_err();
    assert_eq!(said, "Call: deadline_exceeded: the function did not answer within 50ms and was stopped");
    let event = slot.event(0);
    assert!(event.starts_with(r#"{"digest":"#) && event.contains(r#""event":"trapped","function":"stop""#), "{event}");
}

#[test]
fn a_version_is_replaced_while_it_is_called() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let before = slot.digest();
    assert_eq!(before.len(), 64);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| (0..200).all(|_| slot.json("calc_stats", ARGUMENT).is_ok_and(|text| !text.is_empty())))
            })
            .collect();
        slot.publish(STATS_V2).unwrap();
        assert!(callers.into_iter().all(|caller| caller.join().unwrap()));
    });
    assert_ne!(slot.digest(), before);
    let event = slot.event(0);
    assert!(event.contains(r#""event":"published""#) && event.contains(&slot.digest()), "{event}");
}

#[test]
fn what_is_refused_changes_nothing() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let before = slot.digest();
    let said = slot.publish("Cargo.toml").unwrap_err();
    assert!(said.starts_with("Load: seal: cannot load "), "{said}");
    let said = slot.publish("no-such-file").unwrap_err();
    assert!(said.starts_with("File: unreadable: cannot read "), "{said}");
    let other = wat::parse_str(CLASSIC).unwrap();
    // SAFETY: every pointer leads to what lives during the call.
    let said = failure(unsafe { wasmtube_slot_publish_bytes(slot.0, other.as_ptr(), other.len()) }).unwrap();
    assert!(said.starts_with("Publish: unsealed: the file is not sealed "), "{said}");
    assert_eq!(slot.digest(), before);
    assert_eq!(slot.json("calc_stats", ARGUMENT).unwrap(), ANSWER);
}

#[test]
fn a_file_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stats.wasm");
    fs::copy(workspace(STATS), &path).unwrap();
    let engine = Running::new();
    let slot = engine.open_path(&path, true).unwrap();
    // The slot lives on without its engine.
    drop(engine);
    let before = slot.digest();
    fs::copy(workspace(STATS_V2), folder.path().join("new")).unwrap();
    fs::rename(folder.path().join("new"), &path).unwrap();
    let event = slot.event(PATIENCE_MS);
    assert!(event.contains(r#""event":"published""#), "{event}");
    assert_ne!(slot.digest(), before);
    let said = slot.publish(STATS).unwrap_err();
    assert!(said.starts_with("Misuse: follows_a_file: the slot follows "), "{said}");
}

#[test]
fn options_bound_what_functions_may_do() {
    let engine = Running::new();
    let options = Options { argument_bytes: 10, ..wasmtube_options_default() };
    let slot = engine.open(&fs::read(workspace(STATS)).unwrap(), Some(&options)).unwrap();
    let said = slot.json("calc_stats", ARGUMENT).unwrap_err();
    assert_eq!(said, "Call: too_large: the argument has 26 bytes, the limit is 10");
}

#[test]
fn events_that_do_not_come_are_none() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    assert_eq!(slot.event(1), "");
}

#[test]
fn engines_and_slots_may_be_shared() {
    fn check<T: Send + Sync>() {}
    check::<Engine>();
    check::<Slot>();
}

#[test]
fn state_is_kept_by_key() {
    let engine = Running::new();
    let options = Options { keys: 2, queue: 1, ..wasmtube_options_default() };
    let slot = engine.open(&keyed_counter(), Some(&options)).unwrap();
    let count = |key| slot.json_of(key, "count", "");
    let ok = |digit: &str| Ok(digit.into());
    assert_eq!([count(Some(c"a")), count(Some(c"a")), count(Some(c"b"))], [ok("1"), ok("2"), ok("1")]);
    assert_eq!(
        count(None).unwrap_err(),
        "Call: wrong_key: the function keeps its state by key: name the key of the call"
    );
    assert_eq!(count(Some(c"")).unwrap_err(), "Call: wrong_key: a key must have 1 to 256 bytes, this one has 0");
    assert_eq!(count(Some(c"c")), ok("1"));
    let event = slot.event(0);
    assert!(event.contains(r#""event":"evicted","key":"a""#), "{event}");
    assert_eq!(count(Some(c"a")), ok("1"), "what was evicted begins anew");
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let said = slot.json_of(Some(c"a"), "calc_stats", ARGUMENT).unwrap_err();
    assert!(said.starts_with("Call: wrong_key: the function keeps no state by key (`"), "{said}");
}
