use std::sync::mpsc;
use std::thread;

use super::*;
use crate::host::Purpose;
use crate::{Engine, EngineOptions, LoadOptions, Version};

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(60);

/// A pool, and a version whose instances it may have.
struct Bench {
    version: Version,
    pool: Arc<Pool>,
}

fn bench(sharing: Sharing, limits: Limits) -> Bench {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    let wasm = wat::parse_str(r#"(module (func (export "f")))"#).unwrap();
    let version = Version::load(&engine, wasm, LoadOptions::default()).unwrap();
    Bench { pool: Pool::new(sharing, &limits, engine.ticker()), version }
}

fn one(deadline: Duration, queue: usize) -> Bench {
    bench(Sharing::Any(NonZeroUsize::MIN), Limits { deadline, queue, ..Limits::default() })
}

fn keyed(deadline: Duration, instances: usize, keys: usize, queue: usize) -> Bench {
    let count = |count| NonZeroUsize::new(count).unwrap();
    let limits = Limits { deadline, instances: count(instances), keys: count(keys), queue, ..Limits::default() };
    bench(Sharing::Keyed, limits)
}

impl Bench {
    fn start(&self, seat: &mut Seat<'_>) {
        seat.occupy(|_| self.version.fresh(Purpose::Serve)).unwrap();
        seat.outcome = Outcome::Succeeded;
    }

    fn seat(&self) -> Seat<'_> {
        let mut seat = self.pool.seat().unwrap();
        self.start(&mut seat);
        seat
    }

    /// A seat of the key, and the key that was evicted for it.
    fn seat_of(&self, key: &str) -> (Seat<'_>, Option<String>) {
        let (mut seat, evicted) = self.pool.seat_of(&key.into()).unwrap();
        self.start(&mut seat);
        (seat, evicted.map(|evicted| evicted.key.to_string()))
    }

    fn wait_for(&self, waiting: usize) {
        let count = || match &self.pool.order {
            Order::Any(queue) => queue.waiting(),
            Order::Keyed(keys) => keys.waiting(),
        };
        while count() != waiting {
            thread::yield_now();
        }
    }

    #[track_caller]
    fn check_busy(&self, key: Option<&str>, expected_waiting: usize, at_once: bool) {
        let error = match key {
            None => self.pool.seat().err(),
            Some(key) => self.pool.seat_of(&key.into()).err(),
        };
        let Some(CallError::Busy { waiting, waited, .. }) = error else { panic!("{error:?}") };
        assert_eq!((waiting, waited == Duration::ZERO), (expected_waiting, at_once));
    }
}

#[test]
fn a_call_that_finds_no_instance_in_time_is_told_so() {
    let bench = one(SHORT, 1);
    let held = bench.seat();
    bench.check_busy(None, 0, false);
    drop(held);
    assert_eq!(bench.seat().remaining(), Some(SHORT));
    let counters = bench.pool.counters();
    assert_eq!(counters, Counters { calls: 2, started: 1, ..Counters::default() });
}

#[test]
fn a_call_behind_a_full_line_is_told_so_at_once() {
    let bench = one(LONG, 2);
    let held = bench.seat();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| drop(bench.seat()));
        }
        bench.wait_for(2);
        bench.check_busy(None, 2, true);
        drop(held);
    });
    bench.wait_for(0);
    drop(bench.seat());
    one(LONG, 0).seat();
    let none = one(LONG, 0);
    let _held = none.seat();
    none.check_busy(None, 0, true);
}

#[test]
fn waiting_counts_as_part_of_the_deadline() {
    let bench = one(LONG, 1);
    let held = bench.seat();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| bench.seat().remaining());
        bench.wait_for(1);
        drop(held);
        let remaining = waiter.join().unwrap().unwrap();
        assert!(remaining < LONG, "{remaining:?}");
    });
    let bench = keyed(LONG, 1, 1, 1);
    drop(bench.seat_of("a"));
    let (held, _) = bench.seat_of("a");
    assert_eq!(held.remaining(), Some(LONG));
    thread::scope(|scope| {
        let waiter = scope.spawn(|| bench.seat_of("a").0.remaining());
        bench.wait_for(1);
        drop(held);
        let remaining = waiter.join().unwrap().unwrap();
        assert!(remaining < LONG, "{remaining:?}");
    });
}

/// Calls that begin to wait one after the other end in that order.
#[track_caller]
fn check_order(bench: &Bench, key: Option<&str>) {
    let seat = || match key {
        None => bench.seat(),
        Some(key) => bench.seat_of(key).0,
    };
    let held = seat();
    let (sender, ended) = mpsc::channel();
    thread::scope(|scope| {
        for number in 0..5 {
            let (sender, seat) = (sender.clone(), &seat);
            scope.spawn(move || {
                let seat = seat();
                sender.send(number).unwrap();
                drop(seat);
            });
            bench.wait_for(number + 1);
        }
        drop(held);
        let order: Vec<usize> = ended.iter().take(5).collect();
        assert_eq!(order, [0, 1, 2, 3, 4]);
    });
}

#[test]
fn calls_that_wait_run_in_the_order_in_which_they_came() {
    check_order(&one(LONG, 8), None);
    check_order(&keyed(LONG, 4, 4, 8), Some("a"));
}

