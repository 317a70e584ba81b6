//! Core ABI v1: who owns what, and what the host does with a guest that breaks the rules.

use std::sync::Arc;

use abi::value::ErrorObject;
use abi::{State, ValueKind};
use runtime::{CallError, Convention, Lease, Limits, LoadOptions, Version};

use crate::guest::{engine, lease, load_error, manifest, sealed};

/// An allocator that only goes up and refuses more than 60,000 bytes; `frees` answers the places freed so far, as pairs
/// of address and length.
const GUEST: &str = r#"(module
  (memory (export "memory") 4)
  (global $next (mut i32) (i32.const 4096))
  (global $freed (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 48))
  (data (i32.const 2048) "{\"code\":\"empty\",\"message\":\"no values\",\"retryable\":false}")
  (data (i32.const 2112) "{\"code\":\"busy\",\"message\":\"try again\",\"retryable\":true}")
  (data (i32.const 2200) "not an object")
  (data (i32.const 2300) "\ff\fe")
  (data (i32.const 2500) "no sensor 7")
  (global $panicked (mut i32) (i32.const 0))
  (func (export "wasmtube_panic") (result i64)
    (call $pack (i32.const 2500) (i32.mul (i32.const 11) (global.get $panicked))))
  (func (export "panic") (param i32 i32) (result i64) (global.set $panicked (i32.const 1)) unreachable)
  (func (export "idle") (param i32 i32) (result i64) (i64.extend_i32_u (local.get 1)))
  (func (export "wasmtube_abi_v1"))
  (func $alloc (export "wasmtube_alloc") (param $len i32) (param $align i32) (result i32)
    (local $at i32)
    (if (i32.gt_u (local.get $len) (i32.const 60000)) (then (return (i32.const 0))))
    (local.set $at (global.get $next))
    (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get $len)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (func (export "wasmtube_free") (param $ptr i32) (param $len i32)
    (local $at i32)
    (local.set $at (i32.add (i32.const 16) (i32.mul (global.get $freed) (i32.const 8))))
    (i32.store (local.get $at) (local.get $ptr))
    (i32.store offset=4 (local.get $at) (local.get $len))
    (global.set $freed (i32.add (global.get $freed) (i32.const 1))))
  (func $pack (param $ptr i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $len))))
  (func (export "echo") (param $ptr i32) (param $len i32) (result i64)
    (call $pack (local.get $ptr) (local.get $len)))
  (func (export "tail") (param $ptr i32) (param $len i32) (result i64)
    (call $pack (i32.add (local.get $ptr) (i32.const 1)) (i32.sub (local.get $len) (i32.const 1))))
  (func (export "copy") (param $ptr i32) (param $len i32) (result i64)
    (local $to i32)
    (local.set $to (call $alloc (local.get $len) (i32.const 16)))
    (memory.copy (local.get $to) (local.get $ptr) (local.get $len))
    (call $pack (local.get $to) (local.get $len)))
  (func (export "nothing") (param i32 i32) (result i64) (i64.const 0))
  (func (export "refuse") (param i32 i32) (result i64) (call $pack (i32.const 2048) (i32.const 0x80000038)))
  (func (export "put_off") (param i32 i32) (result i64) (call $pack (i32.const 2112) (i32.const 0x80000036)))
  (func (export "refuse_in_place") (param $ptr i32) (param i32) (result i64)
    (memory.copy (local.get $ptr) (i32.const 2048) (i32.const 56))
    (call $pack (local.get $ptr) (i32.const 0x80000038)))
  (func (export "speechless") (param i32 i32) (result i64) (i64.const 0x80000000))
  (func (export "mumble") (param i32 i32) (result i64) (call $pack (i32.const 2200) (i32.const 0x8000000d)))
  (func (export "binary") (param i32 i32) (result i64) (call $pack (i32.const 2300) (i32.const 2)))
  (func (export "overlap") (param $ptr i32) (param $len i32) (result i64)
    (call $pack (i32.add (local.get $ptr) (i32.const 1)) (local.get $len)))
  (func (export "overlap_before") (param $ptr i32) (param $len i32) (result i64)
    (call $pack (i32.sub (local.get $ptr) (i32.const 1)) (local.get $len)))
  (func (export "around") (param $ptr i32) (param $len i32) (result i64)
    (call $pack (i32.sub (local.get $ptr) (i32.const 1)) (i32.add (local.get $len) (i32.const 2))))
  (func (export "behind") (param $ptr i32) (param $len i32) (result i64)
    (i32.store8 (i32.add (local.get $ptr) (local.get $len)) (i32.const 0x37))
    (call $pack (i32.add (local.get $ptr) (local.get $len)) (i32.const 1)))
  (func (export "outside") (param i32 i32) (result i64) (call $pack (i32.const 0x7fff0000) (i32.const 16)))
  (func (export "wrapping") (param i32 i32) (result i64) (call $pack (i32.const -8) (i32.const 16)))
  (func (export "big") (param i32 i32) (result i64) (call $pack (i32.const 5000) (i32.const 0x1000001)))
  (func $count (export "count") (param i32 i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 2400) (global.get $calls))
    (call $pack (i32.const 2400) (i32.const 1)))
  (func $deep (unreachable))
  (func (export "fail_midway") (param $ptr i32) (param $len i32) (result i64)
    (drop (call $count (i32.const 0) (i32.const 0)))
    (i32.store8 (i32.const 2048) (i32.const 0x58))
    (call $deep)
    (i64.const 0))
  (func (export "frees") (param i32 i32) (result i64)
    (call $pack (i32.const 16) (i32.mul (global.get $freed) (i32.const 8)))
    (global.set $freed (i32.const 0)))
  (func (export "corner") (param $ptr i32) (param $len i32) (param $width i32) (param $height i32) (result i64)
    (i32.store8 (local.get $ptr) (local.get $width))
    (i32.store8 offset=1 (local.get $ptr) (local.get $height))
    (call $pack (local.get $ptr) (i32.const 3)))
  (func (export "thumbnail") (param $ptr i32) (param $len i32) (param i32 i32) (result i64)
    (local $to i32)
    (local.set $to (call $alloc (i32.const 3) (i32.const 16)))
    (memory.copy (local.get $to) (local.get $ptr) (i32.const 3))
    (call $pack (local.get $to) (i32.const 3)))
  (func (export "blind") (param i32 i32 i32 i32) (result i64) (call $pack (i32.const 2048) (i32.const 0x80000038)))
  (func (export "beyond") (param $ptr i32) (param $len i32) (param i32 i32) (result i64)
    (call $pack (i32.add (local.get $ptr) (i32.const 1)) (local.get $len))))"#;

