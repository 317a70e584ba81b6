//! The guests of numbers in Rust, C and AssemblyScript: lists and records cross as they lie in memory, and every language
//! answers and refuses the same.

use std::sync::LazyLock;

use abi::value::{ALIGN, ErrorObject, Packed};
use runtime::{CallError, Convention, Lease};
use serde_json::{Value, json};
use wasmtime::{Engine, Instance, Module, Store};

use crate::guests::PAPER;
use crate::languages::{guest, little_memory, load, prebuilt};

const GUESTS: [&str; 3] = ["plain-stats.wasm", "plain-stats-c.wasm", "plain-stats-assemblyscript.wasm"];
static LEASES: LazyLock<[(&str, Lease); 3]> = LazyLock::new(|| GUESTS.map(|name| (name, guest(name))));
/// Without the runtime, which checks what it gives.
static MODULES: LazyLock<[(&str, Module); 3]> = LazyLock::new(|| {
    let engine = Engine::default();
    GUESTS.map(|name| (name, Module::new(&engine, prebuilt(name)).unwrap()))
});
const CALLS: usize = 50_000;

/// What the call says in every language, from a value and from JSON: its answer, or why there is none.
#[track_caller]
fn check(function: &str, argument: &Value, expected: Result<Value, &str>) {
    for (name, lease) in &*LEASES {
        let typed = lease.call::<_, Value>(function, argument).map_err(said);
        assert_eq!(typed.as_ref().map_err(String::as_str), expected.as_ref().map_err(|reason| *reason), "{name}");
        let text = lease.call_json(function, &argument.to_string()).map_err(said);
        match (text, &expected) {
            (Ok(text), Ok(value)) => assert_eq!(text.parse::<Value>().unwrap(), *value, "{name}: from JSON"),
            // Behind it stands the place in the text.
            (Err(text), Err(reason)) => assert!(text.starts_with(reason), "{name}: from JSON: {text}"),
            (text, expected) => panic!("{name}: from JSON {text:?}, expected {expected:?}"),
        }
        assert_eq!(lease.version().counters().spoiled, 0, "{name}: no instance is lost");
    }
}

fn said(error: CallError) -> String {
    match error {
        CallError::GuestError(object) => object.to_string(),
        other => other.to_string(),
    }
}

fn stats(mean: f64, median: f64) -> Result<Value, &'static str> {
    Ok(json!({"mean": mean, "median": median}))
}

fn ramp(from: f64, to: f64, count: u64) -> Value {
    json!({"from": from, "to": to, "count": count})
}

#[test]
fn every_language_declares_the_same() {
    let first = LEASES[0].1.version().interface();
    for (name, lease) in &*LEASES {
        let interface = lease.version().interface();
        assert_eq!(interface.convention, Convention::CoreV1, "{name}");
        assert!(interface.imports.is_empty(), "{name}");
        for (function, declared) in [
            ("stats", "(list<i64>) -> ({mean: f64, median: f64})"),
            ("ramp", "({from: f64, to: f64, count: u64}) -> (list<f64>)"),
        ] {
            let found = interface.function(function).unwrap().declared.as_ref().unwrap();
            assert_eq!(found.to_string(), declared, "{name}");
            let first = first.function(function).unwrap().declared.as_ref().unwrap();
            assert_eq!(found.about, first.about, "{name}");
        }
    }
}

#[test]
fn a_list_comes_in_and_a_record_goes_out() {
    let paper: Value = serde_json::from_str(PAPER).unwrap();
    assert_eq!(paper["values"].as_array().unwrap().len(), 60);
    check("stats", &paper["values"], stats(101.1, 108.0));
    check("stats", &json!([7]), stats(7.0, 7.0));
    check("stats", &json!([4, 1, 3, 2]), stats(2.5, 2.5));
    check("stats", &json!([2.0, -1]), stats(0.5, 0.5));
    check("stats", &json!([i64::MAX, i64::MAX]), stats(i64::MAX as f64, i64::MAX as f64));
    check("stats", &json!([i64::MIN, i64::MIN, i64::MIN]), stats(i64::MIN as f64, i64::MIN as f64));
    check("stats", &json!([i64::MIN, i64::MAX]), stats(-0.5, 0.0));
    check("stats", &json!([]), Err("no-values: mean and median need at least one value"));
}

#[test]
fn a_record_comes_in_and_a_list_goes_out() {
    check("ramp", &ramp(0.0, 1.0, 3), Ok(json!([0.0, 0.5, 1.0])));
    check("ramp", &ramp(5.0, 6.0, 1), Ok(json!([5.0])));
    check("ramp", &ramp(-0.5, 1e300, 2), Ok(json!([-0.5, 1e300])));
    check("ramp", &json!({"count": 2, "to": -1, "from": 1}), Ok(json!([1.0, -1.0])));
    check("ramp", &ramp(0.0, 1.0, 0), Ok(json!([])));
    check("ramp", &ramp(0.0, 1.0, 1_048_577), Err("too-many: 1048577 values are more than 1048576"));
    check("ramp", &ramp(0.0, 1.0, u64::MAX), Err("too-many: 18446744073709551615 values are more than 1048576"));
}

