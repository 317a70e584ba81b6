//! The few functions of WASI preview 1 that can be allowed.

use std::sync::Arc;

use runtime::{CallError, HostFunctions, LoadOptions, Scalar, Version};

use crate::guest::{engine, wasm};
use crate::host::logged;

/// `write(fd, pieces)` writes the two pieces that are listed at 8: "hello, " and "world\n".
const WASI: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4)
  (data (i32.const 8) "\20\00\00\00\07\00\00\00\27\00\00\00\06\00\00\00\00\10\00\00\00\00\02\00")
  (data (i32.const 32) "hello, world\n")
  (func (export "write") (param i32 i32 i32) (result i32)
    (call $write (local.get 0) (local.get 1) (local.get 2) (i32.const 1024)))
  (func (export "written_at") (param i32) (result i32)
    (call $write (i32.const 1) (i32.const 8) (i32.const 1) (local.get 0)))
  (func (export "time") (param i32 i32) (result i32) (call $time (local.get 0) (i64.const 1) (local.get 1)))
  (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1)))
  (func (export "sizes") (result i32)
    (i64.store (i32.const 1024) (i64.const -1)) (i64.store (i32.const 1032) (i64.const -1))
    (i32.or (call $args_sizes (i32.const 1024) (i32.const 1028)) (i32.or
      (call $environ_sizes (i32.const 1032) (i32.const 1036)) (i32.or
      (call $args (i32.const 0) (i32.const 0)) (call $environ (i32.const 0) (i32.const 0))))))
  (func (export "exit") (param i32) (result i32) (call $exit (local.get 0)) (i32.const 0))
  (func (export "number") (param i32) (result i32) (i32.load (local.get 0))))"#;

fn load(host: &HostFunctions) -> runtime::Lease {
    let options = LoadOptions { host: host.clone(), ..LoadOptions::default() };
    Arc::new(Version::load(engine(), wasm(WASI), options).unwrap()).lease()
}

fn call(lease: &runtime::Lease, name: &str, arguments: &[i32]) -> Result<i32, CallError> {
    let arguments: Vec<Scalar> = arguments.iter().map(|&argument| Scalar::I32(argument)).collect();
    match lease.call_scalars(name, &arguments)?[..] {
        [Scalar::I32(number)] => Ok(number),
        ref other => panic!("one i32 expected, not {other:?}"),
    }
}

/// Calls one after the other in the same instance, with what each answers, and the lines that were logged in the end.
#[track_caller]
fn check(calls: &[(&str, &[i32], i32)], lines: &[&str]) {
    let (host, logged) = logged();
    let lease = load(&host);
    for (name, arguments, expected) in calls {
        assert_eq!(call(&lease, name, arguments), Ok(*expected), "{name}{arguments:?}");
    }
    drop(lease);
    assert_eq!(logged.take(), lines);
}

#[test]
fn what_is_written_is_logged_line_by_line() {
    check(&[("write", &[1, 8, 2], 0), ("number", &[1024], 13)], &["tests info: hello, world"]);
    check(&[("write", &[2, 8, 2], 0)], &["tests warn: hello, world"]);
}

#[test]
fn half_a_line_is_logged_when_the_next_call_begins() {
    check(&[("write", &[1, 8, 1], 0), ("write", &[1, 16, 1], 0)], &["tests info: hello, ", "tests info: world"]);
    check(&[("write", &[1, 8, 1], 0)], &["tests info: hello, "]);
}

#[test]
fn other_descriptors_and_many_pieces_are_refused() {
    check(
        &[("write", &[0, 8, 2], 8), ("write", &[3, 8, 2], 8), ("write", &[1, 8, 1025], 28), ("write", &[1, 8, -1], 28)],
        &[],
    );
}

#[test]
fn one_write_takes_64_kib() {
    let (host, logged) = logged();
    let lease = load(&host);
    assert_eq!(call(&lease, "write", &[1, 24, 1]), Ok(0));
    assert_eq!(call(&lease, "number", &[1024]), Ok(65_536));
    assert_eq!(logged.take().len(), 16);
}

#[test]
fn clocks_and_random_numbers_are_there() {
    check(
        &[
            ("time", &[0, 1024], 0),
            ("time", &[1, 1024], 0),
            ("time", &[2, 1024], 28),
            ("random", &[1024, 65_536], 0),
            ("random", &[1024, 65_537], 28),
        ],
        &[],
    );
}

#[test]
fn arguments_and_environment_are_empty() {
    check(
        &[
            ("sizes", &[], 0),
            ("number", &[1024], 0),
            ("number", &[1028], 0),
            ("number", &[1032], 0),
            ("number", &[1036], 0),
        ],
        &[],
    );
}

#[test]
fn the_end_of_the_process_is_a_trap() {
    let (host, _) = logged();
    let error = call(&load(&host), "exit", &[3]).unwrap_err();
    let CallError::Trap(trap) = &error else { panic!("{error}") };
    assert_eq!(trap.message, "it ended itself by `proc_exit` with status 3");
    assert_eq!(trap.backtrace[0].function, "exit");
}

#[test]
fn pointers_out_of_range_are_traps() {
    let (host, _) = logged();
    let lease = load(&host);
    for (name, arguments) in [
        ("write", &[1, -8, 1][..]),
        ("write", &[1, 262_140, 1]),
        ("write", &[1, 28, 1]),
        ("written_at", &[262_141]),
        ("time", &[0, 262_137]),
        ("random", &[-1, 1]),
    ] {
        let error = call(&lease, name, arguments);
        assert!(matches!(error, Err(CallError::PointerOutOfRange { .. })), "{name}{arguments:?}: {error:?}");
    }
}
