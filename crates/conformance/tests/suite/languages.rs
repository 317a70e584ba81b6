//! Guests in C, AssemblyScript and WAT through the runtime: the same functions as in Rust, and the places of classic ones.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use abi::Producer;
use abi::value::ErrorObject;
use runtime::{CallError, Convention, Engine, EngineOptions, Lease, Limits, LoadOptions, Version, Window};
use wasmtube_conformance::models;

const CALLS: usize = 100_000;
/// So much memory is enough for all of them; a leak of 20 bytes a call is not.
const MEMORY: u64 = 2 << 20;
const JSON_GUESTS: [&str; 3] = ["stats-v1.wasm", "stats-c.wasm", "stats-assemblyscript.wasm"];

fn file(name: &str) -> Vec<u8> {
    models::read(&models::repository().join("guests").join(name)).unwrap()
}

pub(crate) fn load(bytes: Vec<u8>, options: LoadOptions) -> Lease {
    let engine = Engine::new(EngineOptions::default()).unwrap();
    Arc::new(Version::load(&engine, bytes, options).unwrap()).lease()
}

/// One instance, and time enough on a busy machine.
fn options() -> LoadOptions {
    let limits = Limits { instances: NonZeroUsize::MIN, deadline: Duration::from_secs(60), ..Limits::default() };
    LoadOptions { limits, ..LoadOptions::default() }
}

pub(crate) fn little_memory() -> LoadOptions {
    let LoadOptions { limits, .. } = options();
    LoadOptions { limits: Limits { memory_bytes: MEMORY, ..limits }, ..options() }
}

pub(crate) fn prebuilt(name: &str) -> Vec<u8> {
    file(&format!("prebuilt/{name}"))
}

pub(crate) fn guest(name: &str) -> Lease {
    load(prebuilt(name), options())
}

/// The guest in WAT, sealed as `wasmtube pack` does.
pub(crate) fn wat_guest() -> Vec<u8> {
    let module = wat::parse_bytes(&file("wat/stats.wat")).unwrap().into_owned();
    let producer = Producer { name: "tests".into(), version: "1".into(), options: BTreeMap::new() };
    let manifest = abi::read_declarations(&module, producer).unwrap().unwrap();
    abi::pack(&abi::remove_declarations(&module).unwrap(), &manifest).unwrap()
}

fn error_of(outcome: Result<impl std::fmt::Debug, CallError>) -> ErrorObject {
    match outcome {
        Err(CallError::GuestError(error)) => error,
        other => panic!("an error object expected, not {other:?}"),
    }
}

fn values(count: i64) -> String {
    let values: Vec<String> = (0..count).map(|at| ((at * 7919) % 1000 - 500).to_string()).collect();
    format!("{{\"values\":[{}]}}", values.join(","))
}

