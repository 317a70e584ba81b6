//! What a version must show before it goes live.

use abi::{State, ValueKind};
use runtime::{CallError, LoadOptions, PublishError, Scalar, Slot, SlotEvent, SlotPolicy, Version};

use crate::guest::{answer, answering, deadline, engine, manifest, sealed, sealed_answering, version, wasm};

fn slot(bytes: Vec<u8>) -> Slot {
    Slot::new("slot", version(bytes), SlotPolicy::default()).unwrap()
}

#[track_caller]
fn check_refused(slot: &Slot, bytes: Vec<u8>) -> PublishError {
    let (before, events) = (slot.digest(), slot.subscribe(8));
    let candidate = version(bytes);
    let digest = candidate.digest();
    let error = slot.publish(candidate).unwrap_err();
    assert_eq!(slot.digest(), before, "the live version stays");
    // An earlier version may be done with its calls at any time.
    let heard: Vec<SlotEvent> = events.try_iter().filter(|event| !matches!(event, SlotEvent::Drained { .. })).collect();
    assert!(
        matches!(&heard[..], [SlotEvent::Refused { digest: Some(refused), .. }] if *refused == digest),
        "{heard:?}"
    );
    error
}

#[test]
fn a_version_replaces_another() {
    let slot = slot(answering(1));
    let events = slot.subscribe(8);
    let old = slot.acquire();
    let published = slot.publish(version(answering(2))).unwrap();
    assert_eq!((answer(&old), answer(&slot.acquire())), (1, 2), "a lease stays with its version");
    assert_eq!((published.old, published.new), (old.version().digest(), slot.digest()));
    assert!(matches!(events.recv().unwrap(), SlotEvent::Published { new, .. } if new == slot.digest()));
    let history = slot.history();
    assert_eq!(history.iter().map(|entry| entry.digest).collect::<Vec<_>>(), [published.old, published.new]);
    assert_eq!(history.iter().map(|entry| entry.unchecked).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn missing_and_changed_functions_are_refused() {
    let both = r#"(module (func (export "v") (result i32) (i32.const 1)) (func (export "w") (param i64)))"#;
    let slot = slot(wasm(both));
    let error = check_refused(&slot, answering(2));
    assert_eq!(error, PublishError::Incompatible { missing: vec!["w".into()], changed: Vec::new() });
    let error = check_refused(&slot, wasm(&both.replace("(param i64)", "(param f64)")));
    assert_eq!(error, PublishError::Incompatible { missing: Vec::new(), changed: vec!["w".into()] });
    assert_eq!(
        error.to_string(),
        "callers of the live version would fail: changed w; keep these functions as they are and add others beside them"
    );
    slot.publish(version(wasm(&both.replace("(i32.const 1)", "(i32.const 2)")))).unwrap();
}

#[test]
fn one_rolls_back_to_a_version_with_fewer_functions() {
    let more = r#"(module (func (export "v") (result i32) (i32.const 2)) (func (export "w")))"#;
    let slot = slot(answering(1));
    slot.publish(version(wasm(more))).unwrap();
    check_refused(&slot, answering(1));
    let published = slot.roll_back(version(answering(1))).unwrap();
    assert_eq!((published.new, answer(&slot.acquire())), (slot.digest(), 1));

    let slot = Slot::new("slot", version(sealed_answering(1)), SlotPolicy::default()).unwrap();
    assert_eq!(slot.roll_back(version(answering(1))), Err(PublishError::Unsealed), "everything else is checked");
}

#[test]
fn tool_chain_exports_do_not_count() {
    let slot = slot(wasm(
        r#"(module (func (export "v") (result i32) (i32.const 1)) (func (export "__x")) (memory (export "memory") 1))"#,
    ));
    slot.publish(version(answering(2))).unwrap();
}

#[test]
fn breaking_changes_can_be_allowed() {
    let policy = SlotPolicy { allow_breaking: true, ..SlotPolicy::default() };
    let slot = Slot::new("slot", version(answering(1)), policy).unwrap();
    slot.publish(version(wasm(r#"(module (func (export "other")))"#))).unwrap();
}

#[test]
fn declared_kinds_are_compared() {
    let text = r#"(module (memory (export "memory") 1) (func (export "wasmtube_abi_v1"))
      (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 1024))
      (func (export "wasmtube_free") (param i32 i32))
      (func (export "f") (param i32 i32) (result i64) (i64.const 0)))"#;
    let file = |kind| sealed(text, &manifest(State::Slot, &[("f", &[kind], &[ValueKind::Json])]));
    let slot = slot(file(ValueKind::Json));
    let error = check_refused(&slot, file(ValueKind::Bytes));
    assert_eq!(error, PublishError::Incompatible { missing: Vec::new(), changed: vec!["f".into()] });
}

#[test]
fn after_a_sealed_file_an_unsealed_one_is_refused_for_ever() {
    let slot = slot(answering(1));
    slot.publish(version(sealed_answering(2))).unwrap();
    assert_eq!(check_refused(&slot, answering(3)), PublishError::Unsealed);
    slot.publish(version(sealed_answering(4))).unwrap();
    assert_eq!(check_refused(&slot, answering(3)), PublishError::Unsealed);
}

#[test]
fn the_module_s_own_check_decides() {
    let file = |body: &str| {
        let text = format!(
            r#"(module (func (export "wasmtube_abi_v1")) (func (export "v") (result i32) (i32.const 9))
              (func (export "wasmtube_selfcheck") (result i32) {body}))"#
        );
        sealed(&text, &manifest(State::Stateless, &[("v", &[], &[ValueKind::Scalar(abi::DataType::I32)])]))
    };
    let slot = slot(sealed_answering(1));
    assert_eq!(check_refused(&slot, file("(i32.const 3)")), PublishError::SelfCheckFailed { code: 3 });
    assert!(matches!(check_refused(&slot, file("unreachable")), PublishError::SelfCheck(CallError::Trap(_))));
    slot.publish(version(file("(i32.const 0)"))).unwrap();
    assert_eq!(answer(&slot.acquire()), 9);
}

#[test]
fn a_trap_at_start_is_refused() {
    let slot = slot(answering(1));
    let text = r#"(module (func (export "v") (result i32) (i32.const 2)) (func $s unreachable) (start $s))"#;
    assert!(matches!(check_refused(&slot, wasm(text)), PublishError::Start(CallError::Trap(_))));
}

#[test]
fn an_unsealed_version_must_survive_the_last_call_that_was_answered() {
    let module = |condition: &str| {
        wasm(&format!(
            r#"(module (memory (export "memory") 1)
              (func (export "f") (param i32) (result i32) (if {condition} (then unreachable)) (local.get 0))
              (func (export "j") (param i32 i32) (result i32) (if {condition} (then unreachable)) (local.get 1)))"#
        ))
    };
    let slot = slot(module("(i32.const 0)"));
    slot.publish(version(module("(i32.const 1)"))).expect("nothing was called yet");

    let slot = self::slot(module("(i32.const 0)"));
    slot.acquire().call_scalars("f", &[Scalar::I32(5)]).unwrap();
    let fails_for_5 = module("(i32.eq (local.get 0) (i32.const 5))");
    let error = check_refused(&slot, fails_for_5.clone());
    assert!(matches!(&error, PublishError::Smoke { function, .. } if function == "f"), "{error:?}");
    slot.acquire().call_scalars("f", &[Scalar::I32(6)]).unwrap();
    slot.publish(version(fails_for_5)).unwrap();
    let fails_for_6 = module("(i32.eq (local.get 0) (i32.const 6))");
    let error = check_refused(&slot, fails_for_6);
    assert!(matches!(error, PublishError::Smoke { .. }), "the argument outlives the version: {error:?}");

    let slot = self::slot(module("(i32.const 0)"));
    slot.acquire().call_json("j", "[1]").unwrap();
    let fails_for_text = module("(i32.gt_u (local.get 0) (i32.const 65535))");
    assert!(matches!(check_refused(&slot, fails_for_text), PublishError::Smoke { .. }));
}

/// `double` of a component, which fails for one value.
fn component(fails_for: i32, kind: &str) -> Vec<u8> {
    let core = kind.replace('s', "i");
    wasm(&format!(
        r#"(component
          (core module $m (func (export "double") (param {core}) (result {core})
            (if ({core}.eq (local.get 0) ({core}.const {fails_for})) (then unreachable))
            ({core}.mul (local.get 0) ({core}.const 2))))
          (core instance $i (instantiate $m))
          (func $double (param "value" {kind}) (result {kind}) (canon lift (core func $i "double")))
          (export "double" (func $double)))"#
    ))
}

