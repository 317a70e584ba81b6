use std::sync::mpsc;
use std::thread;

use super::*;
use crate::host::Purpose;
use crate::{Engine, EngineOptions, LoadOptions, Version};

const DEADLINE: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(60);

fn version() -> Version {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let wasm = wat::parse_str(r#"(module (func (export "f")))"#).unwrap();
    Version::load(&engine, wasm, LoadOptions::default()).unwrap()
}

/// Checks out an instance of the version, which is started if need be.
fn check_out<'p>(pool: &'p Pool, version: &Version, deadline: Duration) -> Result<(Seated<'p>, Duration), CallError> {
    pool.check_out(deadline, |_| version.fresh(Purpose::Serve))
}

#[test]
fn a_call_that_finds_no_instance_in_time_is_told_so() {
    let (version, pool) = (version(), Pool::new(1, 8));
    let (held, _) = check_out(&pool, &version, DEADLINE).unwrap();
    let error = check_out(&pool, &version, DEADLINE).map(drop).unwrap_err();
    assert!(matches!(error, CallError::Busy { instances: 1, waiting: 0, waited } if waited >= DEADLINE), "{error:?}");
    held.count(false);
    drop(held);
    let (_, remaining) = check_out(&pool, &version, DEADLINE).unwrap();
    assert_eq!(remaining, DEADLINE);
    assert_eq!(pool.counters(), Counters { calls: 1, failed: 0, started: 1, spoiled: 0 });
}

#[test]
fn more_calls_than_may_wait_are_refused_at_once() {
    let (version, pool) = (version(), Pool::new(1, 2));
    let (held, _) = check_out(&pool, &version, LONG).unwrap();
    thread::scope(|scope| {
        let waiters = [0; 2].map(|_| scope.spawn(|| check_out(&pool, &version, LONG).map(drop)));
        while pool.waiting.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let error = check_out(&pool, &version, LONG).map(drop).unwrap_err();
        assert!(matches!(error, CallError::Busy { instances: 1, waiting: 2, waited } if waited < LONG), "{error:?}");
        drop(held);
        for waiter in waiters {
            waiter.join().unwrap().unwrap();
        }
    });
    assert!(check_out(&Pool::new(1, 0), &version, LONG).is_ok(), "what need not wait needs no place in the queue");
}

#[test]
fn waiting_counts_as_part_of_the_deadline() {
    let (version, pool) = (version(), Pool::new(1, 8));
    let (held, _) = check_out(&pool, &version, LONG).unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| sender.send(check_out(&pool, &version, LONG).unwrap().1).unwrap());
        while pool.waiting.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        drop(held);
        assert!(receiver.recv().unwrap() < LONG);
    });
}

#[test]
fn an_impatient_caller_goes_before_those_that_came_later() {
    let (version, pool) = (version(), Pool::new(2, 8));
    let (held, _) = check_out(&pool, &version, LONG).unwrap();
    let (other, _) = check_out(&pool, &version, LONG).unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let (pool, version) = (&pool, &version);
        let first = scope.spawn(move || {
            let seated = check_out(pool, version, LONG).unwrap();
            receiver.recv().unwrap();
            drop(seated);
        });
        while pool.impatient.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        // As long as somebody is impatient, a free seat is not for those who come now.
        let hold = Waiting::join(&pool.impatient);
        drop(held);
        first_has_a_seat(pool);
        let error = check_out(pool, version, DEADLINE).map(drop).unwrap_err();
        assert!(matches!(error, CallError::Busy { .. }), "a newcomer must not overtake: {error:?}");
        drop((other, hold));
        sender.send(()).unwrap();
        first.join().unwrap();
    });
    assert!(check_out(&pool, &version, DEADLINE).is_ok());
}

/// Waits until only the impatience that a test holds is left.
fn first_has_a_seat(pool: &Pool) {
    while pool.impatient.load(Ordering::SeqCst) > 1 {
        thread::yield_now();
    }
}

#[test]
fn an_instance_that_cannot_start_leaves_its_seat() {
    let (version, pool) = (version(), Pool::new(1, 8));
    let failed = pool.check_out(DEADLINE, |_| Err(CallError::Retired)).map(drop);
    assert_eq!(failed.unwrap_err(), CallError::Retired);
    assert_eq!(pool.live(), 0);
    assert!(check_out(&pool, &version, DEADLINE).is_ok());
    assert_eq!(pool.counters(), Counters { calls: 1, failed: 1, started: 1, spoiled: 0 });
}

#[test]
fn a_call_that_panics_loses_its_instance() {
    let (version, pool) = (version(), Pool::new(1, 8));
    let panicked = thread::scope(|scope| {
        let call = scope.spawn(|| {
            let _seated = check_out(&pool, &version, LONG).unwrap();
            panic!("on purpose");
        });
        call.join()
    });
    assert!(panicked.is_err());
    assert_eq!((pool.live(), pool.counters().spoiled, pool.counters().failed), (0, 1, 1));
    assert!(check_out(&pool, &version, LONG).is_ok());
}

#[test]
fn instances_serve_calls_that_run_at_once() {
    let (version, pool) = (version(), Pool::new(3, 8));
    let seats: Vec<_> = (0..3).map(|_| check_out(&pool, &version, DEADLINE).unwrap()).collect();
    assert_eq!(pool.live(), 3);
    assert!(check_out(&pool, &version, DEADLINE).is_err());
    drop(seats);
    for _ in 0..9 {
        check_out(&pool, &version, DEADLINE).unwrap().0.count(false);
    }
    assert_eq!(pool.counters(), Counters { calls: 9, failed: 0, started: 3, spoiled: 0 });
}
