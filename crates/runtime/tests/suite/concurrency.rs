//! Which calls run at once: by the state that a manifest declares, by key, and by the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use abi::{DataType, State, ValueKind};
use runtime::{CallError, KeyError, Lease, Limits, LoadOptions, PublishError, Slot, SlotEvent, SlotPolicy, Version};

use crate::guest::{engine, manifest, sealed};

/// `count` counts the calls of its instance, `spin` never ends, `burst` traps, `add` adds.
const GUEST: &str = r#"(module
  (global $calls (mut i32) (i32.const 0))
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  (func (export "spin") (loop $again (br $again)))
  (func (export "burst") unreachable)
  (func (export "add") (param i64 f32) (result f64)
    (f64.add (f64.convert_i64_u (local.get 0)) (f64.promote_f32 (local.get 1)))))"#;

fn version(state: State, limits: Limits) -> Version {
    let kind = ValueKind::Scalar;
    let functions: [(&str, &[ValueKind], &[ValueKind]); 4] = [
        ("count", &[], &[kind(DataType::I32)]),
        ("spin", &[], &[]),
        ("burst", &[], &[]),
        ("add", &[kind(DataType::U64), kind(DataType::F32)], &[kind(DataType::F64)]),
    ];
    let file = sealed(GUEST, &manifest(state, &functions));
    Version::load(engine(), file, LoadOptions { limits, ..LoadOptions::default() }).unwrap()
}

fn lease(state: State, limits: Limits) -> Lease {
    Arc::new(version(state, limits)).lease()
}

fn limits(instances: usize, keys: usize, queue: usize, milliseconds: u64) -> Limits {
    let count = |count| std::num::NonZeroUsize::new(count).unwrap();
    let deadline = Duration::from_millis(milliseconds);
    Limits { instances: count(instances), keys: count(keys), queue, deadline, ..Limits::default() }
}

fn count(lease: &Lease) -> i32 {
    lease.resolve::<(), i32>("count").unwrap().call(()).unwrap()
}

/// How many calls without an end run at once: those end at their deadline, the others are refused at once.
#[track_caller]
fn check_at_once(state: State, keys: &[&str], expected: usize) {
    let lease = lease(state, limits(2, 8, 0, 200));
    let leases: Vec<Lease> = match keys {
        [] => vec![lease.clone(), lease.clone(), lease],
        keys => keys.iter().map(|key| lease.with_key(key).unwrap()).collect(),
    };
    let ran = thread::scope(|scope| {
        let spawn = |lease: &Lease| {
            let lease = lease.clone();
            scope.spawn(move || lease.call_scalars("spin", &[]))
        };
        let calls: Vec<_> = leases.iter().map(spawn).collect();
        let ended = |call: thread::ScopedJoinHandle<'_, Result<_, CallError>>| match call.join().unwrap() {
            Err(CallError::DeadlineExceeded { .. }) => true,
            Err(CallError::Busy { waiting: 0, queue: 0, .. }) => false,
            other => panic!("{other:?}"),
        };
        calls.into_iter().map(ended).filter(|ran| *ran).count()
    });
    assert_eq!(ran, expected, "{state:?} {keys:?}");
}

#[test]
fn calls_run_at_once_as_the_state_says() {
    check_at_once(State::Stateless, &[], 2);
    check_at_once(State::Slot, &[], 1);
    check_at_once(State::Keyed, &["a", "a", "a"], 1);
    check_at_once(State::Keyed, &["a", "b", "b"], 2);
    check_at_once(State::Keyed, &["a", "b", "c"], 2);
}

#[test]
fn each_key_has_its_own_state() {
    let lease = lease(State::Keyed, Limits::default());
    let (left, right) = (lease.with_key("left").unwrap(), lease.with_key("right").unwrap());
    assert_eq!([count(&left), count(&left), count(&right), count(&left)], [1, 2, 1, 3]);
    assert_eq!(count(&lease.with_key("left").unwrap()), 4);
}

#[test]
fn no_call_of_a_key_is_lost_or_run_beside_another() {
    let lease = lease(State::Keyed, limits(2, 8, 64, 60_000));
    const CALLS: i32 = 500;
    thread::scope(|scope| {
        for thread in 0..6 {
            let lease = lease.with_key(["a", "b", "c"][thread % 3]).unwrap();
            scope.spawn(move || {
                let mut last = 0;
                for _ in 0..CALLS {
                    let now = count(&lease);
                    assert!(now > last, "{now} after {last}");
                    last = now;
                }
            });
        }
    });
    for key in ["a", "b", "c"] {
        assert_eq!(count(&lease.with_key(key).unwrap()), 2 * CALLS + 1);
    }
}

