//! The way of a candidate, step by step, and what happens when several are on it.

use std::fs;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use abi::{State, ValueKind};
use runtime::{
    Breaking, Candidate, Deploy, DeployError, Deployed, FaultPoint, FaultPoints, LoadOptions, Place, PublishError,
    Slot, SlotEvent, SlotOptions, Step, StepEnd, StepEvent, Watcher, WatcherOptions,
};

use crate::guest::{answer, answering, engine, manifest, sealed, sealed_answering, version, wasm};

const PATIENCE: Duration = Duration::from_secs(60);

fn options(faults: FaultPoints) -> SlotOptions {
    SlotOptions { faults, ..SlotOptions::default() }
}

fn at_once() -> Deploy {
    Deploy::at_once(LoadOptions::default())
}

fn deploy(slot: &Slot, bytes: Vec<u8>) -> Result<Deployed, DeployError> {
    slot.deploy(Candidate::new(bytes), at_once())
}

/// A slot, and the steps of what is deployed from now on.
fn slot(first: Vec<u8>, faults: FaultPoints) -> (Slot, Receiver<StepEvent>) {
    let slot = Slot::open(engine(), "slot", Candidate::new(first), options(faults), at_once()).unwrap();
    let (sender, steps) = mpsc::channel();
    let sender = Mutex::new(sender);
    slot.on_step(move |step| sender.lock().unwrap().send(step.clone()).unwrap_or(()));
    (slot, steps)
}

/// The steps of a deployment up to and with the last one, as `step end`.
fn steps_of(steps: &Receiver<StepEvent>, deployment: u64, last: Step) -> Vec<String> {
    let mut told = vec![];
    loop {
        let event = steps.recv_timeout(PATIENCE).expect("a step");
        if event.deployment == deployment {
            told.push(format!("{} {}", event.step, event.end));
            if event.step == last {
                return told;
            }
        }
    }
}

#[test]
fn each_step_is_told_in_order() {
    let place = Place::new(engine(), "place", SlotOptions::default());
    let (sender, steps) = mpsc::channel();
    place.on_step(move |step| sender.send(step.clone()).unwrap());
    assert!(place.slot().is_none());
    let first = place.deploy(Candidate::new(answering(1)), at_once()).unwrap();
    assert_eq!((first.deployment, first.old), (1, None));
    let expected = [
        "notice done",
        "settle skipped",
        "prove skipped",
        "compile done",
        "compare skipped",
        "warm done",
        "check done",
        "switch done",
    ];
    assert_eq!(steps_of(&steps, 1, Step::Switch), expected);

    let second = place.deploy(Candidate::new(sealed_answering(2)), at_once()).unwrap();
    assert_eq!((second.deployment, second.old, second.is_new()), (2, Some(first.new), true));
    let expected = [
        "notice done",
        "settle skipped",
        "prove done",
        "compile done",
        "compare done",
        "warm done",
        "check done",
        "switch done",
        "drain done",
    ];
    assert_eq!(steps_of(&steps, 2, Step::Drain), expected);
    let slot = place.slot().unwrap();
    assert_eq!((answer(&slot.acquire()), slot.history().len()), (2, 2));

    let again = place.deploy(Candidate::new(sealed_answering(2)), at_once()).unwrap();
    assert_eq!((again.is_new(), slot.history().len()), (false, 2), "what is live already is no new version");
    let last = steps.try_iter().last().unwrap();
    assert_eq!(
        (last.step, last.end, last.reason.as_deref()),
        (Step::Compile, StepEnd::Skipped, Some("it is live already"))
    );
    assert_eq!((last.slot.as_str(), last.deployment, last.digest), ("place", 3, second.new));
}

#[test]
fn a_version_that_is_compiled_already_takes_the_steps_from_there() {
    let (slot, steps) = slot(answering(1), FaultPoints::none());
    slot.publish(version(answering(2))).unwrap();
    let expected = ["compare done", "warm done", "check done", "switch done", "drain done"];
    assert_eq!(steps_of(&steps, 2, Step::Drain), expected);
    slot.roll_back(version(answering(1))).unwrap();
    assert_eq!(steps_of(&steps, 3, Step::Switch)[0], "compare skipped");
}

