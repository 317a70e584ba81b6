//! What a call costs: `cargo run --release -p wasmtube-runtime --example held`.
//!
//! Times are processor time of the calling thread for each call, the least and the median of many batches: what an idle
//! core gives, also on a machine that does other things. Only the first call after a pause is taken by the wall clock.

use std::collections::BTreeMap;
use std::hint::{self, black_box};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use abi::{DataType, FunctionDecl, Manifest, Producer, State, ValueKind};
use runtime::{Engine, EngineOptions, LoadOptions, Scalar, Slot, SlotPolicy, Version};
use rustix::time::{ClockId, clock_gettime};

extern crate wasmtube_runtime as runtime;

type AnyError = Box<dyn std::error::Error>;

const VALUES: usize = 60;
const BATCHES: usize = 400;
/// Length of a batch.
const BATCH: Duration = Duration::from_micros(500);
const ROUNDS: usize = 1000;
/// Calls of a round of two threads: short against the time that a thread has a core to itself.
const ROUND_CALLS: u32 = 2000;

/// `nothing`, `add`, and `stats`: mean and median of integers by insertion sort.
const GUEST: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "wasmtube_abi_v1"))
  (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 4096))
  (func (export "wasmtube_free") (param i32 i32))
  (func (export "nothing"))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "stats") (param $at i32) (param $len i32) (result i64)
    (local $end i32) (local $one i32) (local $to i32) (local $value i64) (local $sum i64) (local $half i32)
    (local.set $end (i32.add (local.get $at) (local.get $len)))
    (local.set $one (local.get $at))
    (loop $next
      (local.set $value (i64.load (local.get $one)))
      (local.set $sum (i64.add (local.get $sum) (local.get $value)))
      (local.set $to (local.get $one))
      (block $placed (loop $move
        (br_if $placed (i32.eq (local.get $to) (local.get $at)))
        (br_if $placed (i64.le_s (i64.load (i32.sub (local.get $to) (i32.const 8))) (local.get $value)))
        (i64.store (local.get $to) (i64.load (i32.sub (local.get $to) (i32.const 8))))
        (local.set $to (i32.sub (local.get $to) (i32.const 8)))
        (br $move)))
      (i64.store (local.get $to) (local.get $value))
      (br_if $next (i32.lt_u (local.tee $one (i32.add (local.get $one) (i32.const 8))) (local.get $end))))
    (local.set $half (i32.add (local.get $at) (i32.and (i32.shr_u (local.get $len) (i32.const 1)) (i32.const -8))))
    (f64.store (i32.const 2048)
      (f64.div (f64.convert_i64_s (local.get $sum)) (f64.convert_i32_u (i32.shr_u (local.get $len) (i32.const 3)))))
    (f64.store offset=8 (i32.const 2048) (f64.mul (f64.const 0.5) (f64.add
      (f64.convert_i64_s (i64.load (i32.sub (local.get $half) (i32.const 8))))
      (f64.convert_i64_s (i64.load (local.get $half))))))
    (i64.const 0x80000000010)))"#;

