//! What the header forbids and the library can see.

use std::ffi::c_char;
use std::ptr::{null, null_mut};

use wasmtube::*;

use super::running::{NO_BYTES, Running, STATS, fail, workspace};

const TEXT: *const c_char = c"calc_stats".as_ptr();
const NOT_UTF8: *const c_char = c"\xff".as_ptr();

#[test]
fn null_is_an_error_that_names_the_argument() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let (mut opened, mut answer) = (null_mut(), NO_BYTES);
    let (room, answer) = (&raw mut opened, &raw mut answer);
    let null_is = |what: &str| format!("Misuse: null_argument: `{what}` is NULL");
    // SAFETY: every pointer that is not null leads to what lives during the call.
    unsafe {
        fail(wasmtube_engine_new(null_mut()), &null_is("engine"));
        fail(wasmtube_slot_open_bytes(null(), TEXT, null(), 0, null(), room), &null_is("engine"));
        fail(wasmtube_slot_open_bytes(engine.0, null(), null(), 0, null(), room), &null_is("name"));
        fail(wasmtube_slot_open_bytes(engine.0, TEXT, null(), 1, null(), room), &null_is("wasm"));
        fail(wasmtube_slot_open_bytes(engine.0, TEXT, null(), 0, null(), null_mut()), &null_is("slot"));
        fail(wasmtube_slot_open_file(engine.0, TEXT, null(), null(), room), &null_is("path"));
        fail(wasmtube_slot_watch_file(engine.0, TEXT, null(), null(), room), &null_is("path"));
        fail(wasmtube_slot_call_json(null(), TEXT, null(), null(), 0, answer), &null_is("slot"));
        fail(wasmtube_slot_call_json(slot.0, null(), null(), null(), 0, answer), &null_is("function"));
        fail(wasmtube_slot_call_json(slot.0, TEXT, null(), null(), 1, answer), &null_is("json"));
        fail(wasmtube_slot_call_json(slot.0, TEXT, null(), null(), 0, null_mut()), &null_is("answer"));
        fail(wasmtube_slot_call_bytes(slot.0, TEXT, null(), null(), 1, answer), &null_is("data"));
        fail(wasmtube_slot_call_image(slot.0, TEXT, null(), null(), 1, 1, 1, answer), &null_is("rgb"));
        fail(wasmtube_slot_publish_bytes(null(), null(), 0), &null_is("slot"));
        fail(wasmtube_slot_publish_bytes(slot.0, null(), 1), &null_is("wasm"));
        fail(wasmtube_slot_publish_file(slot.0, null()), &null_is("path"));
        fail(wasmtube_slot_digest(slot.0, null_mut()), &null_is("digest"));
        fail(wasmtube_slot_next_event(slot.0, 0, null_mut()), &null_is("event"));
    }
}

#[test]
fn freeing_or_asking_null_does_nothing() {
    // SAFETY: null is allowed everywhere here.
    unsafe {
        wasmtube_engine_free(null_mut());
        wasmtube_slot_free(null_mut());
        wasmtube_error_free(null_mut());
        wasmtube_bytes_free(null_mut());
        let mut none = NO_BYTES;
        wasmtube_bytes_free(&raw mut none);
        assert!(wasmtube_error_code(null()).is_null() && wasmtube_error_message(null()).is_null());
        assert!(wasmtube_error_guest_code(null()).is_null() && !wasmtube_error_retryable(null()));
        assert_eq!(wasmtube_error_kind(null()), ErrorKind::Internal);
    }
}

#[test]
fn text_is_utf8() {
    let engine = Running::new();
    let slot = engine.open_path(&workspace(STATS), false).unwrap();
    let (mut opened, mut answer) = (null_mut(), NO_BYTES);
    let bad =
        |what: &str| format!("Misuse: not_utf8: `{what}` is not UTF-8: invalid utf-8 sequence of 1 bytes from index 0");
    // SAFETY: every pointer that is not null leads to what lives during the call.
    unsafe {
        fail(wasmtube_slot_open_bytes(engine.0, NOT_UTF8, null(), 0, null(), &raw mut opened), &bad("name"));
        fail(wasmtube_slot_call_json(slot.0, NOT_UTF8, null(), null(), 0, &raw mut answer), &bad("function"));
        fail(wasmtube_slot_call_json(slot.0, TEXT, NOT_UTF8, null(), 0, &raw mut answer), &bad("key"));
        fail(wasmtube_slot_call_json(slot.0, TEXT, null(), NOT_UTF8.cast(), 1, &raw mut answer), &bad("json"));
    }
}

#[track_caller]
fn check_options(options: Options, expected: &str) {
    let said = Running::new().open(&std::fs::read(workspace(STATS)).unwrap(), Some(&options)).unwrap_err();
    let said = said.strip_prefix("Misuse: wrong_options: ").unwrap_or(&said);
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn options_are_checked() {
    let options = wasmtube_options_default();
    check_options(Options { size: 8, ..options }, "`size` is 8, not ");
    check_options(Options { size: 0, ..options }, "`size` is 0, not ");
    check_options(Options { allow_breaking: 2, ..options }, "`allow_breaking` is 0 or 1, not 2");
    check_options(Options { deadline_ms: u64::MAX, ..options }, "`deadline_ms` is 18446744073709551615, at most ");
    check_options(Options { instances: 1025, ..options }, "`instances` is 1025, at most 1024 is possible");
    check_options(Options { keys: 65_537, ..options }, "`keys` is 65537, at most 65536 is possible");
    check_options(Options { allow: c"log,files".as_ptr(), ..options }, "`allow`: ");
    check_options(Options { allow: NOT_UTF8, ..options }, "Misuse: not_utf8: `allow` is not UTF-8");
}