fn guest_file() -> Vec<u8> {
    let json = [ValueKind::Json];
    let bytes = [ValueKind::Bytes];
    let mut functions: Vec<(&str, &[ValueKind], &[ValueKind])> = vec![
        ("frees", &[], &bytes),
        ("corner", &[ValueKind::Image], &bytes),
        ("thumbnail", &[ValueKind::Image], &bytes),
        ("blind", &[ValueKind::Image], &bytes),
        ("beyond", &[ValueKind::Image], &bytes),
        ("idle", &[], &[]),
        ("nothing", &json, &[]),
    ];
    for name in [
        "echo",
        "tail",
        "copy",
        "refuse",
        "put_off",
        "refuse_in_place",
        "speechless",
        "mumble",
        "binary",
        "overlap",
        "overlap_before",
        "around",
        "behind",
        "outside",
        "wrapping",
        "big",
        "count",
        "fail_midway",
        "panic",
    ] {
        functions.push((name, &json, &json));
    }
    sealed(GUEST, &manifest(State::Slot, &functions))
}

fn guest() -> Lease {
    lease(guest_file())
}

/// What was freed since the last time, without the answer of that time.
fn frees(lease: &Lease) -> Vec<(u32, u32)> {
    let log = lease.call_bytes("frees", b"").unwrap();
    let words: Vec<u32> = log.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    words.as_chunks::<2>().0.iter().map(|&[ptr, len]| (ptr, len)).filter(|(ptr, _)| *ptr != 16).collect()
}