#[track_caller]
fn check_refused(first: Vec<u8>, bytes: Vec<u8>, step: Step, reason: &str) {
    let (slot, steps) = slot(first, FaultPoints::none());
    let (before, events) = (slot.digest(), slot.subscribe(8));
    let digest = Candidate::new(bytes.clone()).digest();
    let error = runtime::one_line(&deploy(&slot, bytes).unwrap_err());
    assert!(error.contains(reason), "{error}");
    let last = steps.try_iter().last().unwrap();
    assert_eq!((last.step, last.end, last.digest), (step, StepEnd::Failed, digest));
    assert_eq!(last.reason.as_ref(), Some(&error));
    let refused = SlotEvent::Refused { slot: "slot".into(), digest: Some(digest), reason: error };
    assert_eq!((events.try_iter().collect::<Vec<_>>(), slot.digest()), (vec![refused], before));
}

/// Whose own check has this body.
fn checking(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module (func (export "wasmtube_abi_v1")) (func (export "v") (result i32) (i32.const 9))
          (func (export "wasmtube_selfcheck") (result i32) {body}))"#
    );
    sealed(&text, &manifest(State::Stateless, &[("v", &[], &[ValueKind::Scalar(abi::DataType::I32)])]))
}

#[test]
fn a_refusal_names_its_step() {
    let cut = || sealed_answering(2)[..60].to_vec();
    check_refused(answering(1), b"no Wasm".to_vec(), Step::Prove, "not a Wasm file");
    check_refused(answering(1), cut(), Step::Prove, "cut");
    check_refused(answering(1), wasm("(module)"), Step::Compile, "exports no function");
    let importing = wasm(r#"(module (import "a" "b" (func)) (func (export "v") (result i32) (i32.const 2)))"#);
    check_refused(answering(1), importing, Step::Compile, "a.b");
    check_refused(answering(1), wasm(r#"(module (func (export "w")))"#), Step::Compare, "missing v");
    check_refused(sealed_answering(1), answering(2), Step::Compare, "not sealed");
    check_refused(answering(1), checking("(i32.const 3)"), Step::Check, "answered 3");
    check_refused(answering(1), checking("(loop (br 0)) (i32.const 0)"), Step::Check, "`wasmtube_selfcheck` failed");
    let trapping = r#"(module (func (export "v") (result i32) (i32.const 2)) (func $s unreachable) (start $s))"#;
    check_refused(answering(1), wasm(trapping), Step::Warm, "cannot be started");
}

#[test]
fn one_deployment_may_break_callers() {
    let (slot, steps) = slot(answering(1), FaultPoints::none());
    let other = || Candidate::new(wasm(r#"(module (func (export "other")))"#));
    assert!(matches!(slot.deploy(other(), at_once()), Err(DeployError::Publish(PublishError::Incompatible { .. }))));
    slot.deploy(other(), Deploy { breaking: Breaking::Allowed, ..at_once() }).unwrap();
    assert_eq!(steps_of(&steps, 3, Step::Compare).last().unwrap(), "compare skipped");
    let first = || Candidate::new(answering(1));
    assert!(slot.deploy(first(), at_once()).is_err(), "the next one may not");
    slot.deploy(first(), Deploy::back(LoadOptions::default())).unwrap();
    assert_eq!(answer(&slot.acquire()), 1);

    let (slot, _) = self::slot(sealed_answering(1), FaultPoints::none());
    let stripped = slot.deploy(first(), Deploy { breaking: Breaking::Allowed, ..at_once() });
    assert_eq!(stripped, Err(DeployError::Publish(PublishError::Unsealed)), "that is not what is allowed");
}

/// Holds the next deployment that is compiled, as a long compilation would.
#[derive(Clone, Default)]
struct Gate {
    next: Arc<Mutex<Option<Stop>>>,
}

struct Stop {
    arrives: Sender<()>,
    goes_on: Receiver<()>,
}

struct Held {
    arrived: Receiver<()>,
    go_on: Sender<()>,
}

impl Gate {
    fn faults(&self) -> FaultPoints {
        let next = Arc::clone(&self.next);
        FaultPoints::call(move |point| {
            let held = if point == FaultPoint::Compiled { next.lock().unwrap().take() } else { None };
            if let Some(Stop { arrives, goes_on }) = held {
                arrives.send(()).unwrap();
                goes_on.recv_timeout(PATIENCE).unwrap();
            }
        })
    }

    fn hold_next(&self) -> Held {
        let ((arrives, arrived), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel());
        *self.next.lock().unwrap() = Some(Stop { arrives, goes_on });
        Held { arrived, go_on }
    }
}

impl Held {
    fn wait(&self) {
        self.arrived.recv_timeout(PATIENCE).expect("a deployment that compiles");
    }

    fn let_go(self) {
        self.go_on.send(()).unwrap();
    }
}

#[test]
fn a_newer_candidate_ends_an_older_one() {
    let gate = Gate::default();
    let (slot, steps) = slot(answering(1), gate.faults());
    let (held, events) = (gate.hold_next(), slot.subscribe(8));
    thread::scope(|scope| {
        let older = scope.spawn(|| deploy(&slot, answering(2)));
        held.wait();
        let newer = deploy(&slot, answering(3)).unwrap().new;
        held.let_go();
        let error = older.join().unwrap().unwrap_err();
        assert_eq!(error, DeployError::Publish(PublishError::Superseded { by: newer }));
        assert!(error.is_superseded());
    });
    let told = steps_of(&steps, 2, Step::Compare);
    assert_eq!(told[told.len() - 2..], ["compile done", "compare cancelled"]);
    assert_eq!(answer(&slot.acquire()), 3);
    assert!(!events.try_iter().any(|event| matches!(event, SlotEvent::Refused { .. })), "it was not at fault");
    assert_eq!(slot.history().len(), 2);
}

#[test]
fn the_same_content_twice_is_one_version() {
    let gate = Gate::default();
    let (slot, steps) = slot(answering(1), gate.faults());
    let held = gate.hold_next();
    thread::scope(|scope| {
        let first = scope.spawn(|| deploy(&slot, answering(2)));
        held.wait();
        assert!(deploy(&slot, answering(2)).unwrap().is_new());
        held.let_go();
        assert!(!first.join().unwrap().unwrap().is_new());
    });
    assert_eq!(steps_of(&steps, 2, Step::Compare).last().unwrap(), "compare skipped");
    assert_eq!((answer(&slot.acquire()), slot.history().len()), (2, 2));
}

#[test]
fn nothing_is_given_up_for_a_damaged_candidate() {
    let gate = Gate::default();
    let (slot, _) = slot(answering(1), gate.faults());
    let held = gate.hold_next();
    thread::scope(|scope| {
        let whole = scope.spawn(|| deploy(&slot, answering(2)));
        held.wait();
        // Its end waits for its turn only.
        deploy(&slot, b"no Wasm".to_vec()).unwrap_err();
        held.let_go();
        whole.join().unwrap().unwrap();
    });
    assert_eq!(answer(&slot.acquire()), 2);
}

#[test]
fn a_roll_back_does_not_wait_for_a_compile() {
    let gates: Vec<Gate> = (0..3).map(|_| Gate::default()).collect();
    let slots: Vec<Slot> = gates.iter().map(|gate| slot(answering(1), gate.faults()).0).collect();
    deploy(&slots[0], answering(2)).unwrap();
    let held: Vec<Held> = gates[..2].iter().map(Gate::hold_next).collect();
    thread::scope(|scope| {
        for (slot, held) in slots.iter().zip(&held) {
            scope.spawn(|| deploy(slot, answering(3)));
            held.wait();
        }
        // As many compile as may.
        slots[0].deploy(Candidate::new(answering(1)), Deploy::back(LoadOptions::default())).unwrap();
        assert_eq!(answer(&slots[0].acquire()), 1);
        slots[2].deploy(Candidate::new(answering(4)), Deploy::back(LoadOptions::default())).unwrap();
        held.into_iter().for_each(Held::let_go);
    });
    assert_eq!([0, 1, 2].map(|index| answer(&slots[index].acquire())), [1, 3, 4]);
}

#[test]
fn another_slot_does_not_wait_for_a_compile() {
    let gate = Gate::default();
    let (large, _) = slot(answering(1), gate.faults());
    let (small, _) = slot(answering(1), FaultPoints::none());
    let held = gate.hold_next();
    thread::scope(|scope| {
        scope.spawn(|| deploy(&large, answering(2)).unwrap());
        held.wait();
        deploy(&small, answering(2)).unwrap();
        assert_eq!([&large, &small].map(|slot| answer(&slot.acquire())), [1, 2]);
        held.let_go();
    });
}

fn follow(slot: &Slot, path: &std::path::Path) -> (Watcher, runtime::Watch) {
    let milliseconds = Duration::from_millis;
    let options = WatcherOptions { poll: milliseconds(50), settle: milliseconds(60), ..WatcherOptions::default() };
    let watcher = Watcher::start(engine(), options).unwrap();
    let watch = watcher.watch(slot, path, LoadOptions::default()).unwrap();
    (watcher, watch)
}

#[test]
fn of_the_contents_of_a_file_the_newest_wins() {
    for (last, answers) in [(3, 3), (1, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.wasm");
        fs::write(&path, sealed_answering(1)).unwrap();
        let gate = Gate::default();
        let (slot, steps) = slot(sealed_answering(1), gate.faults());
        let held = gate.hold_next();
        let _following = follow(&slot, &path);
        fs::write(&path, sealed_answering(2)).unwrap();
        held.wait();
        fs::write(&path, sealed_answering(last)).unwrap();
        // The live one again is nothing to switch to, yet what is being prepared must not take its place.
        let end = if last == 1 { Step::Compile } else { Step::Switch };
        let told = steps_of(&steps, 3, end);
        assert_eq!(told[..3], ["notice done", "settle done", "prove done"]);
        held.let_go();
        let told = steps_of(&steps, 2, Step::Compare);
        assert_eq!(told[told.len() - 1], "compare cancelled");
        assert_eq!(answer(&slot.acquire()), answers);
    }
}

#[test]
fn every_fault_point_is_passed_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.wasm");
    fs::write(&path, sealed_answering(1)).unwrap();
    let (sender, passed) = mpsc::channel();
    let sender = Mutex::new(sender);
    let faults = FaultPoints::call(move |point| sender.lock().unwrap().send(point).unwrap());
    let (slot, _) = slot(sealed_answering(1), faults);
    let first: Vec<FaultPoint> = passed.try_iter().collect();
    assert!(!first.contains(&FaultPoint::Settled) && !first.contains(&FaultPoint::Draining), "{first:?}");
    let _following = follow(&slot, &path);
    fs::write(&path, sealed_answering(2)).unwrap();
    let all: Vec<FaultPoint> = (0..FaultPoint::ALL.len()).map(|_| passed.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(all, FaultPoint::ALL);
}

#[test]
fn a_defect_of_ours_leaves_the_live_version() {
    let is_armed = Arc::new(Mutex::new(false));
    let armed = Arc::clone(&is_armed);
    let faults = FaultPoints::call(move |point| {
        let is_armed = *armed.lock().unwrap();
        assert!(!(is_armed && point == FaultPoint::Checked), "on purpose");
    });
    let (slot, _) = slot(answering(1), faults);
    let events = slot.subscribe(8);
    *is_armed.lock().unwrap() = true;
    assert_eq!(deploy(&slot, answering(2)), Err(DeployError::Panicked));
    assert!(
        matches!(&events.recv().unwrap(), SlotEvent::Refused { reason, .. } if reason.contains("please report it"))
    );
    *is_armed.lock().unwrap() = false;
    deploy(&slot, answering(2)).unwrap();
    assert_eq!(answer(&slot.acquire()), 2);
}

#[test]
fn names_are_those_of_the_documentation() {
    let names = Step::ALL.map(Step::name).join(" ");
    let expected =
        "notice settle prove compile compare warm check hand-over switch drain probation roll-back permanent";
    assert_eq!(names, expected);
    assert!(Step::ALL.is_sorted());
    let points = FaultPoint::ALL.map(FaultPoint::name).join(" ");
    assert_eq!(points, "noticed settled proved compiled compared warmed checked switched draining");
}
