//! Functions of numbers, functions without a parameter, and where arguments lie.

use std::ffi::{CStr, CString};
use std::fs;
use std::ptr::null;

use wasmtube::*;

use super::guests::{keyed_counter, numbers};
use super::running::{NO_BYTES, Opened, Running, STATS, failure, take, workspace};

impl Opened {
    fn arguments(&self, key: Option<&CStr>, function: &str, json: &str) -> Result<String, String> {
        let (function, mut answer) = (CString::new(function).unwrap(), NO_BYTES);
        let key = key.map_or(null(), CStr::as_ptr);
        // SAFETY: every pointer leads to what lives during the call.
        let error = unsafe {
            wasmtube_slot_call_arguments(self.0, function.as_ptr(), key, json.as_ptr(), json.len(), &raw mut answer)
        };
        failure(error).map_or_else(|| Ok(take(answer)), Err)
    }
}

/// By an array of arguments, which is one value as well.
#[track_caller]
fn check_numbers(function: &str, arguments: &str, expected: &str) {
    let engine = Running::new();
    let slot = engine.open(&numbers(), None).unwrap();
    for answer in [slot.arguments(None, function, arguments), slot.json(function, arguments)] {
        let said = answer.unwrap_or_else(|said| said);
        assert!(said == expected || said.ends_with(expected) && said.starts_with("Call: "), "{said}");
    }
}

#[test]
fn numbers_are_given_and_answered() {
    check_numbers("add", "[1,2.5,-3]", "0.5");
    check_numbers("turn", "[1,2,0.1,0.2]", "[0.2,0.1,2,1]");
    check_numbers("answer", "[]", "42");
    check_numbers("answer", "", "42");
    check_numbers("nothing", "[]", "null");
    check_numbers("float", "[3]", "3.0");
    check_numbers("integer", "[3.0]", "3");
}

#[test]
fn integers_of_64_bits_are_exact() {
    check_numbers("integer", "[9007199254740993]", "9007199254740993");
    check_numbers("integer", "[-9223372036854775808]", "-9223372036854775808");
    check_numbers("integer", "[\"9223372036854775807\"]", "9223372036854775807");
    check_numbers("integer", "[18446744073709551615]", "-1");
    check_numbers("integer", "[18446744073709551616]", "18446744073709552000 is no i64");
}

#[test]
fn numbers_without_a_form_in_json_are_text() {
    check_numbers("float", "[\"NaN\"]", "\"NaN\"");
    check_numbers("float", "[\"-inf\"]", "\"-inf\"");
    check_numbers("turn", "[1,2,\"inf\",\"NaN\"]", "[\"NaN\",\"inf\",2,1]");
    check_numbers("integer", "[\"NaN\"]", "NaN is no i64");
}

#[test]
fn wrong_numbers_are_named() {
    check_numbers("add", "[1,2]", "a tuple of 3 numbers is due, not 2");
    check_numbers("add", "[1,2,3,4]", "a tuple of 3 numbers is due, not more");
    check_numbers("add", "[]", "a tuple of 3 numbers is due, not nothing");
    check_numbers("add", "[1,\"two\",3]", "argument 1 is text that is no number");
    check_numbers("add", "[1,null,3]", "argument 1 is null, not a number");
    check_numbers("add", "[1,[2],3]", "argument 1 is an array");
    check_numbers("add", "[1.5,2,3]", "1.5 is no i32");
    check_numbers("add", "[true,2,3]", "true is no i32");
}

#[test]
fn one_number_is_an_argument_as_it_is() {
    let engine = Running::new();
    let slot = engine.open(&numbers(), None).unwrap();
    assert_eq!(slot.json("float", "1.5").unwrap(), "1.5");
    assert_eq!(slot.json("answer", "null").unwrap(), "42");
    let said = slot.arguments(None, "float", "1.5").unwrap_err();
    assert_eq!(said, "Misuse: not_json: `json` is not an array of the arguments");
    let said = slot.arguments(None, "float", "[").unwrap_err();
    assert!(said.starts_with("Misuse: not_json: `json` is not JSON: "), "{said}");
    let said = slot.arguments(None, "sine", "[1]").unwrap_err();
    assert!(said.starts_with("Call: no_such_function: there is no function `sine`"), "{said}");
}