#[test]
fn an_impatient_caller_goes_before_those_that_came_later() {
    let bench = one(LONG, 8);
    let held = bench.seat();
    let Order::Any(queue) = &bench.pool.order else { panic!("no queue") };
    let (sender, ended) = mpsc::channel();
    thread::scope(|scope| {
        let (of_first, bench) = (sender.clone(), &bench);
        scope.spawn(move || {
            let seat = bench.seat();
            of_first.send("first").unwrap();
            drop(seat);
        });
        while !queue.is_impatient() {
            thread::yield_now();
        }
        drop(held);
        let seat = bench.seat();
        sender.send("newcomer").unwrap();
        drop(seat);
    });
    assert_eq!(ended.iter().take(2).collect::<Vec<_>>(), ["first", "newcomer"]);
}

#[test]
fn an_instance_that_cannot_start_leaves_its_place() {
    for (bench, key) in [(one(SHORT, 0), None), (keyed(SHORT, 1, 1, 0), Some("a"))] {
        let seat = || match key {
            None => bench.pool.seat().unwrap(),
            Some(key) => bench.pool.seat_of(&key.into()).unwrap().0,
        };
        let failed = seat().occupy(|_| Err(CallError::Retired));
        assert_eq!(failed, Err(CallError::Retired));
        bench.start(&mut seat());
        let counters = bench.pool.counters();
        assert_eq!((counters.calls, counters.failed, counters.started), (2, 1, 1));
    }
}

#[test]
fn what_a_start_takes_is_taken_from_the_deadline() {
    let deadline = Duration::from_secs(60);
    for (bench, key) in [(one(deadline, 0), None), (keyed(deadline, 1, 1, 0), Some("a"))] {
        let mut seat = match key {
            None => bench.pool.seat().unwrap(),
            Some(key) => bench.pool.seat_of(&key.into()).unwrap().0,
        };
        seat.occupy(|limit| {
            assert_eq!(limit, deadline);
            thread::sleep(SHORT);
            bench.version.fresh(Purpose::Serve)
        })
        .unwrap();
        assert!(seat.remaining().is_some_and(|left| left <= deadline - SHORT), "{:?}", seat.remaining());
    }
}

#[test]
fn an_idle_instance_is_used_before_another_is_started() {
    let bench = bench(Sharing::Any(NonZeroUsize::new(3).unwrap()), Limits::default());
    for _ in 0..8 {
        thread::scope(|scope| scope.spawn(|| drop(bench.seat())).join().unwrap());
    }
    assert_eq!(bench.pool.live(), 1);
    let both = (bench.seat(), bench.seat());
    assert_eq!(bench.pool.live(), 2);
    drop(both);
    assert_eq!(bench.pool.counters().started, 2);
}

#[test]
fn a_panic_during_a_call_leaves_the_place_to_others() {
    let bench = one(SHORT, 0);
    thread::scope(|scope| {
        let panicked = scope.spawn(|| {
            let _seat = bench.seat();
            panic!("on purpose");
        });
        assert!(panicked.join().is_err());
    });
    drop(bench.seat());
    let counters = bench.pool.counters();
    assert_eq!((counters.calls, counters.started, counters.spoiled), (2, 2, 1));
}

#[test]
fn keys_run_side_by_side_up_to_the_limit() {
    let bench = keyed(SHORT, 2, 8, 1);
    let (a, b) = (bench.seat_of("a"), bench.seat_of("b"));
    bench.check_busy(Some("c"), 0, false);
    bench.check_busy(Some("a"), 0, false);
    drop(a);
    let c = bench.seat_of("c");
    drop((b, c));
    assert_eq!(bench.pool.live(), 3);
}

#[test]
fn a_call_of_another_key_goes_before_those_whose_key_is_busy() {
    let bench = keyed(LONG, 2, 8, 8);
    let (held, _) = bench.seat_of("a");
    thread::scope(|scope| {
        let waiter = scope.spawn(|| drop(bench.seat_of("a")));
        bench.wait_for(1);
        drop(bench.seat_of("b"));
        bench.wait_for(1);
        drop(held);
        waiter.join().unwrap();
    });
}

#[test]
fn the_key_that_was_idle_for_the_longest_makes_room() {
    let bench = keyed(SHORT, 2, 2, 1);
    let evicted = |key: &str| bench.seat_of(key).1;
    assert_eq!(evicted("a"), None);
    assert_eq!(evicted("b"), None);
    assert_eq!(evicted("a"), None);
    assert_eq!(evicted("c").as_deref(), Some("b"));
    {
        // What runs is never evicted.
        let (_a, none) = bench.seat_of("a");
        assert_eq!(none, None);
        assert_eq!(evicted("d").as_deref(), Some("c"));
        assert_eq!(evicted("e").as_deref(), Some("d"));
    }
    let counters = bench.pool.counters();
    assert_eq!((counters.started, counters.evicted, bench.pool.live()), (5, 3, 2));
}

#[test]
fn a_key_whose_instance_broke_leaves_its_place() {
    let bench = keyed(SHORT, 1, 2, 0);
    drop(bench.seat_of("a"));
    let (mut broken, _) = bench.seat_of("b");
    assert!(broken.spoil().is_some());
    drop(broken);
    assert_eq!(bench.seat_of("c").1, None, "the place of `b` is free");
    assert_eq!(bench.seat_of("b").1.as_deref(), Some("a"));
}
