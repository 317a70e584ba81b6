//! Lists, records and scalars: numbers that cross without JSON, from and to `serde` types.

use std::collections::BTreeMap;

use abi::{DataType, FunctionDecl, KindError, State, ValueKind};
use runtime::{CallError, Form, Lease, LoadError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::guest::{lease, load_error, manifest, sealed, wasm};

/// `stats` answers count and mean of integers; `ramp` as many floats as it is told, from a first one on; `echo_...` what
/// they get; `ragged` nine bytes; `infinite` one infinity.
const GUEST: &str = r#"(module
  (memory (export "memory") 4)
  (data (i32.const 2048) "\00\00\00\00\00\00\f0\7f")
  (global $next (mut i32) (i32.const 4096))
  (func (export "wasmtube_abi_v1"))
  (func $alloc (export "wasmtube_alloc") (param $len i32) (param i32) (result i32)
    (global.get $next)
    (global.set $next (i32.and (i32.add (i32.add (global.get $next) (local.get $len)) (i32.const 15)) (i32.const -16))))
  (func (export "wasmtube_free") (param i32 i32))
  (func $pack (param $ptr i32) (param $len i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32)) (i64.extend_i32_u (local.get $len))))
  (func (export "stats") (param $at i32) (param $len i32) (result i64)
    (local $end i32) (local $sum i64) (local $to i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (block $done (loop $next_one
      (br_if $done (i32.eq (local.get $at) (local.get $end)))
      (local.set $sum (i64.add (local.get $sum) (i64.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $next_one)))
    (local.set $to (call $alloc (i32.const 16) (i32.const 16)))
    (i64.store (local.get $to) (i64.extend_i32_u (i32.shr_u (local.get $len) (i32.const 3))))
    (f64.store offset=8 (local.get $to)
      (f64.div (f64.convert_i64_s (local.get $sum)) (f64.convert_i64_s (i64.load (local.get $to)))))
    (call $pack (local.get $to) (i32.const 16)))
  (func (export "ramp") (param $at i32) (param i32) (result i64)
    (local $count i32) (local $to i32) (local $index i32)
    (local.set $count (i32.wrap_i64 (i64.load offset=8 (local.get $at))))
    (local.set $to (call $alloc (i32.mul (local.get $count) (i32.const 8)) (i32.const 16)))
    (block $done (loop $next_one
      (br_if $done (i32.eq (local.get $index) (local.get $count)))
      (f64.store (i32.add (local.get $to) (i32.mul (local.get $index) (i32.const 8)))
        (f64.add (f64.load (local.get $at)) (f64.convert_i32_u (local.get $index))))
      (local.set $index (i32.add (local.get $index) (i32.const 1)))
      (br $next_one)))
    (call $pack (local.get $to) (i32.mul (local.get $count) (i32.const 8))))
  (func $echo (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))
  (export "echo_u8" (func $echo)) (export "echo_i16" (func $echo)) (export "echo_f32" (func $echo))
  (export "echo_bytes" (func $echo)) (export "text_to_bytes" (func $echo)) (export "bytes_to_text" (func $echo))
  (export "drop" (func $nothing))
  (func $nothing (param i32 i32) (result i64) (i64.const 0))
  (func (export "ragged") (param i32 i32) (result i64) (call $pack (i32.const 2048) (i32.const 9)))
  (func (export "infinite") (param i32 i32) (result i64) (call $pack (i32.const 2048) (i32.const 8)))
  (func (export "corners") (param $at i32) (param i32 i32 i32) (result i64) (call $pack (local.get $at) (i32.const 3)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "scale") (param f64 i64) (result f64) (f64.mul (local.get 0) (f64.convert_i64_s (local.get 1))))
  (func (export "flip") (param i32) (result i32) (i32.xor (local.get 0) (i32.const 1)))
  (func (export "half") (param i64) (result i64) (i64.shr_u (local.get 0) (i64.const 1)))
  (func (export "byte") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))"#;

fn record(fields: &[(&str, DataType)]) -> ValueKind {
    ValueKind::Record(fields.iter().map(|(name, dtype)| ((*name).into(), *dtype)).collect())
}

fn guest() -> Lease {
    use DataType::{Bool, F32, F64, I16, I32, I64, U8, U64};
    use ValueKind::{Bytes, Image, Json, List, Scalar};
    let ramp = record(&[("from", F64), ("count", U64)]);
    let stats = record(&[("count", I64), ("mean", F64)]);
    let mut manifest = manifest(State::Stateless, &[]);
    for (name, takes, returns) in [
        ("stats", vec![List(I64)], vec![stats]),
        ("ramp", vec![ramp], vec![List(F64)]),
        ("echo_u8", vec![List(U8)], vec![List(U8)]),
        ("echo_i16", vec![List(I16)], vec![List(I16)]),
        ("echo_f32", vec![List(F32)], vec![List(F32)]),
        ("echo_bytes", vec![Bytes], vec![Bytes]),
        ("text_to_bytes", vec![Json], vec![List(U8)]),
        ("bytes_to_text", vec![List(U8)], vec![Json]),
        ("drop", vec![List(F64)], vec![]),
        ("ragged", vec![List(I64)], vec![List(I64)]),
        ("infinite", vec![List(I64)], vec![List(F64)]),
        ("corners", vec![Image], vec![List(U8)]),
        ("add", vec![Scalar(I32), Scalar(I32)], vec![Scalar(I32)]),
        ("scale", vec![Scalar(F64), Scalar(I64)], vec![Scalar(F64)]),
        ("flip", vec![Scalar(Bool)], vec![Scalar(Bool)]),
        ("half", vec![Scalar(U64)], vec![Scalar(U64)]),
        ("byte", vec![Scalar(U8)], vec![Scalar(U8)]),
    ] {
        manifest.functions.insert(name.into(), FunctionDecl { takes, returns, about: String::new() });
    }
    lease(sealed(GUEST, &manifest))
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stats {
    count: u32,
    mean: f64,
}

#[derive(Serialize)]
struct Ramp {
    count: u8,
    from: f32,
}

/// The call answers a value of this type.
#[track_caller]
fn check<R>(function: &str, argument: &(impl Serialize + ?Sized), expected: R)
where
    R: for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug,
{
    assert_eq!(guest().call::<_, R>(function, argument), Ok(expected));
}

/// The call is refused before the function runs.
#[track_caller]
fn check_refused(function: &str, argument: &(impl Serialize + ?Sized), expected: &str) {
    let lease = guest();
    assert_eq!(lease.call::<_, Value>(function, argument).unwrap_err().to_string(), expected);
    assert_eq!(lease.version().counters().calls, 0, "the function was not entered");
}

#[test]
fn lists_and_records_cross_as_numbers() {
    check("stats", &[1_i64, 2, 6], Stats { count: 3, mean: 3.0 });
    check("stats", &vec![-1_i8, 2], BTreeMap::from([("count".to_owned(), 2.0), ("mean".to_owned(), 0.5)]));
    check("stats", &(1_u64, 2.0), json!({"count": 2, "mean": 1.5}));
    check("ramp", &Ramp { count: 3, from: 0.5 }, vec![0.5, 1.5, 2.5]);
    check("ramp", &BTreeMap::from([("from", 1), ("count", 2)]), [1.0_f64, 2.0]);
    check("ramp", &Ramp { count: 0, from: 0.5 }, Vec::<f64>::new());
    check("echo_i16", &[i16::MIN, -1, i16::MAX], vec![-32768_i64, -1, 32767]);
    check("echo_f32", &[0.1_f64, f64::INFINITY], vec![0.1_f32, f32::INFINITY]);
    check("echo_bytes", &[1, 2, 255], vec![1_u8, 2, 255]);
    check("drop", &[1.5], ());
}

#[test]
fn json_on_one_side_stays_json() {
    check("text_to_bytes", &[1], b"[1]".to_vec());
    check("bytes_to_text", b"[1,2]", vec![1, 2]);
    let error = guest().call::<_, Value>("bytes_to_text", b"[1").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "JSON", .. }), "{error:?}");
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    let list = "the argument does not fit `echo_u8`, which is (list<u8>) -> (list<u8>): ";
    check_refused("echo_u8", &[1, 300], &format!("{list}element 1: 300 is no u8"));
    check_refused("echo_u8", "text", &format!("{list}a list of u8 is due, not a text of 4 bytes"));
    let ramp = "the argument does not fit `ramp`, which is ({from: f64, count: u64}) -> (list<f64>): ";
    check_refused("ramp", &json!({"from": 1, "count": -1}), &format!("{ramp}field `count`: -1 is no u64"));
    check_refused("ramp", &json!({"from": 1}), &format!("{ramp}the field `count` is missing, of type u64"));
    check_refused("corners", &[1], "`corners` takes a picture, it was called with a value");
}

