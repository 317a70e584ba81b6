//! The paper's convention with values that its own host could not pass, and beside other conventions.

use std::sync::Arc;

use abi::{State, ValueKind};
use runtime::{CallError, Form, Lease, LoadOptions, Version, Window};

use crate::guest::{engine, lease, manifest, sealed, wasm};

/// `ends` answers how many bytes it got and whether the first and the last are those that a picture or a text has here;
/// static data lies where a host that writes at 42 destroys it.
const ENDS: &str = r#"(module (memory (export "memory") 17)
  (data (i32.const 1048576) "true ")
  (func $ends (param $at i32) (param $len i32) (result i32)
    (local $last i32)
    (local.set $last (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $len)) (i32.const 1))))
    (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 91)) (then (unreachable)))
    (if (i32.ne (local.get $last) (i32.const 93)) (then (unreachable)))
    (memory.copy (local.get $at) (i32.const 1048576) (i32.const 5))
    (i32.const 5))
  (func (export "json") (param i32 i32) (result i32) (call $ends (local.get 0) (local.get 1)))
  (func (export "picture") (param i32 i32 i32 i32) (result i32)
    (if (i32.ne (local.get 1) (i32.mul (i32.mul (local.get 2) (local.get 3)) (i32.const 3))) (then (unreachable)))
    (call $ends (local.get 0) (local.get 1))))"#;

fn at(window: Window) -> Lease {
    let options = LoadOptions { window: Some(window), ..LoadOptions::default() };
    Arc::new(Version::load(engine(), wasm(ENDS), options).unwrap()).lease()
}

/// JSON of exactly this length.
fn json(bytes: usize) -> String {
    format!("[\"{}\"]", "x".repeat(bytes - 4))
}

/// A picture whose first byte is `[` and whose last is `]`.
fn picture(width: usize, height: usize) -> Vec<u8> {
    let mut rgb = vec![7; width * height * 3];
    rgb[0] = b'[';
    *rgb.last_mut().unwrap() = b']';
    rgb
}

#[test]
fn four_megabytes_of_json_and_a_full_camera_frame_go_through_the_end_of_memory() {
    let lease = at(Window::End);
    for _ in 0..2 {
        assert_eq!(lease.call_json("json", &json(4 << 20)).unwrap(), "true ");
        assert_eq!(lease.call_image("picture", &picture(1920, 1080), 1920, 1080).unwrap(), b"true ");
        assert_eq!(lease.call_json("json", "[]").unwrap(), "true ");
    }
    assert_eq!(lease.version().counters().spoiled, 0);
}

/// What the paper's host did: right while values are small, and the module's own data is lost when they are not.
#[test]
fn index_42_is_what_it_was() {
    let lease = at(Window::At(42));
    assert_eq!(lease.call_json("json", &json(1_000_000)).unwrap(), "true ");
    assert_eq!(lease.call_image("picture", &picture(590, 590), 590, 590).unwrap(), b"true ");
    let error = lease.call_json("json", &json(1_100_000)).unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { .. }), "{error:?}");
    assert!(lease.call_json("json", "[]").is_err(), "and so is every later call");
    let error = lease.call_image("picture", &picture(1920, 1080), 1920, 1080).unwrap_err();
    assert!(matches!(error, CallError::NoWindow { .. }), "{error:?}");
}

/// A function of numbers, and beside it exports of the classic types that the manifest does not name.
fn both() -> Lease {
    let text = ENDS.replace(
        "(func $ends",
        r#"(func (export "wasmtube_abi_v1"))
  (func (export "three") (result i32) (i32.const 3))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $ends"#,
    );
    let number = || ValueKind::Scalar(abi::DataType::I32);
    let declared: &[(&str, &[ValueKind], &[ValueKind])] =
        &[("three", &[], &[number()]), ("add", &[number(), number()], &[number()])];
    lease(sealed(&text, &manifest(State::Stateless, declared)))
}

#[test]
fn a_file_of_another_convention_offers_the_classic_one_only_when_asked() {
    let lease = both();
    let interface = lease.version().interface();
    let offered: Vec<_> = interface.classic_functions().map(|function| (function.name, function.form)).collect();
    assert_eq!(offered, [("json", Form::ClassicData), ("picture", Form::ClassicPicture)]);
    assert!(matches!(lease.call_json("json", "[]").unwrap_err(), CallError::NoSuchFunction { .. }));
    assert_eq!(lease.call_classic_json("json", "[]").unwrap(), "true ");
    assert_eq!(lease.call_classic_image("picture", &picture(4, 3), 4, 3).unwrap(), "true ");
    let error = lease.call_classic_json("add", "[]").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`add` cannot be called in the classic convention; functions of the module that can: json, picture"
    );
}

#[test]
fn wrong_values_are_refused_by_the_classic_calls_too() {
    let lease = both();
    for (found, expected) in [
        (lease.call_classic_json("picture", "[]"), "`picture` takes a picture, it was called with JSON"),
        (lease.call_classic_image("json", &[0; 3], 1, 1), "`json` takes JSON, it was called with a picture"),
        (
            lease.call_classic_image("picture", &[0; 4], 1, 1),
            "`picture` takes a picture, it was called with 4 bytes for 1 x 1 pixels of RGB",
        ),
    ] {
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
}

#[test]
fn classic_files_may_be_called_by_name_of_their_convention() {
    let lease = at(Window::End);
    assert_eq!(lease.call_classic_json("json", "[]").unwrap(), "true ");
    assert_eq!(lease.call_classic_image("picture", &picture(4, 3), 4, 3).unwrap(), "true ");
    assert_eq!(lease.version().counters().calls, 2);
}