#[track_caller]
fn check(function: &str, argument: &str, result: &str, freed: &[(u32, u32)]) {
    let lease = guest();
    assert_eq!(lease.call_json(function, argument).unwrap(), result);
    assert_eq!(frees(&lease), freed);
}

/// A rule was broken: the right error, and the next call gets a fresh instance.
#[track_caller]
fn check_spoils(function: &str, argument: &str) -> CallError {
    let lease = guest();
    assert_eq!(lease.call_json("count", "").unwrap(), "1");
    let error = lease.call_json(function, argument).unwrap_err();
    assert_eq!(lease.call_json("count", "").unwrap(), "1", "a fresh instance counts from the start");
    assert_eq!(lease.version().counters().spoiled, 1);
    error
}

#[test]
fn the_convention_is_recognised() {
    assert_eq!(guest().version().interface().convention, Convention::CoreV1);
}

#[test]
fn echo_in_place_frees_the_argument_only() {
    check("echo", "[1,2,3]", "[1,2,3]", &[(4096, 7)]);
}

#[test]
fn result_inside_the_argument_is_not_freed() {
    check("tail", "x[1]", "[1]", &[(4096, 4)]);
}

#[test]
fn result_elsewhere_is_freed_before_the_argument() {
    check("copy", "[1,2,3]", "[1,2,3]", &[(4112, 7), (4096, 7)]);
}

#[test]
fn empty_argument_is_not_allocated_and_empty_result_not_freed() {
    check("nothing", "[1]", "", &[(4096, 3)]);
    check("nothing", "", "", &[]);
}

#[test]
fn an_answer_that_is_not_json_is_an_error_and_is_freed() {
    let lease = guest();
    let error = lease.call_json("echo", "").unwrap_err();
    let reason = "it is empty; a function without a result answers `null`".into();
    assert_eq!(error, CallError::BadAnswer { wanted: "JSON", reason });
    let error = lease.call_json("copy", "[1,").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "JSON", .. }), "{error:?}");
    assert_eq!(frees(&lease), [(4112, 3), (4096, 3)]);
    assert_eq!(lease.version().counters().failed, 2);
}

#[test]
fn error_object_is_read_and_freed() {
    let lease = guest();
    let error = lease.call_json("refuse", "[]").unwrap_err();
    let object = ErrorObject { code: "empty".into(), message: "no values".into(), retryable: false };
    assert_eq!(error, CallError::GuestError(object));
    assert_eq!(frees(&lease), [(2048, 56), (4096, 2)]);
}

#[test]
fn an_error_object_says_whether_to_try_again() {
    let lease = guest();
    let object = ErrorObject { code: "busy".into(), message: "try again".into(), retryable: true };
    assert_eq!(lease.call_json("put_off", "[]").unwrap_err(), CallError::GuestError(object));
    assert_eq!(frees(&lease), [(2112, 54), (4096, 2)]);
}

#[test]
fn an_error_object_may_take_the_place_of_the_argument() {
    let lease = guest();
    let error = lease.call_json("refuse_in_place", &" ".repeat(60)).unwrap_err();
    assert!(matches!(&error, CallError::GuestError(object) if object.code == "empty"), "{error:?}");
    assert_eq!(frees(&lease), [(4096, 60)]);
}

