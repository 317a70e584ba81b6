//! The paper's convention: JSON and pictures in place, through a window at the end of memory.

use std::sync::Arc;

use abi::{Manifest, State, ValueKind};
use runtime::{CallError, Convention, Lease, Limits, LoadOptions, Version, Window};

use crate::guest::{engine, lease, manifest, wasm};

/// `(FUNCTIONS)` on a memory of one page.
fn module(memory: &str, functions: &str) -> String {
    format!(
        r#"(module (memory (export "memory") {memory})
  (func (export "echo") (param i32 i32) (result i32) (local.get 1))
  (func (export "double") (param $at i32) (param $len i32) (result i32)
    (memory.copy (i32.add (local.get $at) (local.get $len)) (local.get $at) (local.get $len))
    (i32.mul (local.get $len) (i32.const 2)))
  (func (export "where") (param $at i32) (param $len i32) (result i32)
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.shr_u (local.get $at) (i32.const 16))))
    (i32.const 1))
  (func (export "lie") (param i32 i32) (result i32) (i32.const 0x7fffffff))
  (func (export "size") (param $at i32) (param $len i32) (param $width i32) (param $height i32) (result i32)
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (local.get $width)))
    (i32.store8 offset=1 (local.get $at) (i32.add (i32.const 48) (local.get $height)))
    (i32.const 2))
  {functions})"#
    )
}

fn with_window(text: &str, window: Option<Window>) -> Lease {
    let options = LoadOptions { window, ..LoadOptions::default() };
    Arc::new(Version::load(engine(), wasm(text), options).unwrap()).lease()
}