#[test]
fn an_unsealed_component_must_survive_the_last_call_that_was_answered() {
    let slot = slot(component(0, "s32"));
    slot.publish(version(component(5, "s32"))).expect("nothing was called yet");
    assert!(slot.acquire().call_json("double", "5").is_err());
    slot.publish(version(component(5, "s32"))).expect("nothing was answered yet");
    assert_eq!(slot.acquire().call_json("double", "6").unwrap(), "12");
    let error = check_refused(&slot, component(6, "s32"));
    assert!(matches!(&error, PublishError::Smoke { function, .. } if function == "double"), "{error:?}");
    slot.publish(version(component(7, "s32"))).unwrap();
    assert!(matches!(check_refused(&slot, component(6, "s32")), PublishError::Smoke { .. }), "it outlives the version");
}

#[test]
fn an_argument_that_no_longer_fits_an_unsealed_component_is_not_tried() {
    let policy = SlotPolicy { allow_breaking: true, ..SlotPolicy::default() };
    let slot = Slot::new("slot", version(component(0, "s64")), policy).unwrap();
    slot.acquire().call_json("double", "4294967296").unwrap();
    slot.publish(version(component(1, "s32"))).unwrap();
}

#[test]
fn the_types_of_a_component_are_compared_whatever_it_declares() {
    let json = [ValueKind::Json];
    let declared = |kind| abi::pack(&component(0, kind), &manifest(State::Slot, &[("double", &json, &json)])).unwrap();
    for (live, candidate) in [(component(0, "s32"), component(0, "s64")), (declared("s32"), declared("s64"))] {
        let error = check_refused(&slot(live), candidate);
        assert_eq!(error, PublishError::Incompatible { missing: Vec::new(), changed: vec!["double".into()] });
    }
}