#[test]
fn malformed_answers_are_told_apart() {
    let lease = guest();
    let error = lease.call_json("mumble", "[]").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "an error object", .. }), "{error:?}");
    let error = lease.call_json("binary", "[]").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "text in UTF-8", .. }), "{error:?}");
    frees(&lease);
    let error = lease.call_json("speechless", "[]").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "an error object", .. }), "{error:?}");
    assert_eq!(frees(&lease), [(4128, 2)], "an empty error object is freed as little as an empty result");
    assert_eq!(lease.version().counters().spoiled, 0);
}

#[test]
fn error_objects_and_broken_answers_are_counted_apart() {
    for (function, traps, error_objects) in
        [("copy", 0, 0), ("refuse", 0, 1), ("mumble", 1, 0), ("outside", 1, 0), ("panic", 1, 0)]
    {
        let lease = guest();
        drop(lease.call_json(function, "[]"));
        let counters = lease.version().counters();
        let found = (counters.failed, counters.traps, counters.timeouts, counters.error_objects);
        assert_eq!(found, (traps + error_objects, traps, 0, error_objects), "{function}");
    }
}

#[test]
fn guest_without_memory_for_the_argument_says_so() {
    let lease = guest();
    let error = lease.call_json("echo", &" ".repeat(60_001)).unwrap_err();
    assert_eq!(error, CallError::GuestOutOfMemory { bytes: 60_001 });
    assert_eq!(lease.call_json("echo", "1").unwrap(), "1");
    assert_eq!(lease.version().counters().spoiled, 0);
}

#[test]
fn guest_that_was_refused_memory_for_the_argument_is_told_by_the_limit() {
    let text = r#"(module (memory (export "memory") 1) (func (export "wasmtube_abi_v1"))
      (func (export "wasmtube_alloc") (param $len i32) (param i32) (result i32)
        (i32.mul (i32.const 65536)
          (i32.add (i32.const 1) (memory.grow (i32.div_u (i32.add (local.get $len) (i32.const 65535)) (i32.const 65536))))))
      (func (export "wasmtube_free") (param i32 i32))
      (func (export "f") (param i32 i32 i32 i32) (result i64) (i64.const 0)))"#;
    let file = sealed(text, &manifest(State::Slot, &[("f", &[ValueKind::Image], &[ValueKind::Bytes])]));
    let options =
        LoadOptions { limits: Limits { memory_bytes: 3 << 16, ..Limits::default() }, ..LoadOptions::default() };
    let lease = Arc::new(Version::load(engine(), file, options).unwrap()).lease();
    let error = lease.call_image("f", &[0; 300 * 200 * 3], 300, 200).unwrap_err();
    assert_eq!(error, CallError::MemoryLimit { wanted: 4 << 16, limit: 3 << 16 });
}

#[test]
fn partial_overlap_is_an_error_and_drops_the_instance() {
    for (function, ptr, len) in [("overlap", 4097, 3), ("overlap_before", 4095, 3), ("around", 4095, 5)] {
        assert_eq!(check_spoils(function, "[1]"), CallError::PartialOverlap { ptr, len }, "{function}");
    }
}

#[test]
fn a_result_right_behind_the_argument_is_freed() {
    check("behind", "[1]", "7", &[(4099, 1), (4096, 3)]);
}

/// A module whose services have these bodies and whose function `f` answers its argument.
fn with_services(alloc: &str, free: &str) -> Lease {
    let text = format!(
        r#"(module (memory (export "memory") 1) (func (export "wasmtube_abi_v1"))
      (func (export "wasmtube_alloc") (param $len i32) (param $align i32) (result i32) {alloc})
      (func (export "wasmtube_free") (param $ptr i32) (param $len i32) {free})
      (func (export "f") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))"#
    );
    let options = LoadOptions { limits: crate::guest::deadline(200), ..LoadOptions::default() };
    let json = [ValueKind::Json];
    let file = sealed(&text, &manifest(State::Stateless, &[("f", &json, &json)]));
    Arc::new(Version::load(engine(), file, options).unwrap()).lease()
}