#[test]
fn answers_of_another_form_are_told_apart() {
    let lease = guest();
    let ragged = |error: CallError| match error {
        CallError::BadAnswer { wanted: "of the kind it declares", reason } => reason,
        other => panic!("{other:?}"),
    };
    let reason = "it has 9 bytes, and an element of list<i64> has 8";
    assert_eq!(ragged(lease.call::<_, Vec<i64>>("ragged", &[1]).unwrap_err()), reason);
    assert_eq!(ragged(lease.call_json("ragged", "[1]").unwrap_err()), reason);
    assert_eq!(ragged(lease.call_bytes("ragged", &[0; 8]).unwrap_err()), reason);
    assert_eq!((lease.version().counters().failed, lease.version().counters().spoiled), (3, 0));
    let error = lease.call::<_, Vec<u8>>("stats", &[1]).unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { wanted: "of the wanted type", .. }), "{error:?}");
}

#[test]
fn bytes_of_another_length_are_not_given() {
    let error = guest().call_bytes("stats", &[0; 9]).unwrap_err().to_string();
    assert!(error.ends_with("it has 9 bytes, and an element of list<i64> has 8"), "{error}");
    let error = guest().call_bytes("ramp", &[0; 8]).unwrap_err().to_string();
    assert!(error.ends_with("it has 8 bytes, and {from: f64, count: u64} has 16"), "{error}");
    assert_eq!(guest().call_bytes("echo_i16", &[1, 2, 3, 4]).unwrap(), [1, 2, 3, 4]);
}

