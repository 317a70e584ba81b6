use std::sync::mpsc;
use std::thread;

use super::*;
use crate::host::Purpose;
use crate::{Engine, EngineOptions, LoadOptions, Version};

const DEADLINE: Duration = Duration::from_millis(20);

fn version() -> Version {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let wasm = wat::parse_str(r#"(module (func (export "f")))"#).unwrap();
    Version::load(&engine, wasm, LoadOptions::default()).unwrap()
}

#[test]
fn a_call_that_finds_no_instance_in_time_is_told_so() {
    let version = version();
    let pool = Pool::new(1);
    let (held, _) = pool.check_out(DEADLINE, |_| version.fresh(Purpose::Serve)).unwrap();
    let error = pool.check_out(DEADLINE, |_| version.fresh(Purpose::Serve)).unwrap_err();
    assert!(matches!(error, CallError::Busy { instances: 1, waited } if waited >= DEADLINE), "{error:?}");
    pool.check_in(Some(held), Outcome::Succeeded);
    let (_, remaining) = pool.check_out(DEADLINE, |_| version.fresh(Purpose::Serve)).unwrap();
    assert_eq!(remaining, DEADLINE);
    assert_eq!(pool.counters(), Counters { calls: 1, failed: 0, started: 1, spoiled: 0 });
}

#[test]
fn waiting_counts_as_part_of_the_deadline() {
    let version = version();
    let pool = Pool::new(1);
    let deadline = Duration::from_secs(60);
    let (held, _) = pool.check_out(deadline, |_| version.fresh(Purpose::Serve)).unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let (instance, remaining) = pool.check_out(deadline, |_| version.fresh(Purpose::Serve)).unwrap();
            pool.check_in(Some(instance), Outcome::Succeeded);
            sender.send(remaining).unwrap();
        });
        while pool.lock().waiting == 0 {
            thread::yield_now();
        }
        pool.check_in(Some(held), Outcome::Succeeded);
        assert!(receiver.recv().unwrap() < deadline);
    });
}

#[test]
fn an_impatient_caller_goes_before_those_that_came_later() {
    let version = version();
    let pool = Pool::new(1);
    let deadline = Duration::from_secs(60);
    let (held, _) = pool.check_out(deadline, |_| version.fresh(Purpose::Serve)).unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| pool.check_out(deadline, |_| version.fresh(Purpose::Serve)).map(|_| ()));
        while pool.lock().impatient == 0 {
            thread::yield_now();
        }
        {
            let mut state = pool.lock();
            state.idle.push(held);
            assert!(state.seat(1, false).is_none(), "a newcomer must not overtake");
        }
        pool.returned.notify_all();
        waiter.join().unwrap().unwrap();
    });
}

#[test]
fn an_instance_that_cannot_start_leaves_its_seat() {
    let version = version();
    let pool = Pool::new(1);
    let failed = pool.check_out(DEADLINE, |_| Err(CallError::Retired));
    assert_eq!(failed.unwrap_err(), CallError::Retired);
    assert!(pool.check_out(DEADLINE, |_| version.fresh(Purpose::Serve)).is_ok());
}