/// The call with a long text fails and drops the instance; the next one, with a short text, is right.
#[track_caller]
fn check_services(alloc: &str, free: &str) -> CallError {
    let lease = with_services(alloc, free);
    let error = lease.call_json("f", "123456").unwrap_err();
    assert_eq!(lease.version().counters().spoiled, 1);
    assert_eq!(lease.call_json("f", "1").unwrap(), "1");
    error
}

const LONG: &str = "(i32.gt_u (local.get $len) (i32.const 1))";

#[test]
fn memory_for_the_argument_is_asked_for_on_16_bytes() {
    let lease = with_services(
        "(i32.mul (local.get $align) (i32.const 64))",
        "(if (i32.ne (local.get $ptr) (i32.const 1024)) (then unreachable))",
    );
    assert_eq!(lease.call_json("f", "12").unwrap(), "12");
}

#[test]
fn memory_for_the_argument_off_its_boundary_is_an_error_and_drops_the_instance() {
    for off in [1, 4, 8] {
        let error = check_services(&format!("(select (i32.const {}) (i32.const 1024) {LONG})", 1024 + off), "");
        assert_eq!(error, CallError::Misaligned { ptr: 1024 + off, align: 16 });
    }
}

#[test]
fn memory_for_the_argument_outside_is_an_error_and_drops_the_instance() {
    for ptr in [65_536 - 16 + 32, 0x7fff_fff0, 0xffff_fff0_u32] {
        let error = check_services(&format!("(select (i32.const {ptr}) (i32.const 1024) {LONG})"), "");
        let expected = CallError::PointerOutOfRange { what: "memory for the argument", ptr, len: 6, memory: 65_536 };
        assert_eq!(error, expected);
    }
}

#[test]
fn services_that_trap_or_never_end_drop_the_instance() {
    let loops = format!("(if {LONG} (then (loop $l (br $l))))");
    let traps = format!("(if {LONG} (then unreachable))");
    let stopped = CallError::DeadlineExceeded { deadline: std::time::Duration::from_millis(200) };
    assert_eq!(check_services(&format!("{loops} (i32.const 1024)"), ""), stopped);
    assert_eq!(check_services("(i32.const 1024)", &loops), stopped);
    for error in [check_services(&format!("{traps} (i32.const 1024)"), ""), check_services("(i32.const 1024)", &traps)]
    {
        let CallError::Trap(trap) = error else { panic!("a trap expected, not {error:?}") };
        assert_eq!(trap.message, "wasm `unreachable` instruction executed");
    }
}

#[test]
fn result_outside_the_memory_is_an_error_and_drops_the_instance() {
    for (function, ptr) in [("outside", 0x7fff_0000), ("wrapping", u32::MAX - 7)] {
        let error = check_spoils(function, "[1]");
        assert_eq!(error, CallError::PointerOutOfRange { what: "result", ptr, len: 16, memory: 4 << 16 });
    }
}

#[test]
fn result_above_the_limit_is_refused_and_freed() {
    let limits = Limits { result_bytes: 6, ..Limits::default() };
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let lease = Arc::new(Version::load(engine(), guest_file(), options).unwrap()).lease();
    assert_eq!(lease.call_json("copy", "[1,2,3]").unwrap_err(), CallError::ResultTooLarge { bytes: 7, limit: 6 });
    assert_eq!(lease.call_json("count", "").unwrap(), "1");
    assert_eq!(lease.version().counters().spoiled, 0);
    // Both places were freed, and the single byte of the count: 24 bytes are above the limit.
    assert_eq!(lease.call_bytes("frees", b"").unwrap_err(), CallError::ResultTooLarge { bytes: 24, limit: 6 });
    // Of length and place the place is the graver fault.
    let error = check_spoils("big", "[1]");
    assert!(matches!(error, CallError::PointerOutOfRange { len: 0x0100_0001, .. }), "{error:?}");
}

