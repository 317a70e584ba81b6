//! What components ask of the host: the same set, as WIT interfaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use runtime::{HostFunctions, Lease, LoadOptions, Permission, Slot, SlotPolicy, Version};

use crate::guest::{engine, wasm};
use crate::host::logged;

/// A component that passes the functions of the interfaces on under its own names.
const ALL: &str = r#"(component
  (type $level (enum "error" "warn" "info" "debug" "trace"))
  (import "wasmtube:host/log@1.0.0" (instance $log
    (alias outer 1 $level (type $of-level)) (export "level" (type $level (eq $of-level)))
    (export "write" (func (param "level" $level) (param "text" string)))))
  (import "wasmtube:host/clock@1.0.0" (instance $clock
    (export "wall" (func (result s64))) (export "monotonic" (func (result u64)))))
  (import "wasmtube:host/kv@1.0.0" (instance $kv
    (type $cases (enum "bad-key" "too-large" "full" "unavailable")) (export "error" (type $error (eq $cases)))
    (export "get" (func (param "key" (list u8)) (result (result (option (list u8)) (error $error)))))
    (export "set" (func (param "key" (list u8)) (param "value" (list u8)) (result (result (error $error)))))
    (export "delete" (func (param "key" (list u8)) (result (result bool (error $error)))))
    (export "next-key" (func (param "after" (list u8)) (result (result (option (list u8)) (error $error)))))))
  (import "wasmtube:host/config@1.0.0" (instance $config
    (export "get" (func (param "key" string) (result (option string))))))
  (import "wasmtube:host/random@1.0.0" (instance $random
    (type $cases (enum "too-large" "unavailable")) (export "error" (type $error (eq $cases)))
    (export "bytes" (func (param "len" u32) (result (result (list u8) (error $error)))))))

  (core module $allocator
    (memory (export "memory") 8)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local i32)
      (local.set 4 (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get 4) (local.get 3)))
      (local.get 4)))
  (core instance $a (instantiate $allocator))
  (alias core export $a "memory" (core memory $memory))
  (alias core export $a "realloc" (core func $realloc))
  (core func $write (canon lower (func $log "write") (memory $memory) (realloc $realloc)))
  (core func $wall (canon lower (func $clock "wall")))
  (core func $monotonic (canon lower (func $clock "monotonic")))
  (core func $get (canon lower (func $kv "get") (memory $memory) (realloc $realloc)))
  (core func $set (canon lower (func $kv "set") (memory $memory) (realloc $realloc)))
  (core func $delete (canon lower (func $kv "delete") (memory $memory) (realloc $realloc)))
  (core func $next (canon lower (func $kv "next-key") (memory $memory) (realloc $realloc)))
  (core func $entry (canon lower (func $config "get") (memory $memory) (realloc $realloc)))
  (core func $bytes (canon lower (func $random "bytes") (memory $memory) (realloc $realloc)))
  ;; What a function of the host writes to an address, a function of the component answers as an address.
  (core module $passing
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32 i32)))
    (import "host" "delete" (func $delete (param i32 i32 i32)))
    (import "host" "next" (func $next (param i32 i32 i32)))
    (import "host" "entry" (func $entry (param i32 i32 i32)))
    (import "host" "bytes" (func $bytes (param i32 i32)))
    (func (export "get") (param i32 i32) (result i32) (call $get (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
    (func (export "set") (param i32 i32 i32 i32) (result i32)
      (call $set (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 16)) (i32.const 16))
    (func (export "delete") (param i32 i32) (result i32)
      (call $delete (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
    (func (export "next") (param i32 i32) (result i32)
      (call $next (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
    (func (export "entry") (param i32 i32) (result i32)
      (call $entry (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
    (func (export "bytes") (param i32) (result i32) (call $bytes (local.get 0) (i32.const 16)) (i32.const 16)))
  (core instance $p (instantiate $passing (with "host" (instance
    (export "get" (func $get)) (export "set" (func $set)) (export "delete" (func $delete)) (export "next" (func $next))
    (export "entry" (func $entry)) (export "bytes" (func $bytes))))))

  (alias export $kv "error" (type $kv-error))
  (alias export $random "error" (type $random-error))
  (alias export $log "level" (type $log-level))
  (export $shown-level "level" (type $log-level))
  (export $shown-kv "kv-error" (type $kv-error))
  (export $shown-random "random-error" (type $random-error))
  (func $lift-write (param "level" $shown-level) (param "text" string)
    (canon lift (core func $write) (memory $memory) (realloc $realloc)))
  (func $lift-wall (result s64) (canon lift (core func $wall)))
  (func $lift-monotonic (result u64) (canon lift (core func $monotonic)))
  (func $lift-get (param "key" (list u8)) (result (result (option (list u8)) (error $shown-kv)))
    (canon lift (core func $p "get") (memory $memory) (realloc $realloc)))
  (func $lift-set (param "key" (list u8)) (param "value" (list u8)) (result (result (error $shown-kv)))
    (canon lift (core func $p "set") (memory $memory) (realloc $realloc)))
  (func $lift-delete (param "key" (list u8)) (result (result bool (error $shown-kv)))
    (canon lift (core func $p "delete") (memory $memory) (realloc $realloc)))
  (func $lift-next (param "after" (list u8)) (result (result (option (list u8)) (error $shown-kv)))
    (canon lift (core func $p "next") (memory $memory) (realloc $realloc)))
  (func $lift-entry (param "key" string) (result (option string))
    (canon lift (core func $p "entry") (memory $memory) (realloc $realloc)))
  (func $lift-bytes (param "len" u32) (result (result (list u8) (error $shown-random)))
    (canon lift (core func $p "bytes") (memory $memory) (realloc $realloc)))
  (export "write" (func $lift-write))
  (export "wall" (func $lift-wall))
  (export "monotonic" (func $lift-monotonic))
  (export "get" (func $lift-get))
  (export "set" (func $lift-set))
  (export "delete" (func $lift-delete))
  (export "next" (func $lift-next))
  (export "entry" (func $lift-entry))
  (export "bytes" (func $lift-bytes)))"#;

fn load(host: &HostFunctions) -> Lease {
    let options = LoadOptions { host: host.clone(), ..LoadOptions::default() };
    Arc::new(Version::load(engine(), wasm(ALL), options).unwrap()).lease()
}

/// Calls one after the other, with what each answers, and the lines that were logged in the end.
#[track_caller]
fn check(calls: &[(&str, &str, &str)], lines: &[&str]) {
    let (host, logged) = logged();
    host.configuration().replace(BTreeMap::from([("unit".into(), "celsius".into())])).unwrap();
    let lease = load(&host);
    for (name, argument, expected) in calls {
        assert_eq!(lease.call_json(name, argument).unwrap(), *expected, "{name} {argument}");
    }
    assert_eq!(logged.take(), lines);
}

#[test]
fn values_are_kept_by_key() {
    check(
        &[
            ("get", "[1]", r#"{"ok":null}"#),
            ("set", "[[1],[2,3]]", r#"{"ok":null}"#),
            ("get", "[1]", r#"{"ok":"AgM="}"#),
            ("next", "[]", r#"{"ok":"AQ=="}"#),
            ("next", "[1]", r#"{"ok":null}"#),
            ("delete", "[1]", r#"{"ok":true}"#),
            ("delete", "[1]", r#"{"ok":false}"#),
            ("get", "[]", r#"{"err":"bad-key"}"#),
            ("set", "[[],[]]", r#"{"err":"bad-key"}"#),
        ],
        &[],
    );
}

#[test]
fn values_and_random_bytes_are_bounded() {
    let (host, _) = logged();
    let lease = load(&host);
    let value = |len: usize| format!("[[1],[{}]]", vec!["7"; len].join(","));
    assert_eq!(lease.call_json("set", &value(65_536)).unwrap(), r#"{"ok":null}"#);
    assert_eq!(load(&host).call_json("set", &value(65_537)).unwrap(), r#"{"err":"too-large"}"#);
    assert_eq!(load(&host).call_json("bytes", "65537").unwrap(), r#"{"err":"too-large"}"#);
    assert_eq!(load(&host).call_json("bytes", "4294967295").unwrap(), r#"{"err":"too-large"}"#);
    let (one, other) = (lease.call_json("bytes", "16").unwrap(), lease.call_json("bytes", "16").unwrap());
    assert!(one != other && one.len() == other.len(), "{one} {other}");
}

#[test]
fn lines_and_configuration_and_clocks_are_there() {
    check(
        &[
            ("write", r#"["warn","it is cold"]"#, ""),
            ("entry", r#""unit""#, r#""celsius""#),
            ("entry", r#""other""#, "null"),
        ],
        &["tests warn: it is cold"],
    );
    let lease = load(&logged().0);
    let time = |name: &str| lease.call_json(name, "").unwrap().parse::<u64>().unwrap();
    assert!(time("wall") > 0 && time("monotonic") <= time("monotonic"));
}

#[test]
fn what_is_written_when_a_version_is_tried_is_gone_after_the_switch() {
    let (host, _) = logged();
    let version = |more: &str| {
        let text = ALL.strip_suffix(')').unwrap();
        let options = LoadOptions { host: host.clone(), ..LoadOptions::default() };
        Version::load(engine(), wasm(&format!("{text} {more})")), options).unwrap()
    };
    let slot = Slot::new("tests", version(""), SlotPolicy::default()).unwrap();
    let call = |name: &str, argument: &str| slot.acquire().call_json(name, argument).unwrap();
    call("set", "[[1],[2,3]]");
    host.store().set(&[1], b"7").unwrap();
    // Repeats the call, and refuses nothing.
    slot.publish(version("(core module)")).unwrap();
    assert_eq!(*host.store().get(&[1]).unwrap(), *b"7", "after the switch");
    assert_eq!(slot.acquire().version().counters().started, 2, "one that is tried and one that serves");
    assert_eq!(call("get", "[1]"), r#"{"ok":"Nw=="}"#);
    call("set", "[[1],[4]]");
    assert_eq!(*host.store().get(&[1]).unwrap(), [4], "after a call");
}

#[track_caller]
fn check_refused(allow: &[Permission], text: &str, expected: &str) {
    let host = HostFunctions::new("tests", allow.iter().copied().collect());
    let options = LoadOptions { host, ..LoadOptions::default() };
    let error = Version::load(engine(), wasm(text), options).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

const EMPTY: &str = r#"(core module $m (func (export "f"))) (core instance $i (instantiate $m))
  (func $f (canon lift (core func $i "f"))) (export "f" (func $f))"#;

#[test]
fn what_is_not_allowed_or_not_there_is_refused() {
    check_refused(
        &[Permission::Log],
        ALL,
        "wasmtube:host/kv@1.0.0, wasmtube:host/config@1.0.0, wasmtube:host/random@1.0.0, but the slot allows log: if that \
         is meant, add \"clock\", \"kv\", \"config\", \"random\" to `allow`",
    );
    let import = |import: &str| format!("(component (import {import}) {EMPTY})");
    for (name, expected) in [
        ("wasi:cli/environment@0.2.0", "imports wasi:cli/environment@0.2.0, which this host does not have"),
        ("wasmtube:host/kv@2.0.0", "imports wasmtube:host/kv@2.0.0, which this host does not have"),
        ("wasmtube:host/clock@1.0.0", "cannot be compiled: component imports instance `wasmtube:host/clock@1.0.0`"),
    ] {
        check_refused(&Permission::ALL, &import(&format!(r#""{name}" (instance (export "f" (func)))"#)), expected);
    }
}

#[test]
fn another_type_is_refused() {
    let text = r#"(component
      (import "wasmtube:host/random@1.0.0" (instance $random (export "bytes" (func (param "len" u8)))))
      (core func $bytes (canon lower (func $random "bytes")))
      (core module $m (import "" "bytes" (func $bytes (param i32))) (func (export "f") (call $bytes (i32.const 1))))
      (core instance $i (instantiate $m (with "" (instance (export "bytes" (func $bytes))))))
      (func $f (canon lift (core func $i "f"))) (export "f" (func $f)))"#;
    check_refused(&Permission::ALL, text, "wrong type: type mismatch with parameters: expected `u32` found `u8`");
    let level = ALL.replace(r#""debug" "trace""#, r#""debug" "fatal""#);
    check_refused(&Permission::ALL, &level, "expected enum case named trace, found fatal");
}
