//! What core modules ask of the host: what they get, what is refused, and what it leaves behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use abi::host::{code, *};
use runtime::{
    CallError, HostFunctions, KvLimits, Lease, LoadError, LoadOptions, LogLine, LogSink, MemoryStore, Permission,
    Scalar, Slot, SlotPolicy, Version,
};

use crate::guest::{deadline, engine, wasm};

/// Imports everything, has `key` at 16, `value` at 32, and room at 1024; numbers pass through.
const ALL: &str = r#"
  (import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
  (import "wasmtube_host_v1" "clock_wall" (func $wall (result i64)))
  (import "wasmtube_host_v1" "clock_monotonic" (func $monotonic (result i64)))
  (import "wasmtube_host_v1" "kv_get" (func $kv_get (param i32 i32 i32 i32) (result i32)))
  (import "wasmtube_host_v1" "kv_set" (func $kv_set (param i32 i32 i32 i32) (result i32)))
  (import "wasmtube_host_v1" "kv_delete" (func $kv_delete (param i32 i32) (result i32)))
  (import "wasmtube_host_v1" "kv_next_key" (func $kv_next (param i32 i32 i32 i32) (result i32)))
  (import "wasmtube_host_v1" "config_get" (func $config (param i32 i32 i32 i32) (result i32)))
  (import "wasmtube_host_v1" "random_fill" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 16) "key") (data (i32.const 32) "value")
  (func (export "log") (param i32 i32 i32) (call $log (local.get 0) (local.get 1) (local.get 2)))
  (func (export "wall") (result i64) (call $wall))
  (func (export "monotonic") (result i64) (call $monotonic))
  (func (export "get") (param i32 i32 i32 i32) (result i32)
    (call $kv_get (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "set") (param i32 i32 i32 i32) (result i32)
    (call $kv_set (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "delete") (param i32 i32) (result i32) (call $kv_delete (local.get 0) (local.get 1)))
  (func (export "next") (param i32 i32 i32 i32) (result i32)
    (call $kv_next (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "config") (param i32 i32 i32 i32) (result i32)
    (call $config (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1)))
  (func (export "byte") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "long") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "put") (param i32 i64) (i64.store (local.get 0) (local.get 1)))"#;

fn all_allowed() -> HostFunctions {
    HostFunctions::new("tests", Permission::ALL.into())
}

fn options(host: &HostFunctions) -> LoadOptions {
    LoadOptions { host: host.clone(), ..LoadOptions::default() }
}

fn version(text: &str, host: &HostFunctions) -> Version {
    Version::load(engine(), wasm(&format!("(module {text})")), options(host)).unwrap()
}

fn lease(text: &str, host: &HostFunctions) -> Lease {
    Arc::new(version(text, host)).lease()
}

fn call(lease: &Lease, name: &str, arguments: &[i32]) -> Result<i64, CallError> {
    let arguments: Vec<Scalar> = arguments.iter().map(|&argument| Scalar::I32(argument)).collect();
    Ok(match lease.call_scalars(name, &arguments)?[..] {
        [] => 0,
        [Scalar::I32(number)] => number.into(),
        [Scalar::I64(number)] => number,
        ref other => panic!("one integer expected, not {other:?}"),
    })
}

/// Calls one after the other in the same instance, with what each answers.
#[track_caller]
fn check_with(host: &HostFunctions, calls: &[(&str, &[i32], i64)]) {
    let lease = lease(ALL, host);
    for (name, arguments, expected) in calls {
        assert_eq!(call(&lease, name, arguments), Ok(*expected), "{name}{arguments:?}");
    }
}

#[track_caller]
fn check(calls: &[(&str, &[i32], i64)]) {
    check_with(&all_allowed(), calls);
}

#[test]
fn values_are_kept_by_key() {
    let absent = i64::from(code::ABSENT);
    check(&[
        ("get", &[16, 3, 1024, 8], absent),
        ("set", &[16, 3, 32, 5], 0),
        ("get", &[16, 3, 1024, 8], 5),
        ("byte", &[1024], i64::from(b'v')),
        ("byte", &[1028], i64::from(b'e')),
        ("byte", &[1029], 0),
        ("get", &[16, 2, 1024, 8], absent),
        ("set", &[16, 3, 32, 0], 0),
        ("get", &[16, 3, 0, 0], 0),
        ("delete", &[16, 3], 1),
        ("delete", &[16, 3], 0),
        ("get", &[16, 3, 1024, 8], absent),
    ]);
}

#[test]
fn a_value_that_does_not_fit_its_room_is_not_written() {
    check(&[
        ("set", &[16, 3, 32, 5], 0),
        ("get", &[16, 3, 1024, 4], 5),
        ("byte", &[1024], 0),
        ("get", &[16, 3, 0, 0], 5),
    ]);
}

#[test]
fn keys_are_listed_in_order() {
    check(&[
        ("next", &[0, 0, 1024, 8], -1),
        ("set", &[16, 3, 32, 5], 0),
        ("set", &[16, 2, 32, 5], 0),
        ("next", &[0, 0, 1024, 8], 2),
        ("next", &[1024, 2, 1024, 8], 3),
        ("byte", &[1026], i64::from(b'y')),
        ("next", &[1024, 3, 1024, 8], -1),
        ("next", &[0, 257, 1024, 8], code::BAD_KEY.into()),
    ]);
}

#[test]
fn keys_and_values_are_bounded() {
    let (key, value) = (i32::try_from(KEY_BYTES_MAX).unwrap(), i32::try_from(VALUE_BYTES_MAX).unwrap());
    check(&[
        ("set", &[16, key, 32, value], 0),
        ("set", &[16, key + 1, 32, 5], code::BAD_KEY.into()),
        ("set", &[16, 0, 32, 5], code::BAD_KEY.into()),
        ("get", &[16, 0, 1024, 8], code::BAD_KEY.into()),
        ("delete", &[16, 0], code::BAD_KEY.into()),
        ("set", &[16, 3, 32, value + 1], code::TOO_LARGE.into()),
        ("get", &[16, key, 1024, value], value.into()),
        ("get", &[16, 3, 1024, value], code::ABSENT.into()),
    ]);
}

#[test]
fn a_store_is_bounded() {
    let store = MemoryStore::new(KvLimits { keys: 2, bytes: 12 });
    let host = HostFunctions::over("tests", Permission::ALL.into(), Arc::new(store), Arc::default() as Arc<Lines>);
    check_with(
        &host,
        &[
            ("set", &[16, 3, 32, 5], 0),
            ("set", &[16, 2, 32, 3], code::FULL.into()),
            ("set", &[16, 2, 32, 2], 0),
            ("set", &[16, 1, 32, 0], code::FULL.into()),
            ("delete", &[16, 3], 1),
            ("set", &[16, 1, 32, 0], 0),
        ],
    );
}

#[test]
fn configuration_is_seen_by_the_next_call() {
    let host = all_allowed();
    let lease = lease(ALL, &host);
    let get = || call(&lease, "config", &[16, 3, 1024, 8]);
    assert_eq!(get(), Ok(code::ABSENT.into()));
    let configure = |value: &str| {
        host.configuration().replace(BTreeMap::from([("key".into(), value.into())])).unwrap();
    };
    configure("18");
    assert_eq!(get(), Ok(2));
    assert_eq!(call(&lease, "byte", &[1025]), Ok(i64::from(b'8')));
    configure("");
    assert_eq!(get(), Ok(0));
    host.configuration().replace(BTreeMap::new()).unwrap();
    assert_eq!(get(), Ok(code::ABSENT.into()));
    assert_eq!(call(&lease, "config", &[16, 0, 0, 0]), Ok(code::BAD_KEY.into()));
}

#[test]
fn random_bytes_differ_and_are_bounded() {
    let most = i32::try_from(RANDOM_BYTES_MAX).unwrap();
    let lease = lease(ALL, &all_allowed());
    assert_eq!(call(&lease, "random", &[1024, 16]), Ok(0));
    let numbers = [1024, 1032, 1040].map(|at| call(&lease, "long", &[at]).unwrap());
    assert!(numbers[0] != numbers[1] && numbers[0] != 0 && numbers[1] != 0 && numbers[2] == 0, "{numbers:?}");
    assert_eq!(call(&lease, "random", &[1024, most]), Ok(0));
    assert_eq!(call(&lease, "random", &[1024, most + 1]), Ok(code::TOO_LARGE.into()));
    assert_eq!(call(&lease, "random", &[0, 0]), Ok(0));
}

#[test]
fn clocks_go() {
    let lease = lease(ALL, &all_allowed());
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    let distance = Duration::from_nanos(now.abs_diff(call(&lease, "wall", &[]).unwrap()));
    assert!(distance < Duration::from_secs(60), "{distance:?}");
    let times: Vec<i64> = (0..100).map(|_| call(&lease, "monotonic", &[]).unwrap()).collect();
    assert!(times.is_sorted() && times[0] >= 0 && times[99] > times[0], "{times:?}");
}

/// Keeps what is logged.
#[derive(Debug, Default)]
pub(crate) struct Lines(Mutex<Vec<String>>);

impl Lines {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl LogSink for Lines {
    fn line(&self, line: &LogLine<'_>) {
        let LogLine { slot, level, text, cut, rehearsal, dropped, .. } = *line;
        let notes = [(cut, " cut"), (rehearsal, " rehearsal"), (dropped > 0, " after others")];
        let notes: String = notes.iter().filter(|(is, _)| *is).map(|(_, note)| *note).collect();
        self.0.lock().unwrap().push(format!("{slot} {level}: {text}{notes}"));
    }
}

/// Everything allowed, with a log that is read.
pub(crate) fn logged() -> (HostFunctions, Arc<Lines>) {
    let lines = Arc::new(Lines::default());
    let store = Arc::new(MemoryStore::new(KvLimits::default()));
    (HostFunctions::over("tests", Permission::ALL.into(), store, Arc::clone(&lines) as _), lines)
}

#[test]
fn lines_reach_the_log() {
    let (host, lines) = logged();
    check_with(&host, &[("log", &[1, 32, 5], 0), ("log", &[5, 16, 3], 0), ("log", &[3, 0, 0], 0)]);
    assert_eq!(lines.take(), ["tests error: value", "tests trace: key", "tests info: "]);
}

#[test]
fn long_lines_are_cut_and_too_many_dropped() {
    let (host, lines) = logged();
    let lease = lease(ALL, &host);
    assert_eq!(call(&lease, "log", &[3, 0, 65_536]), Ok(0));
    let line = lines.take().remove(0);
    assert!(line.len() < LOG_BYTES_MAX + 64 && line.ends_with(" cut"), "{} bytes", line.len());
    for _ in 0..1000 {
        assert_eq!(call(&lease, "log", &[2, 32, 5]), Ok(0));
    }
    let passed = lines.take().len();
    assert!((99..1000).contains(&passed), "{passed} lines");
}

#[track_caller]
fn check_trap(name: &str, arguments: &[i32], expected: &str) {
    let lease = lease(ALL, &all_allowed());
    let error = call(&lease, name, arguments).unwrap_err();
    assert!(error.to_string().starts_with(expected), "{error}");
    assert_eq!(lease.version().counters().spoiled, 1);
    assert_eq!(call(&lease, "byte", &[16]), Ok(i64::from(b'k')), "the next call has another instance");
}

#[test]
fn pointers_out_of_range_are_traps() {
    const END: i32 = 4 * 65_536;
    for (name, arguments, what) in [
        ("log", &[1, END, 1][..], "text given to `log`"),
        ("log", &[1, -1, -1], "text given to `log`"),
        ("get", &[END - 2, 3, 0, 0], "key given to `kv_get`"),
        ("get", &[16, 3, END - 7, 8], "room given to `kv_get`"),
        ("get", &[16, 3, 0, -1], "room given to `kv_get`"),
        ("set", &[-8, 3, 32, 5], "key given to `kv_set`"),
        ("set", &[16, 3, 8, i32::MAX], "value given to `kv_set`"),
        ("delete", &[END, 1], "key given to `kv_delete`"),
        ("next", &[END, 1, 0, 0], "key given to `kv_next_key`"),
        ("next", &[0, 0, END, 1], "room given to `kv_next_key`"),
        ("config", &[END, 1, 0, 0], "key given to `config_get`"),
        ("config", &[16, 3, END, 1], "room given to `config_get`"),
        ("random", &[END - 1, 2], "room given to `random_fill`"),
    ] {
        check_trap(name, arguments, &format!("the {what} lies outside the memory: address "));
    }
    check(&[("log", &[1, END, 0], 0), ("random", &[END, 0], 0)]);
}

#[test]
fn a_level_that_is_none_is_a_trap() {
    for level in [0, 6, -1] {
        let message = format!("the function trapped: `log` was given the level {level}: 1 is an error, 5 a trace in");
        check_trap("log", &[level, 16, 3], &message);
    }
}

/// Writes 42 below `key` where the version is asked whether it is fit, or starts, or a function is called.
fn writer(exports: &str) -> String {
    format!(
        r#"(import "wasmtube_host_v1" "kv_set" (func $kv_set (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 16) "key42")
        (func $write (result i32) (call $kv_set (i32.const 16) (i32.const 3) (i32.const 19) (i32.const 2)))
        {exports}"#
    )
}

#[test]
fn what_is_kept_survives_swaps() {
    let host = all_allowed();
    let slot = Slot::new("tests", version(ALL, &host), SlotPolicy::default()).unwrap();
    assert_eq!(call(&slot.acquire(), "set", &[16, 3, 32, 5]), Ok(0));
    for change in 0..3 {
        let next = format!("{ALL} (func (export \"change\") (param i32) (drop (i32.const {change})))");
        slot.publish(version(&next, &host)).unwrap();
        assert_eq!(call(&slot.acquire(), "get", &[16, 3, 1024, 8]), Ok(5), "after change {change}");
    }
}

#[test]
fn a_slot_sees_nothing_of_another() {
    let (one, other) = (lease(ALL, &all_allowed()), lease(ALL, &all_allowed()));
    assert_eq!(call(&one, "set", &[16, 3, 32, 5]), Ok(0));
    assert_eq!(call(&other, "get", &[16, 3, 1024, 8]), Ok(code::ABSENT.into()));
}

#[test]
fn what_is_written_when_a_version_is_tried_leaves_no_trace() {
    let host = all_allowed();
    // Kept until the live version itself writes: the value that `write` answers is read by everybody.
    host.store().set(b"key", b"7").unwrap();
    let value = || host.store().get(b"key").unwrap().to_vec();

    // The self-check of a module with the marker.
    let marked = writer(
        r#"(func (export "wasmtube_abi_v1")) (func (export "wasmtube_selfcheck") (result i32) (call $write))
           (func (export "write") (result i32) (call $write))"#,
    );
    let i32_kind = abi::ValueKind::Scalar(abi::DataType::I32);
    let manifest = crate::guest::manifest(abi::State::Slot, &[("write", &[], &[i32_kind])]);
    let sealed = abi::pack(&wasm(&format!("(module {marked})")), &manifest).unwrap();
    let checked = Version::load(engine(), sealed, options(&host)).unwrap();
    checked.check().unwrap();
    assert_eq!(value(), b"7", "after a self-check");
    check_nothing_left_after_the_switch(&marked);

    // The last argument of the live version, which the next one is tried with.
    let calm = r#"(func (export "write") (result i32) (i32.const 0))"#;
    let slot = Slot::new("tests", version(calm, &host), SlotPolicy::default()).unwrap();
    assert_eq!(call(&slot.acquire(), "write", &[]), Ok(0));
    let hasty = writer(r#"(func (export "write") (result i32) (call $write))"#);
    slot.publish(version(&hasty, &host)).unwrap();
    assert_eq!(value(), b"7", "after the last call was repeated");
    let breaking = writer(r#"(func (export "write") (result i32) (drop (call $write)) unreachable)"#);
    slot.publish(version(&breaking, &host)).unwrap_err();
    assert_eq!(value(), b"7", "after a refusal");

    assert_eq!(call(&slot.acquire(), "write", &[]), Ok(0));
    assert_eq!(value(), b"42", "the live version writes");
}

/// The instance that was tried serves, and keeps what it writes then and nothing of before.
#[track_caller]
fn check_nothing_left_after_the_switch(checking: &str) {
    let host = all_allowed();
    host.store().set(b"key", b"7").unwrap();
    let i32_kind = [abi::ValueKind::Scalar(abi::DataType::I32)];
    let manifest = crate::guest::manifest(abi::State::Stateless, &[("write", &[], &i32_kind)]);
    let sealed = abi::pack(&wasm(&format!("(module {checking})")), &manifest).unwrap();
    let calm = r#"(func (export "write") (result i32) (i32.const 0))"#;
    let slot = Slot::new("tests", version(calm, &host), SlotPolicy::default()).unwrap();
    slot.publish(Version::load(engine(), sealed, options(&host)).unwrap()).unwrap();
    assert_eq!(*host.store().get(b"key").unwrap(), *b"7", "after the switch");
    assert_eq!(call(&slot.acquire(), "write", &[]), Ok(0));
    assert_eq!(slot.acquire().version().counters().started, 1);
    assert_eq!(*host.store().get(b"key").unwrap(), *b"42", "after a call");
}

#[test]
fn a_rehearsal_sees_what_it_writes_itself() {
    let host = all_allowed();
    let text = r#"(import "wasmtube_host_v1" "kv_get" (func $kv_get (param i32 i32 i32 i32) (result i32)))
        (import "wasmtube_host_v1" "kv_set" (func $kv_set (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "wasmtube_abi_v1")) (func (export "f"))
        (func (export "wasmtube_selfcheck") (result i32)
          (drop (call $kv_set (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 9)))
          (i32.sub (call $kv_get (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0)) (i32.const 9)))"#;
    let manifest = crate::guest::manifest(abi::State::Slot, &[("f", &[], &[])]);
    let sealed = abi::pack(&wasm(&format!("(module {text})")), &manifest).unwrap();
    Version::load(engine(), sealed, options(&host)).unwrap().check().unwrap();
    assert_eq!(host.store().next_key(b""), None);
}

#[test]
fn nothing_is_kept_while_an_instance_starts() {
    let host = all_allowed();
    let starting = writer(
        r#"(global $answer (mut i32) (i32.const 1))
        (func $start (global.set $answer (call $write))) (start $start)
        (func (export "answer") (result i32) (global.get $answer))"#,
    );
    assert_eq!(call(&lease(&starting, &host), "answer", &[]), Ok(code::UNAVAILABLE.into()));
    assert_eq!(host.store().next_key(b""), None);
}

#[test]
fn a_rehearsal_says_so_in_the_log() {
    let (host, lines) = logged();
    let text = r#"(import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
        (memory (export "memory") 1) (data (i32.const 16) "hello")
        (func (export "f") (result i32) (call $log (i32.const 3) (i32.const 16) (i32.const 5)) (i32.const 0))"#;
    let slot = Slot::new("tests", version(text, &host), SlotPolicy::default()).unwrap();
    call(&slot.acquire(), "f", &[]).unwrap();
    assert_eq!(lines.take(), ["tests info: hello"]);
    slot.publish(version(&format!("{text} (func (export \"g\"))"), &host)).unwrap();
    assert_eq!(lines.take(), ["tests info: hello rehearsal"]);
}

#[test]
fn what_was_tried_and_serves_logs_as_what_it_is() {
    let (host, lines) = logged();
    let text = r#"(module (import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1) (data (i32.const 16) "hello") (data (i32.const 32) "\10\00\00\00\04\00\00\00")
        (func (export "wasmtube_abi_v1"))
        (func $f (export "f") (call $log (i32.const 3) (i32.const 16) (i32.const 5)))
        ;; Begins a line that has no end.
        (func (export "wasmtube_selfcheck") (result i32)
          (call $f) (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 64))))"#;
    let manifest = crate::guest::manifest(abi::State::Stateless, &[("f", &[], &[])]);
    let sealed = abi::pack(&wasm(text), &manifest).unwrap();
    let slot = Slot::new("tests", Version::load(engine(), sealed, options(&host)).unwrap(), SlotPolicy::default());
    let slot = slot.unwrap();
    assert_eq!(lines.take(), ["tests info: hello rehearsal", "tests info: hell rehearsal"]);
    slot.acquire().call_scalars("f", &[]).unwrap();
    assert_eq!(lines.take(), ["tests info: hello"]);
}

/// Code without a loop never looks at the clock; the host does.
#[test]
fn a_deadline_holds_inside_host_functions() {
    let many = "(drop (call $random (i32.const 0) (i32.const 65536)))".repeat(20_000);
    let text = format!(
        r#"(module (import "wasmtube_host_v1" "random_fill" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "straight") {many})
        (func (export "loop") (loop (drop (call $random (i32.const 0) (i32.const 16))) (br 0))))"#
    );
    let options = LoadOptions { limits: deadline(50), ..options(&all_allowed()) };
    let lease = Arc::new(Version::load(engine(), wasm(&text), options).unwrap()).lease();
    for name in ["straight", "loop"] {
        let begun = std::time::Instant::now();
        let error = call(&lease, name, &[]).unwrap_err();
        assert!(matches!(error, CallError::DeadlineExceeded { .. }), "{name}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{name} took {:?}", begun.elapsed());
    }
}

#[track_caller]
fn check_refused(allow: &[Permission], imports: &str, expected: &str) {
    let host = HostFunctions::new("tests", allow.iter().copied().collect());
    let text = format!(r#"(module {imports} (memory (export "memory") 1) (func (export "f")))"#);
    let error = Version::load(engine(), wasm(&text), options(&host)).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_not_allowed_is_refused_by_name() {
    let kv = r#"(import "wasmtube_host_v1" "kv_delete" (func (param i32 i32) (result i32)))"#;
    check_refused(
        &[],
        kv,
        "the module imports wasmtube_host_v1.kv_delete, but the slot allows nothing: if that is meant, add \"kv\" to \
         `allow` of the slot, or call with `--allow kv`",
    );
    let write = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#;
    check_refused(
        &[Permission::Log, Permission::Clock],
        &format!("{kv} {write}"),
        "the module imports wasmtube_host_v1.kv_delete, wasi_snapshot_preview1.fd_write, but the slot allows log, clock: \
         if that is meant, add \"kv\", \"wasi:fd_write\" to `allow` of the slot, or call with `--allow kv,wasi:fd_write`",
    );
}

#[test]
fn what_does_not_exist_cannot_be_allowed() {
    let all = &Permission::ALL;
    check_refused(
        all,
        r#"(import "wasmtube_host_v1" "exec" (func)) (import "wasi_snapshot_preview1" "path_open" (func))
           (import "env" "log" (func))"#,
        "the module imports wasmtube_host_v1.exec, wasi_snapshot_preview1.path_open, env.log, which this host does not \
         have: build it without them; docs/host-functions.md lists what there is",
    );
    check_refused(
        all,
        r#"(import "wasmtube_host_v1" "log" (func (param i32 i32)))"#,
        "the module imports wasmtube_host_v1.log with the type (i32, i32) -> (), the host's has (i32, i32, i32) -> (): \
         build it with the declarations that come with this host",
    );
    check_refused(
        all,
        r#"(import "wasmtube_host_v1" "clock_wall" (global i64))"#,
        "the module imports wasmtube_host_v1.clock_wall as something else than a function () -> (i64): build it with the \
         declarations that come with this host",
    );
}

#[test]
fn pointers_need_a_memory() {
    let random =
        r#"(module (import "wasmtube_host_v1" "random_fill" (func (param i32 i32) (result i32))) (func (export "f")))"#;
    let error = Version::load(engine(), wasm(random), options(&all_allowed())).unwrap_err();
    assert!(matches!(error, LoadError::ImportType { .. }), "{error}");
    assert!(error.to_string().contains("exports no memory of the name `memory`"), "{error}");
    let clock = r#"(import "wasmtube_host_v1" "clock_wall" (func $wall (result i64))) (func (export "f") (result i64) (call $wall))"#;
    assert!(call(&lease(clock, &all_allowed()), "f", &[]).unwrap() > 0);
}