#[test]
fn trap_in_the_middle_drops_the_half_written_instance_and_names_the_functions() {
    let CallError::Trap(trap) = check_spoils("fail_midway", "[1]") else { panic!("a trap expected") };
    assert_eq!(trap.message, "wasm `unreachable` instruction executed");
    let names: Vec<&str> = trap.backtrace.iter().map(|frame| frame.function.as_str()).collect();
    assert_eq!(names, ["deep", "fail_midway"]);
}

#[test]
fn a_panic_says_why() {
    let CallError::Trap(trap) = check_spoils("panic", "[1]") else { panic!("a trap expected") };
    assert_eq!(trap.to_string(), "no sensor 7 in `panic`");
}

#[test]
fn a_function_may_take_and_return_nothing() {
    guest().call::<_, ()>("idle", &()).unwrap();
}

#[test]
fn pictures_cross_with_their_size() {
    let lease = guest();
    assert_eq!(lease.call_image("corner", &[9; 2 * 3 * 3], 2, 3).unwrap(), [2, 3, 9]);
    assert_eq!(frees(&lease), [(4096, 18)], "the result lies in the picture");
    assert_eq!(lease.call_image("thumbnail", &[9; 2 * 3 * 3], 2, 3).unwrap(), [9; 3]);
    assert_eq!(frees(&lease), [(4160, 3), (4128, 18)]);
    let error = lease.call_image("blind", &[9; 3], 1, 1).unwrap_err();
    assert!(matches!(&error, CallError::GuestError(object) if object.code == "empty"), "{error:?}");
    assert_eq!(frees(&lease), [(2048, 56), (4176, 3)]);
    let error = lease.call_image("beyond", &[9; 3], 1, 1).unwrap_err();
    assert_eq!(error, CallError::PartialOverlap { ptr: 4193, len: 3 });
    assert_eq!(lease.version().counters().spoiled, 1);
    for (width, height) in [(0, 0), (0, 5), (u32::MAX, 0)] {
        let error = lease.call_image("corner", &[], width, height).unwrap_err();
        assert!(error.to_string().ends_with(&format!("0 bytes for {width} x {height} pixels of RGB")), "{error}");
    }
    let error = lease.call_image("corner", &[9; 17], 2, 3).unwrap_err();
    assert_eq!(error.to_string(), "`corner` takes a picture, it was called with 17 bytes for 2 x 3 pixels of RGB");
}

#[test]
fn values_with_a_json_form_cross_as_such() {
    let lease = guest();
    let answer: Vec<i64> = lease.call("echo", &[1_i64, 2, 3]).unwrap();
    assert_eq!(answer, [1, 2, 3]);
    lease.call::<_, ()>("nothing", "text").unwrap();
    let error = lease.call::<_, bool>("echo", "text").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { .. }), "{error:?}");
}

#[test]
fn functions_are_called_as_they_are_declared() {
    let lease = guest();
    let error = lease.call_scalars("echo", &[runtime::Scalar::I32(1), runtime::Scalar::I32(2)]).unwrap_err();
    assert_eq!(error.to_string(), "`echo` takes JSON, it was called with (i32, i32)");
    let error = lease.call_json("frees", "").unwrap_err();
    assert_eq!(error.to_string(), "`frees` takes nothing, it was called with JSON");
    let error = lease.call_json("ecko", "").unwrap_err();
    assert!(
        error.to_string().starts_with("there is no function `ecko`; the module has around, behind, beyond"),
        "{error}"
    );
}

#[test]
fn marker_without_allocator_is_a_contradiction() {
    let text = r#"(module (memory (export "memory") 1) (func (export "wasmtube_abi_v1"))
      (func (export "f") (param i32 i32) (result i64) (i64.const 0)))"#;
    let error = load_error(sealed(text, &manifest(State::Slot, &[("f", &[ValueKind::Json], &[ValueKind::Json])])));
    assert_eq!(
        error.to_string(),
        "the manifest says core ABI v1, which needs `wasmtube_alloc`, but the module does not export it: pack the file again with a manifest that fits"
    );
}
