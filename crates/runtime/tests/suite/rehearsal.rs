//! The first instance of a version: what is tried in it, whether it serves, and what follows behind the switch.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use abi::{Manifest, State, ValueKind};
use runtime::{
    Candidate, Counters, Deploy, FaultPoint, FaultPoints, HostFunctions, KeyValue, KvLimits, Limits, LoadOptions,
    LogLine, LogSink, MemoryStore, Permission, Slot, SlotEvent, SlotOptions, SlotPolicy, Step, Version,
};

use crate::guest::{answer, answering, engine, manifest, sealed, version};
use crate::model::{DOUBLE, with_golden};

const PATIENCE: Duration = Duration::from_secs(60);

fn declared(state: State) -> Manifest {
    manifest(state, &[("v", &[], &[ValueKind::Scalar(abi::DataType::I32)])])
}

/// `v` answers how often the module has checked itself in this instance.
fn checking(state: State) -> Vec<u8> {
    let text = r#"(module (global $checks (mut i32) (i32.const 0)) (func (export "wasmtube_abi_v1"))
      (func (export "v") (result i32) (global.get $checks))
      (func (export "wasmtube_selfcheck") (result i32)
        (global.set $checks (i32.add (global.get $checks) (i32.const 1))) (i32.const 0)))"#;
    sealed(text, &declared(state))
}

fn plain(state: State) -> Vec<u8> {
    sealed(r#"(module (func (export "v") (result i32) (i32.const 1)))"#, &declared(state))
}

fn model(state: State) -> Vec<u8> {
    sealed(DOUBLE, &Manifest { state, ..with_golden(2.0) })
}

#[track_caller]
fn check_started(bytes: Vec<u8>, expected: u64) {
    let slot = Slot::new("slot", version(bytes), SlotPolicy::default()).unwrap();
    let started = Counters { started: expected, ..Counters::default() };
    assert_eq!(slot.acquire().version().counters(), started);
}

#[test]
fn nothing_is_started_twice() {
    check_started(plain(State::Stateless), 1);
    check_started(plain(State::Slot), 1);
    check_started(plain(State::Keyed), 1);
    check_started(answering(1), 1);
    check_started(checking(State::Stateless), 1);
    check_started(checking(State::Slot), 2);
    check_started(checking(State::Keyed), 1);
    check_started(model(State::Stateless), 1);
    check_started(model(State::Slot), 2);

    let slot = Slot::new("slot", version(answering(1)), SlotPolicy::default()).unwrap();
    assert_eq!(answer(&slot.acquire()), 1);
    slot.publish(version(answering(2))).unwrap();
    let counters = slot.acquire().version().counters();
    assert_eq!(counters.started, 2, "the last argument is tried in an instance of its own");
}

#[test]
fn a_tried_instance_of_slot_state_never_serves() {
    for (state, checks) in [(State::Slot, 0), (State::Keyed, 0), (State::Stateless, 1)] {
        let slot = Slot::new("slot", version(checking(state)), SlotPolicy::default()).unwrap();
        let lease = match state {
            State::Keyed => slot.acquire().with_key("a").unwrap(),
            State::Slot | State::Stateless => slot.acquire(),
        };
        assert_eq!(answer(&lease), checks, "{state:?}");
    }
}

/// Keeps a value in the store of the slot at each line.
#[derive(Debug)]
struct Keeping(Arc<MemoryStore>);

impl LogSink for Keeping {
    fn line(&self, _: &LogLine<'_>) {
        self.0.set(b"k", b"late").unwrap();
    }
}

#[test]
fn the_instance_of_slot_state_starts_after_the_checks() {
    let store = Arc::new(MemoryStore::new(KvLimits::default()));
    let allow = [Permission::Log, Permission::Kv].into();
    let host = HostFunctions::over("slot", allow, Arc::clone(&store) as _, Arc::new(Keeping(store)));
    let text = r#"(module (import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
      (import "wasmtube_host_v1" "kv_get" (func $kv_get (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "k") (global $found (mut i32) (i32.const 0))
      (func $start (global.set $found (call $kv_get (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 8))))
      (start $start)
      (func (export "wasmtube_abi_v1")) (func (export "v") (result i32) (global.get $found))
      (func (export "wasmtube_selfcheck") (result i32)
        (call $log (i32.const 3) (i32.const 0) (i32.const 1)) (i32.const 0)))"#;
    let options = LoadOptions { host, ..LoadOptions::default() };
    let version = Version::load(engine(), sealed(text, &declared(State::Slot)), options).unwrap();
    let slot = Slot::new("slot", version, SlotPolicy::default()).unwrap();
    assert_eq!(answer(&slot.acquire()), 4, "the length of what was kept last");
}

/// Three calls meet where they log, and starts behind a switch wait there until they are let go.
struct Meeting {
    calls: Barrier,
    begins: Mutex<Sender<String>>,
    goes_on: Mutex<Receiver<()>>,
}

struct Starts {
    begun: Receiver<String>,
    go_on: Sender<()>,
}

impl std::fmt::Debug for Meeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meeting")
    }
}

