//! What a version counts: calls, failures by their kind, and how long calls took.

use std::time::Duration;

use runtime::trial::Observed;
use runtime::{Counters, Lease, Limits, Scalar};

use crate::guest::{deadline, limited};

/// Answers, traps, never ends and wants more memory than it may have; a start function may follow.
const GUEST: &str = r#"
    (func (export "fine"))
    (func (export "trap") unreachable)
    (func (export "hang") (loop $l (br $l)))
    (func (export "grow") (if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then unreachable)))
    (memory 1)"#;

fn lease(more: &str) -> Lease {
    limited(&format!("(module {GUEST} {more})"), Limits { memory_bytes: 8 << 16, ..deadline(50) })
}

/// Failed calls, traps, calls out of time and error objects after one call.
#[track_caller]
fn check(lease: &Lease, function: &str, arguments: &[Scalar], expected: [u64; 4]) {
    drop(lease.call_scalars(function, arguments));
    let Counters { failed, traps, timeouts, error_objects, .. } = lease.version().counters();
    assert_eq!([failed, traps, timeouts, error_objects], expected);
}

#[test]
fn failures_are_counted_by_their_kind() {
    check(&lease(""), "fine", &[], [0, 0, 0, 0]);
    check(&lease(""), "trap", &[], [1, 1, 0, 0]);
    check(&lease(""), "grow", &[], [1, 1, 0, 0]);
    check(&lease(""), "hang", &[], [1, 0, 1, 0]);
}

#[test]
fn callers_that_are_wrong_are_no_failures_of_the_version() {
    check(&lease(""), "absent", &[], [0, 0, 0, 0]);
    check(&lease(""), "fine", &[Scalar::I32(1)], [0, 0, 0, 0]);
}

#[test]
fn a_start_that_fails_in_a_call_is_of_its_kind() {
    check(&lease("(start $s) (func $s unreachable)"), "fine", &[], [1, 1, 0, 0]);
    check(&lease("(start $s) (func $s (loop $l (br $l)))"), "fine", &[], [1, 0, 1, 0]);
}

#[test]
fn calls_are_timed() {
    let lease = lease("");
    for _ in 0..600 {
        lease.call_scalars("fine", &[]).unwrap();
    }
    // The first 256, the 257th and the 513th.
    assert_eq!(lease.version().latency().timed(), 258);
    for _ in 0..3 {
        drop(lease.call_scalars("trap", &[]));
    }
    let observed = Observed::of(lease.version());
    assert_eq!((observed.calls, observed.failures.traps, observed.timed), (603, 3, 258));
    assert!(observed.median.unwrap() < Duration::from_millis(1));
}