fn main() -> Result<(), AnyError> {
    let engine = Engine::new(EngineOptions::default())?;
    let version = Version::load(&engine, sealed()?, LoadOptions::default())?;
    let slot = Slot::new("held", version, SlotPolicy::default())?;
    let unmarked = wat::parse_str(GUEST.replace(r#"(func (export "wasmtube_abi_v1"))"#, ""))?;
    let plain = Version::load(&engine, unmarked, LoadOptions::default())?;
    let plain = Slot::new("plain", plain, SlotPolicy::default())?;
    let lease = slot.acquire();
    let list: Vec<i64> = (0..VALUES as i64).map(|index| index * 7919 % 1000).collect();
    let known = native(&list);
    let answered: (f64, f64) = lease.call("stats", &list)?;
    assert_eq!(answered, known, "the guest and the host compute the same");

    println!("{:<44}{:>10}{:>10}", "ns for each call", "least", "median");
    report("engine alone: nothing", engine_alone()?);
    let nothing = lease.resolve::<(), ()>("nothing")?;
    report("held lease, resolved: nothing", measure(|| nothing.call(())));
    let add = lease.resolve::<(i32, i32), i32>("add")?;
    report("held lease, resolved: add", measure(|| add.call((1, 2))));
    let unsealed = plain.acquire();
    let add = unsealed.resolve::<(i32, i32), i32>("add")?;
    report("held lease, resolved, unsealed: add", measure(|| add.call((1, 2))));
    let acquire = || slot.acquire().resolve::<(), ()>("nothing").and_then(|nothing| nothing.call(()));
    report("acquire, resolve, call: nothing", measure(acquire));
    let scalars = [Scalar::I32(1), Scalar::I32(2)];
    report("held lease, call_scalars: add", measure(|| lease.call_scalars("add", &scalars)));
    let host = measure(|| native(black_box(&list)));
    report("host: mean and median of 60 integers", host);
    let guest = measure(|| lease.call::<_, (f64, f64)>("stats", &list));
    report("held lease, call: the same", guest);
    println!("the call is {:.0} ns over the host's own", guest.least - host.least);
    side_by_side("held lease, resolved: nothing", &|| drop(black_box(nothing.call(()))));
    side_by_side("acquire, resolve, call: nothing", &|| drop(black_box(acquire())));
    first_after_a_pause(&|| drop(nothing.call(())));
    Ok(())
}

fn sealed() -> Result<Vec<u8>, AnyError> {
    let i32_kind = || ValueKind::Scalar(DataType::I32);
    let functions = [
        ("nothing", vec![], vec![]),
        ("add", vec![i32_kind(), i32_kind()], vec![i32_kind()]),
        ("stats", vec![ValueKind::List(DataType::I64)], vec![ValueKind::List(DataType::F64)]),
    ];
    let decl = |(name, takes, returns): (&str, _, _)| (name.into(), FunctionDecl { takes, returns, about: "".into() });
    let manifest = Manifest {
        name: "held".into(),
        version: "1".into(),
        functions: functions.map(decl).into(),
        state: State::Stateless,
        window: None,
        model: None,
        features: Vec::new(),
        memory_bytes: 65_536,
        producer: Producer { name: "held".into(), version: "1".into(), options: BTreeMap::new() },
    };
    Ok(abi::pack(&wat::parse_str(GUEST)?, &manifest)?)
}

#[inline(never)]
fn native(list: &[i64]) -> (f64, f64) {
    let mut sorted = list.to_vec();
    for at in 1..sorted.len() {
        let mut to = at;
        while to > 0 && sorted[to - 1] > sorted[to] {
            sorted.swap(to - 1, to);
            to -= 1;
        }
    }
    let half = sorted.len() / 2;
    let mean = list.iter().sum::<i64>() as f64 / list.len() as f64;
    (mean, 0.5 * (sorted[half - 1] as f64 + sorted[half] as f64))
}

/// A typed call of the engine with nothing of ours around it but the deadline.
fn engine_alone() -> Result<Times, AnyError> {
    let engine = wasmtime::Engine::new(wasmtime::Config::new().epoch_interruption(true))?;
    let module = wasmtime::Module::new(&engine, wat::parse_str(GUEST)?)?;
    let mut store = wasmtime::Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let instance = wasmtime::Instance::new(&mut store, &module, &[])?;
    let nothing = instance.get_typed_func::<(), ()>(&mut store, "nothing")?;
    Ok(measure(|| {
        store.set_epoch_deadline(1000);
        nothing.call(&mut store, ())
    }))
}

#[derive(Clone, Copy)]
struct Times {
    least: f64,
    median: f64,
}

fn report(what: &str, times: Times) {
    println!("{what:<44}{:>10.1}{:>10.1}", times.least, times.median);
}

fn measure<R>(mut call: impl FnMut() -> R) -> Times {
    let mut batch = |calls: u32| {
        let begun = thread_time();
        for _ in 0..calls {
            black_box(call());
        }
        (thread_time() - begun).as_nanos() as f64 / f64::from(calls)
    };
    let once = batch(2000);
    let calls = (BATCH.as_nanos() as f64 / once).max(1.0) as u32;
    let mut times: Vec<f64> = (0..BATCHES).map(|_| batch(calls)).collect();
    times.sort_by(f64::total_cmp);
    Times { least: times[0], median: times[BATCHES / 2] }
}

/// What two threads do that call at the same time, against one. Only rounds count in which neither lost its core.
fn side_by_side(what: &str, call: &(dyn Fn() + Sync)) {
    let arrived = AtomicUsize::new(0);
    let meet = |round: usize| {
        arrived.fetch_add(1, Ordering::SeqCst);
        while arrived.load(Ordering::SeqCst) < 2 * (round + 1) {
            hint::spin_loop();
        }
    };
    let side = |threads: usize| {
        let rounds = (0..ROUNDS).map(|round| {
            if threads == 2 {
                meet(round);
            }
            let (wall, begun) = (Instant::now(), thread_time());
            for _ in 0..ROUND_CALLS {
                call();
            }
            let (busy, wall) = (thread_time() - begun, wall.elapsed());
            (wall < busy.mul_f64(1.05)).then(|| busy.as_nanos() as f64 / f64::from(ROUND_CALLS))
        });
        rounds.collect::<Vec<_>>()
    };
    let mut one: Vec<f64> = side(1).into_iter().flatten().collect();
    let (left, right) = thread::scope(|scope| {
        let other = scope.spawn(|| side(2));
        (side(2), other.join().expect("no call panics"))
    });
    let mut two: Vec<f64> = left.into_iter().zip(right).filter_map(|(left, right)| Some(left?.max(right?))).collect();
    one.sort_by(f64::total_cmp);
    two.sort_by(f64::total_cmp);
    let at = |times: &[f64], share: usize| times.get(times.len() * share / 100).copied().unwrap_or(f64::NAN);
    println!("two threads, {what}: {} of {ROUNDS} rounds count", two.len());
    for share in [1, 10, 50] {
        let (one, two) = (at(&one, share), at(&two, share));
        println!(
            "  {share}th percentile: alone {one:.1} ns, each of two {two:.1} ns, {:.2} x the calls",
            2.0 * one / two
        );
    }
}

fn first_after_a_pause(call: &dyn Fn()) {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            thread::sleep(Duration::from_secs(1));
            let begun = Instant::now();
            call();
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("first call after a second: least {:?}, median {:?}, most {:?}", times[0], times[4], times[8]);
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