impl LogSink for Meeting {
    fn line(&self, line: &LogLine<'_>) {
        match line.text {
            "call" => drop(self.calls.wait()),
            _ if line.rehearsal => {}
            start => {
                self.begins.lock().unwrap().send(start.into()).unwrap();
                self.goes_on.lock().unwrap().recv_timeout(PATIENCE).unwrap();
            }
        }
    }
}

/// Logs its number where an instance starts, and `call` where `meet` is called.
fn logging(number: i32) -> Candidate {
    let text = format!(
        r#"(module (import "wasmtube_host_v1" "log" (func $log (param i32 i32 i32)))
        (memory (export "memory") 1) (data (i32.const 16) "call{number}")
        (func (export "meet") (call $log (i32.const 3) (i32.const 16) (i32.const 4)))
        (func (export "v") (result i32) (i32.const {number}))
        (func $start (call $log (i32.const 3) (i32.const 20) (i32.const 1))) (start $start))"#
    );
    let mut manifest = declared(State::Stateless);
    manifest
        .functions
        .insert("meet".into(), crate::guest::manifest(State::Slot, &[("meet", &[], &[])]).functions["meet"].clone());
    Candidate::new(sealed(&text, &manifest))
}

/// A slot whose live version, number 1, has three instances, how to deploy to it, and its starts behind a switch.
fn with_three_instances(faults: FaultPoints) -> (Slot, Deploy, Starts) {
    let ((begins, begun), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel());
    let meeting = Meeting { calls: Barrier::new(3), begins: begins.into(), goes_on: goes_on.into() };
    let store = Arc::new(MemoryStore::new(KvLimits::default()));
    let host = HostFunctions::over("slot", [Permission::Log].into(), store, Arc::new(meeting));
    let three = std::num::NonZeroUsize::new(3).unwrap();
    let limits = Limits { instances: three, deadline: PATIENCE, ..Limits::default() };
    let how = Deploy::at_once(LoadOptions { limits, host, ..LoadOptions::default() });
    let options = SlotOptions { faults, ..SlotOptions::default() };
    let slot = Slot::open(engine(), "slot", logging(1), options, how.clone()).unwrap();
    // Those that calls start wait like those behind a switch.
    (0..2).for_each(|_| go_on.send(()).unwrap());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| slot.acquire().call_scalars("meet", &[]).unwrap());
        }
    });
    assert_eq!((started(&slot), begun.try_iter().count()), (3, 2));
    (slot, how, Starts { begun, go_on })
}

fn started(slot: &Slot) -> u64 {
    slot.acquire().version().counters().started
}

impl Starts {
    fn wait(&self) -> String {
        self.begun.recv_timeout(PATIENCE).expect("a start behind the switch")
    }
}

#[test]
fn the_switch_comes_after_the_first_instance() {
    let live: Arc<OnceLock<Slot>> = Arc::default();
    let at_switch: Arc<OnceLock<u64>> = Arc::default();
    let (there, noted) = (Arc::clone(&live), Arc::clone(&at_switch));
    let faults = FaultPoints::call(move |point| {
        if let (FaultPoint::Switched, Some(slot)) = (point, there.get()) {
            noted.set(started(slot)).unwrap();
        }
    });
    let (slot, how, starts) = with_three_instances(faults);
    live.set(slot.clone()).unwrap();
    let steps: Arc<Mutex<Vec<Step>>> = Arc::default();
    let told = Arc::clone(&steps);
    slot.on_step(move |step| told.lock().unwrap().push(step.step));

    slot.deploy(logging(2), how).unwrap();
    assert_eq!(at_switch.get(), Some(&1));
    let steps = steps.lock().unwrap()[3..8].to_vec();
    assert_eq!(steps, [Step::Compile, Step::Compare, Step::Warm, Step::Check, Step::Switch]);

    // The second one is held where it starts, and calls are answered.
    assert_eq!((starts.wait().as_str(), answer(&slot.acquire()), started(&slot)), ("2", 2, 1));
    starts.go_on.send(()).unwrap();
    assert_eq!((starts.wait().as_str(), answer(&slot.acquire()), started(&slot)), ("2", 2, 2));
    starts.go_on.send(()).unwrap();
    let begun = Instant::now();
    while started(&slot) < 3 {
        assert!(begun.elapsed() < PATIENCE, "the third one is missing");
        thread::yield_now();
    }
}

#[test]
fn no_call_is_prepared_for_in_a_version_that_was_replaced() {
    let (slot, how, starts) = with_three_instances(FaultPoints::none());
    let second = slot.deploy(logging(2), how.clone()).unwrap().new;
    assert_eq!(starts.wait(), "2");
    let events = slot.subscribe(8);
    slot.deploy(logging(3), how).unwrap();
    (0..2).for_each(|_| starts.go_on.send(()).unwrap());
    loop {
        match events.recv_timeout(PATIENCE).expect("the end of the second version") {
            SlotEvent::Drained { digest, .. } if digest == second => break,
            _ => {}
        }
    }
    let second = starts.begun.try_iter().filter(|number| number == "2").count();
    assert_eq!(second, 0, "the one that was being started was the last");
    assert_eq!(answer(&slot.acquire()), 3);
}
