//! Swaps under load: no call is lost, none fails, none sees an older version than the one before.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use runtime::{CallError, Slot, SlotEvent, SlotPolicy};

use crate::guest::{answer, answering, sealed_answering, version};

const CALLERS: usize = 8;

/// Callers hammer while versions 1 to `swaps` go live; answers how many calls were made.
fn hammer(bytes: fn(i32) -> Vec<u8>, swaps: i32) -> u64 {
    let slot = Slot::new("hammered", version(bytes(0)), SlotPolicy::default()).unwrap();
    let events = slot.subscribe(1024);
    let (stop, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let lease = slot.acquire();
                        let first = answer(&lease);
                        assert_eq!(answer(&lease), first, "a lease sees one version");
                        assert!(first >= last, "{first} after {last}");
                        last = first;
                        calls.fetch_add(2, Ordering::Relaxed);
                    }
                    last
                })
            })
            .collect();
        for number in 1..=swaps {
            slot.publish(version(bytes(number))).unwrap();
        }
        // Every caller gets to the last version before the end.
        let seen = calls.load(Ordering::Relaxed);
        while calls.load(Ordering::Relaxed) < seen + 4 * CALLERS as u64 {
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    assert_eq!(answer(&slot.acquire()), swaps);
    let mut drained = 0;
    while drained < swaps {
        match events.recv_timeout(Duration::from_secs(60)).expect("every old version is dropped") {
            SlotEvent::Drained { .. } => drained += 1,
            SlotEvent::Published { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }
    calls.into_inner()
}

#[test]
fn stateless_versions_are_swapped_under_load() {
    assert!(hammer(sealed_answering, 200) > 0);
}

#[test]
fn single_instances_are_swapped_under_load() {
    assert!(hammer(answering, 50) > 0);
}

#[test]
fn a_lease_that_is_kept_too_long_is_refused() {
    let policy = SlotPolicy { drain: Duration::from_millis(10), ..SlotPolicy::default() };
    let slot = Slot::new("slot", version(answering(1)), policy).unwrap();
    let events = slot.subscribe(8);
    let kept = slot.acquire();
    slot.publish(version(answering(2))).unwrap();
    let overdue = std::iter::repeat_with(|| events.recv_timeout(Duration::from_secs(60)).unwrap())
        .find(|event| !matches!(event, SlotEvent::Published { .. }));
    assert!(matches!(overdue, Some(SlotEvent::DrainOverdue { leases: 1, .. })), "{overdue:?}");
    assert_eq!(kept.call_scalars("v", &[]), Err(CallError::Retired));
    drop(kept);
    assert!(matches!(events.recv_timeout(Duration::from_secs(60)), Ok(SlotEvent::Drained { .. })));
}
