//! Components: JSON in, values of WIT types inside, JSON out.

use runtime::{CallError, Convention, Limits, LoadOptions, Slot, SlotPolicy, Version};

use crate::guest::{engine, lease, load_error, wasm};

/// `total` of the interface `demo:sums/api`, `join` with two parameters, `mean` of floats, and ways to go wrong.
pub(crate) const SUMS: &str = r#"(component
  (core module $m
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
      (local.set 4 (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get 4) (local.get 3)))
      (block (br_if 0 (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.add (i32.shr_u (local.get 3) (i32.const 16)) (i32.const 1)))))
      (local.get 4))
    (func (export "post") (param i32) (global.set $top (i32.const 1024)))
    (func (export "total") (param i32 i32) (result i64) (local i64)
      (block (loop
        (br_if 1 (i32.eqz (local.get 1)))
        (local.set 2 (i64.add (local.get 2) (i64.load (local.get 0))))
        (local.set 0 (i32.add (local.get 0) (i32.const 8)))
        (local.set 1 (i32.sub (local.get 1) (i32.const 1)))
        (br 0)))
      (global.set $top (i32.const 1024))
      (local.get 2))
    ;; The text is where the host put it; the count is ignored unless it is 0.
    (func (export "join") (param i32 i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (select (local.get 1) (i32.const 0) (local.get 2)))
      (i32.const 16))
    (func (export "spin") (loop (br 0)))
    (func (export "trap") unreachable)
    (func (export "wild") (result i32)
      (i32.store (i32.const 16) (i32.const -16)) (i32.store (i32.const 20) (i32.const 8)) (i32.const 16))
    (func (export "huge") (result i32)
      (i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (i32.const 60000)) (i32.const 16))
    (func (export "none") (result f64) (f64.const nan)))
  (core instance $i (instantiate $m))
  (func $total (param "values" (list s64)) (result s64)
    (canon lift (core func $i "total") (memory $i "memory") (realloc (func $i "realloc"))))
  (func $join (param "text" string) (param "count" u32) (result string)
    (canon lift (core func $i "join") (memory $i "memory") (realloc (func $i "realloc")) (post-return (func $i "post"))))
  (func $spin (canon lift (core func $i "spin")))
  (func $trap (canon lift (core func $i "trap")))
  (func $wild (result string) (canon lift (core func $i "wild") (memory $i "memory")))
  (func $huge (result (list bool)) (canon lift (core func $i "huge") (memory $i "memory")))
  (func $none (result f64) (canon lift (core func $i "none")))
  (instance $api (export "total" (func $total)))
  (export "demo:sums/api@0.1.0" (instance $api))
  (export "total" (func $total))
  (export "join" (func $join))
  (export "spin" (func $spin))
  (export "trap" (func $trap))
  (export "wild" (func $wild))
  (export "huge" (func $huge))
  (export "none" (func $none)))"#;

#[track_caller]
fn check(function: &str, argument: &str, expected: &str) {
    assert_eq!(lease(wasm(SUMS)).call_json(function, argument).unwrap(), expected);
}