#[test]
fn an_argument_of_another_type_is_named() {
    let stats = |reason| {
        format!("the argument does not fit `stats`, which is (list<i64>) -> ({{mean: f64, median: f64}}): {reason}")
    };
    check("stats", &json!([1, 2, 3.5]), Err(&stats("element 2: 3.5 is no i64")));
    check("stats", &json!([1, u64::MAX]), Err(&stats("element 1: 18446744073709551615 is no i64")));
    let ramp = |reason| {
        format!(
            "the argument does not fit `ramp`, which is ({{from: f64, to: f64, count: u64}}) -> (list<f64>): {reason}"
        )
    };
    check("ramp", &json!({"from": 0, "to": 1, "count": -1}), Err(&ramp("field `count`: -1 is no u64")));
    check("ramp", &json!({"from": 0, "count": 1}), Err(&ramp("the field `to` is missing, of type f64")));
    check("ramp", &json!({"from": 0, "step": 1}), Err(&ramp("there is no field `step`, only from, to, count")));
}

#[test]
fn large_lists_are_right() {
    let mut values: Vec<i64> = (0..1_000_000).map(|at| at * 7919 % 1_000_003 - 500_000).collect();
    let answers = LEASES.each_ref().map(|(_, lease)| lease.call::<_, Value>("stats", &values).unwrap());
    let sum: i64 = values.iter().sum();
    values.sort_unstable();
    let median = (values[499_999] + values[500_000]) as f64 / 2.0;
    assert_eq!(Ok(&answers[0]), stats(sum as f64 / 1e6, median).as_ref());
    assert_eq!(answers, [answers[0].clone(), answers[0].clone(), answers[0].clone()]);
    let full = ramp(0.0, 1_048_575.0, 1 << 20);
    for (name, lease) in &*LEASES {
        let answer: Vec<f64> = lease.call("ramp", &full).unwrap();
        assert!(answer.iter().zip(0..).all(|(value, at)| *value == f64::from(at)), "{name}");
        assert_eq!(answer.len(), 1 << 20, "{name}");
    }
}

#[test]
fn many_calls_leave_no_memory_behind() {
    let list = [3_i64; 60].map(i64::to_le_bytes).concat();
    let record = |count: u64| [0_f64.to_bits(), 1_f64.to_bits(), count].map(u64::to_le_bytes).concat();
    let (few, many, too_many) = (record(20), record(3_000), record(u64::MAX));
    for name in GUESTS {
        let lease = load(prebuilt(name), little_memory());
        for turn in 0..CALLS {
            match turn % 100 {
                0 => drop(lease.call_bytes("ramp", &many).unwrap()),
                1..10 => drop(lease.call_bytes("ramp", &too_many).unwrap_err()),
                10..50 => drop(lease.call_bytes("ramp", &few).unwrap()),
                _ => drop(lease.call_bytes("stats", &list).unwrap()),
            }
        }
        assert_eq!(lease.version().counters().started, 1, "{name}");
    }
}

/// What the export itself answers in every language for these bytes, `shift` bytes behind a boundary of 16: the host of
/// this test checks neither.
#[track_caller]
fn check_export(function: &str, bytes: &[u8], shift: u32, expected: Result<&[f64], &str>) {
    for (name, module) in &*MODULES {
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let alloc = instance.get_typed_func::<(u32, u32), u32>(&mut store, "wasmtube_alloc").unwrap();
        let call = instance.get_typed_func::<(u32, u32), i64>(&mut store, function).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let len = u32::try_from(bytes.len()).unwrap();
        let block = alloc.call(&mut store, (len + shift, ALIGN)).unwrap();
        let ptr = if len == 0 { 0 } else { block + shift };
        memory.write(&mut store, ptr as usize, bytes).unwrap();
        let answer = Packed::decode(call.call(&mut store, (ptr, len)).unwrap());
        assert_eq!(answer.ptr % ALIGN, 0, "{name}");
        let mut found = vec![0; answer.len as usize];
        memory.read(&store, answer.ptr as usize, &mut found).unwrap();
        if answer.is_error {
            let error: ErrorObject = serde_json::from_slice(&found).unwrap();
            assert_eq!((Err(error.to_string().as_str()), error.retryable), (expected, false), "{name}");
        } else {
            let numbers: Vec<f64> = found.as_chunks().0.iter().map(|word| f64::from_le_bytes(*word)).collect();
            assert_eq!((Ok(&numbers[..]), found.len() % 8), (expected, 0), "{name}");
        }
    }
}

#[test]
fn functions_check_the_length_themselves() {
    check_export("stats", &[0; 16], 0, Ok(&[0.0, 0.0]));
    check_export("stats", &[], 0, Err("no-values: mean and median need at least one value"));
    let wrong = "invalid-argument: the argument is not what";
    for len in [1, 7, 9, 15] {
        let reason = format!("{wrong} `stats` takes: {len} bytes are no list of elements of 8 bytes");
        check_export("stats", &vec![0; len], 0, Err(&reason));
    }
    check_export("ramp", &[0; 24], 0, Ok(&[]));
    for len in [0, 8, 23, 25, 32] {
        let reason = format!("{wrong} `ramp` takes: {len} bytes are no record of 24 bytes");
        check_export("ramp", &vec![0; len], 0, Err(&reason));
    }
}

#[test]
fn functions_check_the_boundary_themselves() {
    check_export("stats", &[0; 8], 8, Ok(&[0.0, 0.0]));
    for shift in [1, 4] {
        let reason = "it does not lie on a boundary of 16 bytes";
        let reason = format!("invalid-argument: the argument is not what `stats` takes: {reason}");
        check_export("stats", &[0; 8], shift, Err(&reason));
    }
    let record = [0.25_f64.to_bits(), 1_f64.to_bits(), 1].map(u64::to_le_bytes).concat();
    for shift in [1, 4, 8] {
        check_export("ramp", &record, shift, Ok(&[0.25]));
    }
}