/// `j` answers its argument; where it fails depends on the length.
fn fails_for_length(length: usize) -> Vec<u8> {
    wasm(&format!(
        r#"(module (memory (export "memory") 1) (func (export "j") (param i32 i32) (result i32)
          (if (i32.eq (local.get 1) (i32.const {length})) (then unreachable)) (local.get 1)))"#
    ))
}

/// A text in JSON.
fn text(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length - 2))
}

#[test]
fn arguments_of_more_than_64_kib_are_not_kept() {
    const LARGEST: usize = 64 << 10;
    let slot = slot(fails_for_length(0));
    let call = |length| slot.acquire().call_json("j", &text(length)).unwrap();
    call(100);
    call(LARGEST + 1);
    slot.publish(version(fails_for_length(LARGEST + 1))).unwrap();
    let error = check_refused(&slot, fails_for_length(100));
    assert!(matches!(error, PublishError::Smoke { .. }), "the one before is kept: {error:?}");
    call(LARGEST);
    assert!(matches!(check_refused(&slot, fails_for_length(LARGEST)), PublishError::Smoke { .. }));
}

#[test]
fn keeping_arguments_can_be_turned_off() {
    let options = LoadOptions { keep_arguments: false, ..LoadOptions::default() };
    let first = Version::load(engine(), fails_for_length(0), options).unwrap();
    let slot = Slot::new("slot", first, SlotPolicy::default()).unwrap();
    slot.acquire().call_json("j", &text(100)).unwrap();
    slot.publish(version(fails_for_length(100))).unwrap();
}

#[test]
fn what_is_tried_leaves_no_trace_in_the_new_version() {
    let text = |step: i32| {
        format!(
            r#"(module (global $n (mut i32) (i32.const 0)) (func (export "v") (result i32)
              (global.set $n (i32.add (global.get $n) (i32.const {step}))) (global.get $n)))"#
        )
    };
    let slot = slot(wasm(&text(1)));
    assert_eq!((answer(&slot.acquire()), answer(&slot.acquire())), (1, 2));
    slot.publish(version(wasm(&text(10)))).unwrap();
    assert_eq!(answer(&slot.acquire()), 10);
}

#[test]
fn a_version_that_never_answers_the_last_call_is_refused() {
    let slot = slot(answering(1));
    answer(&slot.acquire());
    let options = LoadOptions { limits: deadline(50), ..LoadOptions::default() };
    let endless = wasm(r#"(module (func (export "v") (result i32) (loop (br 0)) unreachable))"#);
    let error = slot.publish(Version::load(engine(), endless, options).unwrap()).unwrap_err();
    assert!(matches!(error, PublishError::Smoke { source: CallError::DeadlineExceeded { .. }, .. }), "{error:?}");
    assert_eq!(answer(&slot.acquire()), 1);
}

#[test]
fn a_version_without_a_place_for_the_last_argument_is_refused() {
    let slot = slot(fails_for_length(0));
    slot.acquire().call_json("j", &text(100)).unwrap();
    let error = check_refused(
        &slot,
        wasm(
            r#"(module (memory (export "memory") 1) (func (export "__new") (param i32 i32) (result i32) (i32.const 0))
          (func (export "j") (param i32 i32) (result i32) (local.get 1)))"#,
        ),
    );
    assert!(matches!(error, PublishError::Smoke { source: CallError::NoWindow { .. }, .. }), "{error:?}");
}

#[test]
fn state_is_kept_between_calls_and_lost_by_a_trap() {
    let text = r#"(module (global $n (mut i32) (i32.const 0))
      (func (export "count") (result i32) (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
      (func (export "fail") unreachable))"#;
    let slot = slot(wasm(text));
    let events = slot.subscribe(8);
    let count = || slot.acquire().call_scalars("count", &[]).unwrap();
    assert_eq!((count(), count()), (vec![Scalar::I32(1)], vec![Scalar::I32(2)]));
    assert!(slot.acquire().call_scalars("fail", &[]).is_err());
    assert_eq!(count(), [Scalar::I32(1)]);
    let heard = events.try_iter().collect::<Vec<_>>();
    assert!(
        matches!(&heard[..], [SlotEvent::Trapped { function, state_lost: true, .. }] if function == "fail"),
        "{heard:?}"
    );
}