#[test]
fn every_language_answers_as_rust_does() {
    for name in JSON_GUESTS {
        let lease = guest(name);
        assert_eq!(lease.version().interface().convention, Convention::CoreV1, "{name}");
        assert!(lease.version().interface().imports.is_empty(), "{name}");
        for (argument, answer) in [
            (r#"{"values":[127,71,110,-5]}"#, r#"{"mean":75,"median":110}"#),
            (r#"{"values":[]}"#, r#"{"mean":0,"median":0}"#),
            (r#"{"values":[-1,-2]}"#, r#"{"mean":-1,"median":-1}"#),
            (r#"{"values":[2147483647,2147483647]}"#, r#"{"mean":2147483647,"median":2147483647}"#),
            (r#"{"values":[-2147483648]}"#, r#"{"mean":-2147483648,"median":-2147483648}"#),
            (" {\t\"values\" : [ 3 ,\r\n1 ] }\n", r#"{"mean":2,"median":3}"#),
            (r#"{"unit":{"k":["\"]}\\",null,-1.5e+3,true,{}]},"values":[4]}"#, r#"{"mean":4,"median":4}"#),
        ] {
            assert_eq!(lease.call_json("calc_stats", argument).unwrap(), answer, "{name}: {argument}");
            assert_eq!(lease.call_json("noop", argument).unwrap(), r#"{"mean":0,"median":0}"#, "{name}: {argument}");
        }
    }
}

#[test]
fn wrong_arguments_are_error_objects_in_every_language() {
    for name in JSON_GUESTS {
        let lease = guest(name);
        for wrong in [
            "",
            "{",
            "[]",
            "null",
            "{}",
            r#"{"values":3}"#,
            r#"{"values":["x"]}"#,
            r#"{"values":[1.5]}"#,
            r#"{"values":[1e2]}"#,
            r#"{"values":[2147483648]}"#,
            r#"{"values":[99999999999999999999]}"#,
            r#"{"values":[1,]}"#,
            r#"{"values":[,1]}"#,
            r#"{"values":[01]}"#,
            r#"{"values":[-]}"#,
            r#"{"values":[1 2]}"#,
            r#"{"values":[1]"#,
            r#"{"values":[1]}x"#,
            r#"{"values":[1],"values":[2]}"#,
            r#"{"values":[1],}"#,
            r#"{"a":"#,
            r#"{"a":"\"#,
            r#"{"a":[[["#,
            r#"{"a" 1}"#,
            "\"",
        ] {
            let error = error_of(lease.call_json("calc_stats", wrong));
            assert_eq!((error.code.as_str(), error.retryable), ("invalid-argument", false), "{name}: {wrong:?}");
            assert!(error.message.starts_with("the argument is not what `calc_stats` takes: "), "{name}: {error}");
        }
        assert_eq!(lease.call_json("calc_stats", r#"{"values":[1]}"#).unwrap(), r#"{"mean":1,"median":1}"#);
        assert_eq!(lease.version().counters().spoiled, 0, "{name}: an error object costs no instance");
    }
}

#[test]
fn large_arguments_are_right_in_every_language() {
    let large = values(1_000_000);
    let answers = JSON_GUESTS.map(|name| guest(name).call_json("calc_stats", &large).unwrap());
    assert_eq!(answers, [answers[0].as_str(); 3]);
}

#[test]
fn many_calls_leave_no_memory_behind() {
    let (good, large, wrong) = (values(60), values(3_000), r#"{"values":[1.5]}"#);
    for name in ["stats-c.wasm", "stats-assemblyscript.wasm"] {
        let lease = load(prebuilt(name), little_memory());
        for turn in 0..CALLS {
            match turn % 100 {
                0 => drop(lease.call_json("calc_stats", &large).unwrap()),
                1..10 => drop(error_of(lease.call_json("calc_stats", wrong))),
                _ => drop(lease.call_json("calc_stats", &good).unwrap()),
            }
        }
        assert_eq!(lease.version().counters().started, 1, "{name}");
    }
    let lease = load(wat_guest(), little_memory());
    for _ in 0..CALLS {
        drop(lease.call_bytes("calc_stats", &[7; 240]).unwrap());
    }
    assert_eq!(lease.version().counters().started, 1);
}

#[test]
fn arguments_beyond_the_memory_are_refused_and_the_next_call_is_right() {
    let large = values(1_000_000);
    for name in JSON_GUESTS {
        let lease = load(prebuilt(name), little_memory());
        let error = lease.call_json("calc_stats", &large).unwrap_err();
        assert!(!matches!(error, CallError::GuestError(_) | CallError::Internal { .. }), "{name}: {error:?}");
        assert_eq!(lease.call_json("calc_stats", r#"{"values":[1]}"#).unwrap(), r#"{"mean":1,"median":1}"#, "{name}");
    }
    let lease = load(wat_guest(), little_memory());
    assert!(matches!(lease.call_bytes("calc_stats", &[0; 4 << 20]), Err(CallError::MemoryLimit { .. })));
    assert_eq!(lease.call_bytes("calc_stats", &[0; 4]).unwrap(), [0; 16]);
}

#[test]
fn numbers_cross_as_they_lie_in_memory_in_wat() {
    let lease = load(wat_guest(), options());
    let bytes = |numbers: &[i32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let answer = |numbers: &[i32]| lease.call_bytes("calc_stats", &bytes(numbers)).unwrap();
    let record = |mean: i64, median: i64| [mean, median].map(i64::to_le_bytes).concat();
    assert_eq!(answer(&[127, 71, 110, -5]), record(75, 110));
    assert_eq!(answer(&[]), record(0, 0));
    assert_eq!(answer(&[-1, -2]), record(-1, -1));
    assert_eq!(answer(&[i32::MAX; 3]), record(i64::from(i32::MAX), i64::from(i32::MAX)));
    let mut many: Vec<i32> = (0..1_000_000).map(|at| (at % 1000 * 7919) % 1000 - 500).collect();
    let found = answer(&many);
    let sum: i64 = many.iter().copied().map(i64::from).sum();
    many.sort_unstable();
    assert_eq!(found, record(sum / 1_000_000, i64::from(many[500_000])));
    let error = lease.call_bytes("calc_stats", &[1, 2, 3]).unwrap_err();
    assert!(matches!(&error, CallError::BadArgument { reason, .. } if reason.contains("3 bytes")), "{error:?}");
    assert_eq!(lease.call_bytes("noop", &[]).unwrap(), record(0, 0));
}

/// What `echo` of a classic guest, which takes and gives back memory, answers for a large argument, and `calc_stats` for
/// a small one.
fn classic(name: &str, window: &str) -> Result<(), CallError> {
    let lease = load(prebuilt(name), LoadOptions { window: window.parse().ok(), ..options() });
    let small = lease.call_json("calc_stats", r#"{"values":[127,71,110,-5]}"#)?;
    assert_eq!(small, r#"{"mean":75,"largest":127}"#);
    let large = values(400_000);
    for _ in 0..3 {
        let answer = lease.call_json("echo", &large)?;
        assert_eq!(answer.len(), large.len());
        assert!(answer == large, "{name} with the window {window} answers other bytes");
    }
    assert_eq!(lease.call_json("calc_stats", r#"{"values":[127,71,110,-5]}"#)?, small);
    Ok(())
}

#[test]
fn a_classic_guest_in_c_works_at_the_end_and_where_its_allocator_says() {
    classic("classic-c.wasm", "end").unwrap();
    classic("classic-c.wasm", "alloc:reserve").unwrap();
    let lease = guest("classic-c.wasm");
    assert_eq!(lease.version().interface().convention, Convention::Classic);
    assert_eq!(lease.call_json("echo", "[1]").unwrap(), "[1]", "the end is what it gets unasked");
}

#[test]
fn a_classic_guest_in_assembly_script_is_refused_until_a_window_is_chosen() {
    let error = guest("classic-assemblyscript.wasm").call_json("echo", "1").unwrap_err();
    assert!(matches!(&error, CallError::NoWindow { reason } if reason.contains("AssemblyScript")), "{error:?}");
    classic("classic-assemblyscript.wasm", "alloc:__new").unwrap();
}

#[test]
fn known_wrong_the_end_of_memory_is_overwritten_by_assembly_script() {
    let error = classic("classic-assemblyscript.wasm", "end").unwrap_err();
    assert!(matches!(error, CallError::BadAnswer { .. }), "{error:?}");
}

#[test]
fn at_a_fixed_address_there_is_room_for_small_arguments_only() {
    for name in ["classic-c.wasm", "classic-assemblyscript.wasm"] {
        let lease = load(prebuilt(name), LoadOptions { window: Some(Window::At(42)), ..options() });
        let answer = lease.call_json("calc_stats", r#"{"values":[127,71,110,-5]}"#).unwrap();
        assert_eq!(answer, r#"{"mean":75,"largest":127}"#, "{name}");
        let error = lease.call_json("echo", &values(400_000)).unwrap_err();
        assert!(matches!(&error, CallError::NoWindow { reason } if reason.contains("address 42")), "{name}: {error:?}");
    }
}

#[test]
fn a_failed_assertion_of_assembly_script_is_a_trap_with_its_message() {
    let lease = load(
        prebuilt("classic-assemblyscript.wasm"),
        LoadOptions { window: Some(Window::Alloc("__new".into())), ..options() },
    );
    match lease.call_json("calc_stats", r#"{"values":[]}"#).unwrap_err() {
        CallError::Trap(trap) => {
            assert!(trap.message.starts_with("there are no values at stats.ts:"), "{}", trap.message)
        }
        other => panic!("a trap expected, not {other:?}"),
    }
}