#[test]
fn json_text_is_converted_both_ways() {
    let lease = guest();
    assert_eq!(lease.call_json("stats", "[1, 2, 3.0]").unwrap(), r#"{"count":3,"mean":2.0}"#);
    assert_eq!(lease.call_json("ramp", r#"{"count": 2, "from": 0.5}"#).unwrap(), "[0.5,1.5]");
    assert_eq!(lease.call_json("echo_f32", "[0.1]").unwrap(), "[0.1]");
    assert_eq!(lease.call_json("drop", "[1]").unwrap(), "");
    assert_eq!(lease.call_json("bytes_to_text", "[91,93]").unwrap(), "[]");
    let error = lease.call_json("stats", "[1,2.5]").unwrap_err().to_string();
    assert!(error.contains("element 1: 2.5 is no i64"), "{error}");
    let error = lease.call_json("infinite", "[]").unwrap_err().to_string();
    assert_eq!(error, "the function's answer is not a value with a form in JSON: element 0: JSON has no form for inf");
    let error = lease.call_json("echo_bytes", "[1]").unwrap_err().to_string();
    assert_eq!(error, "`echo_bytes` takes bytes, it was called with JSON");
}

#[test]
fn pictures_may_be_answered_with_a_list() {
    let lease = guest();
    let answer = lease.call_image("corners", &[7, 8, 9], 1, 1).unwrap();
    let corners = lease.version().interface().function("corners").unwrap();
    assert!(corners.answers_json() && !corners.takes_json() && !corners.speaks_json());
    assert_eq!(corners.answer_to_json(answer).unwrap(), "[7,8,9]");
}

#[test]
fn scalars_cross_from_numbers_and_tuples() {
    check("add", &(20, 22), 42);
    check("add", &[20_u64, 22], 42_u8);
    check("add", &(20.0, -22_i8), -2);
    check("scale", &(1.5, 4), 6.0);
    check("flip", &true, false);
    check("half", &u64::MAX, u64::MAX >> 1);
    check("byte", &100, 200_u8);
}

#[test]
fn scalars_that_do_not_fit_are_refused() {
    let add = "the argument does not fit `add`, which is (i32, i32) -> (i32): ";
    check_refused("add", &(1, 1_i64 << 31), &format!("{add}element 1: 2147483648 is no i32"));
    check_refused("add", &1, &format!("{add}a tuple of 2 numbers is due, not 1"));
    check_refused("add", &(1,), &format!("{add}a tuple of 2 numbers is due, not 1"));
    check_refused("add", &(1, 2, 3), &format!("{add}element 2: a tuple of 2 numbers is due, not more"));
    check_refused("add", &(), &format!("{add}a tuple of 2 numbers is due, not nothing"));
    check_refused("flip", &1, "the argument does not fit `flip`, which is (bool) -> (bool): 1 is no bool");
    check_refused("byte", &256, "the argument does not fit `byte`, which is (u8) -> (u8): 256 is no u8");
    let error = guest().call::<_, i64>("byte", &128).unwrap_err().to_string();
    assert_eq!(error, "the function's answer is not of the wanted type: 256 is no u8");
}

#[test]
fn without_a_manifest_scalars_are_signed_or_unsigned() {
    let lease = lease(wasm(
        r#"(module
      (func (export "same") (param i32) (result i32) (local.get 0))
      (func (export "swap") (param f32 i64) (result i64 f32) (local.get 1) (local.get 0))
      (func (export "nothing")))"#,
    ));
    assert_eq!(lease.version().interface().function("same").unwrap().form, Form::Scalars);
    assert_eq!(lease.call("same", &u32::MAX), Ok(-1));
    assert_eq!(lease.call("same", &i32::MIN), Ok(i32::MIN));
    assert_eq!(lease.call("swap", &(0.5, u64::MAX)), Ok((-1_i64, 0.5_f32)));
    assert_eq!(lease.call("swap", &(0.5, 7)), Ok(vec![7.0_f64, 0.5]));
    assert_eq!(lease.call("nothing", &()), Ok(()));
    let error = lease.call::<_, (i64, f32, u8)>("swap", &(0.5, 7)).unwrap_err().to_string();
    assert!(error.ends_with("invalid length 2, expected a tuple of size 3"), "{error}");
    let error = lease.call::<_, i32>("same", &4_294_967_296_i64).unwrap_err().to_string();
    assert_eq!(error, "the argument does not fit `same`, which is (i32) -> (i32): 4294967296 is no i32");
}

#[test]
fn kinds_that_cannot_cross_are_refused_when_loading() {
    let refused = |kind: ValueKind| match load_error(sealed(GUEST, &manifest(State::Slot, &[("stats", &[kind], &[])])))
    {
        LoadError::Kind { function, source } => (function, source),
        other => panic!("{other:?}"),
    };
    let stats = || "stats".to_owned();
    assert_eq!(refused(ValueKind::List(DataType::Bool)), (stats(), KindError::Element { element: DataType::Bool }));
    let single = KindError::Field { field: "x".into(), dtype: DataType::F32 };
    assert_eq!(refused(record(&[("x", DataType::F32)])), (stats(), single));
}