#[test]
fn a_key_that_makes_room_is_reported() {
    let slot = Slot::new("keyed", version(State::Keyed, limits(1, 1, 0, 1000)), SlotPolicy::default()).unwrap();
    let events = slot.subscribe(8);
    let lease = slot.acquire();
    let (a, b) = (lease.with_key("a").unwrap(), lease.with_key("b").unwrap());
    assert_eq!([count(&a), count(&a), count(&b), count(&a)], [1, 2, 1, 1]);
    let evicted = |key: &str| SlotEvent::Evicted { slot: "keyed".into(), digest: slot.digest(), key: key.into() };
    assert_eq!(events.try_iter().collect::<Vec<_>>(), [evicted("a"), evicted("b")]);
    assert_eq!(lease.version().counters().evicted, 2);
}

#[test]
fn a_trap_loses_the_state_of_its_key_only() {
    let lease = lease(State::Keyed, Limits::default());
    let (a, b) = (lease.with_key("a").unwrap(), lease.with_key("b").unwrap());
    assert_eq!([count(&a), count(&b)], [1, 1]);
    assert!(matches!(a.call_scalars("burst", &[]), Err(CallError::Trap(_))));
    assert_eq!([count(&a), count(&b)], [1, 2]);
}

#[test]
fn a_call_has_a_key_where_the_state_is_keyed() {
    let keyed = lease(State::Keyed, Limits::default());
    let missing = keyed.call_scalars("count", &[]).unwrap_err();
    assert_eq!(missing, CallError::Key(KeyError::Missing));
    for (state, word) in [(State::Slot, "slot"), (State::Stateless, "stateless")] {
        let error = lease(state, Limits::default()).with_key("a").unwrap().call_scalars("count", &[]).unwrap_err();
        assert_eq!(error, CallError::Key(KeyError::NotTaken { state: word }));
    }
    let length = |bytes| KeyError::Length { bytes, limit: 256 };
    assert_eq!(keyed.with_key("").unwrap_err(), length(0));
    assert_eq!(keyed.with_key(&"k".repeat(257)).unwrap_err(), length(257));
    assert_eq!(count(&keyed.with_key(&"k".repeat(256)).unwrap()), 1);
}

#[test]
fn a_version_that_takes_a_key_does_not_replace_one_that_takes_none() {
    for (live, candidate) in [(State::Keyed, State::Slot), (State::Stateless, State::Keyed)] {
        let slot = Slot::new("state", version(live, Limits::default()), SlotPolicy::default()).unwrap();
        let error = slot.publish(version(candidate, Limits::default())).unwrap_err();
        let PublishError::Incompatible { missing, changed } = &error else { panic!("{error:?}") };
        assert_eq!((missing.len(), changed.len()), (0, 1), "{error}");
    }
    let slot = Slot::new("state", version(State::Slot, Limits::default()), SlotPolicy::default()).unwrap();
    assert!(slot.publish(version(State::Stateless, Limits::default())).is_ok());
}

#[test]
fn a_call_that_waits_is_stopped_at_its_own_deadline() {
    let lease = lease(State::Slot, limits(1, 1, 8, 150));
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..3 {
            let lease = lease.clone();
            scope.spawn(move || {
                let error = lease.call_scalars("spin", &[]).unwrap_err();
                assert!(matches!(error, CallError::DeadlineExceeded { .. } | CallError::Busy { .. }), "{error:?}");
                let took = begun.elapsed();
                assert!(took < Duration::from_secs(3), "{took:?}");
            });
        }
    });
    assert_eq!(count(&lease), 1);
}

#[test]
fn threads_on_few_instances_lose_no_call() {
    let lease = lease(State::Stateless, limits(2, 1, 64, 60_000));
    let stop = AtomicBool::new(false);
    let calls: u64 = thread::scope(|scope| {
        let caller = || {
            let add = lease.resolve::<(u64, f32), f64>("add").unwrap();
            let mut calls = 0;
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(add.call((calls, 0.5)).unwrap(), calls as f64 + 0.5);
                calls += 1;
            }
            calls
        };
        let callers: Vec<_> = (0..6).map(|_| scope.spawn(caller)).collect();
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        callers.into_iter().map(|caller| caller.join().unwrap()).sum()
    });
    let counters = lease.version().counters();
    assert_eq!((counters.calls, counters.failed), (calls, 0));
    assert!((1..=2).contains(&counters.started), "{counters:?}");
}

#[test]
fn calls_of_every_key_are_timed() {
    let lease = lease(State::Keyed, Limits::default());
    for key in ["a", "b"] {
        let of_key = lease.with_key(key).unwrap();
        assert_eq!((0..600).fold(0, |_, _| count(&of_key)), 600);
    }
    // Of each key the first 256, the 257th and the 513th.
    assert_eq!(lease.version().latency().timed(), 2 * 258);
}