#[track_caller]
fn check_refused(function: &str, argument: &str, expected: &str) {
    let error = lease(wasm(SUMS)).call_json(function, argument).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn functions_of_a_component_take_and_answer_json() {
    check("total", "[1, 2, 39]", "42");
    check("total", "[]", "0");
    check("total", r#"["9007199254740993"]"#, "9007199254740993");
    check("demo:sums/api@0.1.0#total", "[1,2]", "3");
    check("join", r#"["hé", 1]"#, r#""hé""#);
    check("join", r#"{"count": 0, "text": "away"}"#, r#""""#);
}

#[test]
fn the_interface_tells_the_types() {
    let lease = lease(wasm(SUMS));
    let interface = lease.version().interface();
    assert_eq!(interface.convention, Convention::Component);
    let types: Vec<String> =
        interface.functions().iter().filter_map(|function| Some(function.wit.as_ref()?.to_string())).collect();
    assert_eq!(types.len(), 8);
    assert_eq!(types[2], "func(text: string, count: u32) -> string");
}

#[test]
fn arguments_that_do_not_fit_are_refused_with_their_place() {
    check_refused("total", "[1, true]", "at `[1]`: invalid type: boolean `true`, expected s64 at line 1 column 8");
    check_refused("total", "7", "expected an array for list<s64>");
    check_refused("total", "[9223372036854775808]", "at `[0]`: invalid value: integer `9223372036854775808`");
    check_refused("total", "[1", "EOF while parsing a list");
    check_refused("total", "[1] 2", "trailing characters");
    check_refused("join", r#"["x"]"#, "invalid length 1, expected an array of 2 arguments or an object of text, count");
    check_refused("join", r#"{"text": "x"}"#, "the field `count` is missing, of type u32");
    check_refused("join", r#"{"text": "x", "count": -1}"#, "at `count`: invalid value: integer `-1`, expected u32");
    check_refused("trap", "1", "expected nothing, null or []");
}

#[test]
fn what_a_component_breaks_is_a_typed_error_and_the_next_call_is_right() {
    let limits = Limits { deadline: std::time::Duration::from_millis(100), result_bytes: 1000, ..Limits::default() };
    let options = LoadOptions { limits, ..LoadOptions::default() };
    let version = std::sync::Arc::new(Version::load(engine(), wasm(SUMS), options).unwrap());
    let call = |function: &str| version.lease().call_json(function, "").unwrap_err();
    assert!(matches!(call("spin"), CallError::DeadlineExceeded { .. }));
    let CallError::Trap(trap) = call("trap") else { panic!("a trap expected") };
    assert!(trap.message.contains("unreachable"), "{trap}");
    let error = call("wild");
    assert!(matches!(&error, CallError::BadAnswer { reason, .. } if reason.contains("out of bounds")), "{error:?}");
    let error = call("huge");
    assert!(matches!(&error, CallError::BadAnswer { reason, .. } if reason.contains("too much data")), "{error:?}");
    let error = call("none");
    assert!(matches!(&error, CallError::BadAnswer { reason, .. } if reason.contains("not a number")), "{error:?}");
    assert_eq!(version.lease().call_json("total", "[1]").unwrap(), "1");
}

#[test]
fn a_component_is_swapped_like_any_module() {
    let version = |text: &str| Version::load(engine(), wasm(text), LoadOptions::default()).unwrap();
    let slot = Slot::new("sums", version(SUMS), SlotPolicy::default()).unwrap();
    assert_eq!(slot.acquire().call_json("total", "[1]").unwrap(), "1");
    slot.publish(version(&SUMS.replace("i64.add", "i64.sub"))).unwrap();
    assert_eq!(slot.acquire().call_json("total", "[1]").unwrap(), "-1");
    let other = SUMS.replace(r#"(func $none (result f64)"#, r#"(func $none (param "x" f64) (result f64)"#);
    let other = other.replace(r#"(export "none") (result f64)"#, r#"(export "none") (param f64) (result f64)"#);
    let error = slot.publish(version(&other)).unwrap_err().to_string();
    assert!(error.contains("none"), "{error}");
}

/// What a component with a function `f` of a parameter of this type is refused for.
fn refusal(ty: &str) -> String {
    let text = format!(
        r#"(component (import "r" (type $r (sub resource))) (type $t {ty})
          (core module $m (func (export "f") (param i32)) (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
          (core instance $i (instantiate $m))
          (func $f (param "x" $t) (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc"))))
          (export "f" (func $f)))"#
    );
    runtime::one_line(&load_error(wasm(&text)))
}

#[test]
fn types_without_a_form_outside_are_refused_at_load() {
    for (ty, expected) in [
        ("(own $r)", "the function `f` of the component cannot be called: it handles a resource, which has no form"),
        ("(borrow $r)", "it handles a resource"),
        ("(stream u8)", "it handles a stream"),
        ("(future u32)", "it handles a future"),
        ("(tuple (future u32))", "it handles a future"),
        ("(list u8 4)", "fixed"),
        ("(map string u32)", "map"),
    ] {
        let refusal = refusal(ty);
        assert!(refusal.contains(expected), "{ty}: {refusal}");
    }
}

#[test]
fn a_type_that_unfolds_without_end_is_refused() {
    let mut types = String::from("(type $t0 (tuple u8 u8))");
    for level in 1..30 {
        types.push_str(&format!("(type $t{level} (tuple $t{0} $t{0}))", level - 1));
    }
    let text = format!(
        r#"(component {types}
          (core module $m (func (export "f") (param i32)) (memory (export "memory") 1)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
          (core instance $i (instantiate $m))
          (func $f (param "x" $t29) (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc"))))
          (export "f" (func $f)))"#
    );
    let error = match wat::parse_str(&text) {
        Ok(bytes) => load_error(bytes).to_string(),
        Err(error) => panic!("{error}"),
    };
    assert!(error.contains("4096 parts") || error.contains("size exceeds"), "{error}");
}

/// The world `room` of `guests/components`, built from Rust.
pub(crate) const ROOM: &[u8] = include_bytes!("../../../../guests/prebuilt/room-component.wasm");

#[test]
fn a_component_that_bindings_were_generated_for_is_called() {
    let lease = lease(ROOM.to_vec());
    let call = |function: &str, argument: &str| lease.call_json(function, argument).unwrap();
    assert_eq!(call("calc-stats", "[127, 71, 110, -5]"), r#"{"mean":75.75,"median":90.5}"#);
    assert_eq!(call("calc-stats", "[]"), r#"{"mean":0.0,"median":0.0}"#);
    assert_eq!(call("judge", r#"{"sensor":"a","scale":"fahrenheit","value":95}"#), r#"{"ok":{"hot":35.0}}"#);
    assert_eq!(call("judge", r#"{"sensor":"a","scale":"celsius","value":20}"#), r#"{"ok":"comfortable"}"#);
    assert_eq!(call("judge", r#"{"sensor":"a","scale":"celsius"}"#), r#"{"ok":"missing"}"#);
    let cold = call("judge", r#"{"sensor":"hé","scale":"celsius","value":-300}"#);
    assert_eq!(cold, r#"{"err":"hé is colder than anything can be"}"#);
    let error = lease.call_json("judge", r#"{"sensor":"a","scale":"kelvin"}"#).unwrap_err().to_string();
    assert!(error.contains("at `scale`: `kelvin` is none of celsius, fahrenheit"), "{error}");
}

#[test]
fn imports_of_a_component_are_refused_by_name() {
    let text = r#"(component (import "wasi:cli/exit@0.2.0" (instance (export "exit" (func))))
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (func $f (canon lift (core func $i "f")))
      (export "f" (func $f)))"#;
    let error = load_error(wasm(text)).to_string();
    assert!(error.starts_with("the module imports wasi:cli/exit@0.2.0, which this host"), "{error}");
}