#[test]
fn what_could_be_classic_takes_several_integers() {
    let engine = Running::new();
    let slot = engine.open(&numbers(), None).unwrap();
    assert_eq!(slot.arguments(None, "sum", "[2,4294967295]").unwrap(), "1");
    let said = slot.arguments(None, "sum", "[2,3.5]").unwrap_err();
    assert!(said.ends_with("argument 1: `3.5` is not a number that fits i32"), "{said}");
    let said = slot.arguments(None, "sum", "[1,2,3]").unwrap_err();
    assert!(said.ends_with("it was called with (i32, i32, i32)"), "{said}");
}

#[test]
fn functions_without_a_parameter_get_nothing() {
    let engine = Running::new();
    let slot = engine.open(&keyed_counter(), None).unwrap();
    assert_eq!(slot.arguments(Some(c"a"), "count", "").unwrap(), "1");
    assert_eq!(slot.arguments(Some(c"a"), "count", "[]").unwrap(), "2");
    assert_eq!(slot.json_of(Some(c"b"), "count", "").unwrap(), "1");
    let said = slot.arguments(Some(c"a"), "count", "[1]").unwrap_err();
    assert_eq!(said, "Call: wrong_argument: `count` takes 0 arguments, it was called with 1 argument");
}

#[test]
fn numbers_are_kept_by_key() {
    let engine = Running::new();
    let slot = engine.open(&keyed_counter(), None).unwrap();
    let most = u64::MAX.to_string();
    assert_eq!(slot.arguments(Some(c"a"), "next", &format!("[{most}]")).unwrap(), most, "as it is declared");
    assert_eq!(slot.json_of(Some(c"a"), "next", "3").unwrap(), "2");
    assert_eq!(slot.json_of(Some(c"b"), "next", "3").unwrap(), "3");
    let said = slot.arguments(None, "next", "[3]").unwrap_err();
    assert!(said.starts_with("Call: wrong_key: "), "{said}");
    let said = slot.arguments(Some(c"a"), "next", "[-1]").unwrap_err();
    assert!(said.ends_with("-1 is no u64"), "{said}");
}

#[test]
fn a_function_on_json_takes_one_argument() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let argument = r#" [ {"values":[127,71,110,-5]} ] "#;
    assert_eq!(slot.arguments(None, "calc_stats", argument).unwrap(), r#"{"mean":75,"median":110}"#);
    let said = slot.arguments(None, "calc_stats", "[]").unwrap_err();
    assert_eq!(said, "Call: wrong_argument: `calc_stats` takes 1 argument, it was called with 0 arguments");
}

#[track_caller]
fn check_window(window: Option<&CStr>, expected: Result<&str, &str>) {
    let wasm = fs::read(workspace("guests/prebuilt/classic-assemblyscript.wasm")).unwrap();
    let options = Options { window: window.map_or(null(), CStr::as_ptr), ..wasmtube_options_default() };
    let answer = Running::new()
        .open(&wasm, Some(&options))
        .and_then(|slot| slot.json("calc_stats", r#"{"values":[127,71,110,-5]}"#));
    match expected {
        Ok(expected) => assert_eq!(answer.unwrap(), expected),
        Err(expected) => assert!(answer.as_ref().unwrap_err().contains(expected), "{answer:?}"),
    }
}

#[test]
fn a_window_is_chosen() {
    let answer = Ok(r#"{"mean":75,"largest":127}"#);
    check_window(Some(c"alloc:__new"), answer);
    check_window(Some(c"end"), answer);
    check_window(Some(c"42"), answer);
    check_window(None, Err("choose one, `end`, `42` or `alloc:NAME`, by the setting `window`, or build"));
    check_window(Some(c"begin"), Err("Misuse: wrong_options: `window`: a window is `end`, an address"));
    check_window(Some(c"\xff"), Err("Misuse: not_utf8: `window` is not UTF-8"));
}