#[test]
fn json_is_answered_in_place() {
    let lease = lease(wasm(&module("1", "")));
    assert_eq!(lease.version().interface().convention, Convention::Classic);
    assert_eq!(lease.call_json("echo", r#"{"args":"Grüße"}"#).unwrap(), r#"{"args":"Grüße"}"#);
    assert_eq!(lease.call_json("double", "12").unwrap(), "1212");
    assert_eq!(lease.call_json("where", "0").unwrap(), "1", "the window begins behind the module's own page");
}

#[test]
fn arguments_beyond_the_module_s_memory_are_right_and_so_is_the_next_call() {
    let lease = lease(wasm(&module("1", "")));
    let long = format!("[{}1]", "1,".repeat(2_000_000));
    assert_eq!(lease.call_json("echo", &long).unwrap(), long);
    assert_eq!(lease.call_json("double", "7").unwrap(), "77");
}

#[test]
fn a_window_that_became_too_small_grows() {
    let text = module("1", "");
    let limits = Limits { result_bytes: 1, ..Limits::default() };
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let lease = Arc::new(Version::load(engine(), wasm(&text), options).unwrap()).lease();
    assert_eq!(lease.call_json("where", "0").unwrap(), "1");
    assert_eq!(lease.call_json("where", &"0".repeat(200_000)).unwrap(), "1", "it grows where it is");
}

#[test]
fn pictures_cross_with_their_size() {
    let lease = lease(wasm(&module("1", "")));
    assert_eq!(lease.call_image("size", &[0; 4 * 3 * 3], 4, 3).unwrap(), b"43");
}

#[test]
fn an_answer_that_is_not_json_is_an_error() {
    let silent = r#"(func (export "silent") (param i32 i32) (result i32) (i32.const 0))
      (func (export "blind") (param i32 i32 i32 i32) (result i32) (i32.const 0))"#;
    let lease = lease(wasm(&module("1", silent)));
    let empty = "the function's answer is not JSON: it is empty; a function without a result answers `null`";
    assert_eq!(lease.call_json("silent", "1").unwrap_err().to_string(), empty);
    assert_eq!(lease.call::<_, Option<i32>>("silent", &1).unwrap_err().to_string(), empty);
    assert_eq!(lease.call_image("blind", &[0; 3], 1, 1).unwrap_err().to_string(), empty);
    for text in ["{", "1 2", "word"] {
        let error = lease.call_json("echo", text).unwrap_err();
        assert!(matches!(error, CallError::BadAnswer { wanted: "JSON", .. }), "{error:?}");
    }
    let counters = lease.version().counters();
    assert_eq!((counters.calls, counters.failed, counters.spoiled), (6, 6, 0));
}

#[test]
fn length_beyond_the_window_is_an_error_and_drops_the_instance() {
    let lease = lease(wasm(&module("1", "")));
    let error = lease.call_json("lie", "1").unwrap_err();
    assert_eq!(error, CallError::ResultBeyondWindow { len: 0x7fff_ffff, window: 16 << 20 });
    assert_eq!(lease.call_json("echo", "1").unwrap(), "1");
    assert_eq!(lease.version().counters().spoiled, 1);
}

#[test]
fn a_window_shrinks_to_the_memory_limit_before_it_is_refused() {
    let limits = Limits { memory_bytes: 3 << 16, ..Limits::default() };
    let lease = crate::guest::limited(&module("1", ""), limits);
    assert_eq!(lease.call_json("echo", "1").unwrap(), "1");
    let error = lease.call_json("echo", &" ".repeat(200_000)).unwrap_err();
    assert!(matches!(error, CallError::MemoryLimit { limit: 196_608, .. }), "{error:?}");
}

#[test]
fn the_same_functions_take_numbers() {
    use runtime::Scalar::I32;
    assert_eq!(lease(wasm(&module("1", ""))).call_scalars("echo", &[I32(5), I32(6)]).unwrap(), [I32(6)]);
}

#[test]
fn a_memory_that_cannot_grow_is_refused_with_the_choices() {
    let text = module("1 1", "");
    let error = with_window(&text, None).call_json("echo", "1").unwrap_err();
    let expected = "no place in memory for the argument: the module's memory may not grow; \
        choose one, `end`, `42` or `alloc:NAME`, by the setting `window`, or build the module for the core ABI v1";
    assert_eq!(error.to_string(), expected);
    assert_eq!(with_window(&text, Some(Window::At(42))).call_json("double", "12").unwrap(), "1212");
}

#[test]
fn assembly_script_is_refused_until_a_window_is_chosen() {
    let allocator = r#"(func (export "__new") (param i32 i32) (result i32) (i32.const 1024))
      (func (export "__pin") (param i32) (result i32) (local.get 0))"#;
    let text = module("1", allocator);
    let error = with_window(&text, None).call_json("echo", "1").unwrap_err();
    assert!(matches!(&error, CallError::NoWindow { reason } if reason.contains("AssemblyScript")), "{error:?}");
    let chosen = with_window(&text, Some(Window::Alloc("__new".into())));
    assert_eq!(chosen.call_json("where", "1").unwrap(), "0", "the window lies where the allocator says");
    let error = with_window(&text, Some(Window::Alloc("malloc".into()))).call_json("echo", "1").unwrap_err();
    assert!(
        matches!(&error, CallError::NoWindow { reason } if reason.contains("`malloc(bytes) -> address`")),
        "{error:?}"
    );
}

/// A sealed module whose functions are `echo` and `where`, with a window in its manifest.
fn sealed(text: &str, window: Option<Window>) -> Vec<u8> {
    let json: (&[ValueKind], &[ValueKind]) = (&[ValueKind::Json], &[ValueKind::Json]);
    let functions = [("echo", json.0, json.1), ("where", json.0, json.1)];
    abi::pack(&wasm(text), &Manifest { window, ..manifest(State::Slot, &functions) }).unwrap()
}

const ALLOCATOR: &str = r#"(func (export "__new") (param i32 i32) (result i32) (i32.const 1024))"#;

#[test]
fn a_manifest_chooses_the_window_unless_somebody_else_does() {
    let file = sealed(&module("2", ALLOCATOR), Some(Window::Alloc("__new".into())));
    let answer = |window: Option<Window>| {
        let options = LoadOptions { window, ..LoadOptions::default() };
        Arc::new(Version::load(engine(), file.clone(), options).unwrap()).lease().call_json("where", "1")
    };
    assert_eq!(answer(None).unwrap(), "0", "where the allocator says");
    assert_eq!(answer(Some(Window::End)).unwrap(), "2", "behind the module's own two pages");
    let silent = sealed(&module("2", ALLOCATOR), None);
    let error = lease(silent).call_json("where", "1").unwrap_err();
    assert!(matches!(&error, CallError::NoWindow { reason } if reason.contains("AssemblyScript")), "{error:?}");
}

#[track_caller]
fn check_contradiction(text: &str, window: Window, found: &str) {
    let error = Version::load(engine(), sealed(text, Some(window)), LoadOptions::default()).unwrap_err();
    assert!(error.to_string().contains(found), "{error}");
}

#[test]
fn a_manifest_whose_window_the_module_cannot_have_is_refused() {
    let text = module("1 1", ALLOCATOR);
    check_contradiction(&text, Window::Alloc("malloc".into()), "the module exports no function `malloc`");
    check_contradiction(&text, Window::Alloc("size".into()), "`size` does not take bytes and answer an address");
    check_contradiction(&text, Window::At(65_536), "the memory never has more than 65536 bytes");
    let scalar = Manifest {
        window: Some(Window::End),
        ..manifest(State::Slot, &[("f", &[], &[ValueKind::Scalar(abi::DataType::I32)])])
    };
    let file = abi::pack(&wasm(r#"(module (func (export "f") (result i32) (i32.const 1)))"#), &scalar).unwrap();
    let error = Version::load(engine(), file, LoadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("no function is of the classic convention"), "{error}");
}

#[test]
fn abort_of_assembly_script_is_a_trap_with_its_message() {
    let text = r#"(module (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
      (memory (export "memory") 1)
      (data (i32.const 12) "\08\00\00\00o\00u\00c\00h\00")
      (data (i32.const 60) "\08\00\00\00f\00.\00t\00s\00")
      (func (export "f") (param i32)
        (call $abort (i32.const 16) (i32.const 64) (i32.const 3) (i32.const 7))))"#;
    let error = lease(wasm(text)).call_scalars("f", &[runtime::Scalar::I32(0)]).unwrap_err();
    let CallError::Trap(trap) = error else { panic!("a trap expected, not {error:?}") };
    assert_eq!(trap.message, "ouch at f.ts:3:7");
    assert_eq!(trap.backtrace[0].function, "f");
}

#[test]
fn abort_with_a_wild_pointer_is_a_trap_too() {
    let text = r#"(module (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
      (memory (export "memory") 1)
      (func (export "f") (param i32) (call $abort (local.get 0) (i32.const 2) (i32.const 3) (i32.const 7))))"#;
    for address in [0, 3, 65_536, 65_535, -1] {
        let error = lease(wasm(text)).call_scalars("f", &[runtime::Scalar::I32(address)]).unwrap_err();
        let CallError::Trap(trap) = error else { panic!("a trap expected, not {error:?}") };
        assert_eq!(trap.message, "abort without a message");
    }
}
