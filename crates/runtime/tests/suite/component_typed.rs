//! Components called with types of `serde`.

use std::collections::BTreeMap;
use std::sync::Arc;

use runtime::{CallError, Lease, Limits, LoadOptions, PublishError, Slot, SlotPolicy, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::component::{ROOM, SUMS};
use crate::guest::{engine, lease, limited, version, wasm};

#[derive(Debug, PartialEq, Deserialize)]
struct Statistics {
    mean: f64,
    median: f64,
}

#[derive(Serialize)]
struct Reading {
    sensor: &'static str,
    scale: Scale,
    value: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Scale {
    Celsius,
    Fahrenheit,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Missing,
    Comfortable,
    Cold(f64),
    Hot(f64),
}

fn reading(scale: Scale, value: Option<f64>) -> Reading {
    Reading { sensor: "hé", scale, value }
}

#[test]
fn lists_go_in_and_records_come_out() {
    let lease = lease(ROOM.to_vec());
    let call = |values: &[i64]| lease.call::<_, Statistics>("calc-stats", values).unwrap();
    assert_eq!(call(&[127, 71, 110, -5]), Statistics { mean: 75.75, median: 90.5 });
    assert_eq!(call(&[]), Statistics { mean: 0.0, median: 0.0 });
    assert_eq!(call(&[4]), Statistics { mean: 4.0, median: 4.0 });
    let answer: BTreeMap<String, f64> = lease.call("calc-stats", &(1, 2.5)).unwrap();
    assert_eq!(answer, BTreeMap::from([("mean".into(), 1.75), ("median".into(), 1.75)]));
    // What is not a number has no form in JSON, and crosses as it is.
    let answer: Statistics = lease.call("calc-stats", &[f64::INFINITY]).unwrap();
    assert_eq!(answer.mean, f64::INFINITY);
}

#[test]
fn variants_and_results_are_enums_of_rust() {
    let lease = lease(ROOM.to_vec());
    let judge = |reading: Reading| lease.call::<_, Result<Verdict, String>>("judge", &reading).unwrap();
    assert_eq!(judge(reading(Scale::Fahrenheit, Some(95.0))), Ok(Verdict::Hot(35.0)));
    assert_eq!(judge(reading(Scale::Celsius, Some(20.0))), Ok(Verdict::Comfortable));
    assert_eq!(judge(reading(Scale::Celsius, Some(-1.0))), Ok(Verdict::Cold(-1.0)));
    assert_eq!(judge(reading(Scale::Celsius, None)), Ok(Verdict::Missing));
    assert_eq!(judge(reading(Scale::Celsius, Some(-300.0))), Err("hé is colder than anything can be".into()));
    let answer: Value = lease.call("judge", &json!({"sensor": "a", "scale": "celsius"})).unwrap();
    assert_eq!(answer, json!({"ok": "missing"}));
}

#[track_caller]
fn check<A: Serialize + ?Sized, R: DeserializeOwned + PartialEq + std::fmt::Debug>(
    function: &str,
    argument: &A,
    expected: R,
) {
    assert_eq!(lease(wasm(SUMS)).call::<A, R>(function, argument), Ok(expected));
}

#[test]
fn several_arguments_are_a_tuple_or_a_struct() {
    check("total", &[1, 2, 39], 42_i64);
    check("total", &["9007199254740993"], 9_007_199_254_740_993_i64);
    check("demo:sums/api@0.1.0#total", &[1, 2], 3_u8);
    check("join", &("hé", 1), "hé".to_owned());
    check("join", &json!({"count": 0, "text": "away"}), Some(String::new()));
}

#[track_caller]
fn check_refused<A: Serialize + ?Sized, R: DeserializeOwned + std::fmt::Debug>(
    lease: &Lease,
    function: &str,
    argument: &A,
    expected: &str,
) {
    let error = lease.call::<A, R>(function, argument).unwrap_err().to_string();
    assert_eq!(error, expected);
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let sums = lease(wasm(SUMS));
    check_refused::<_, i64>(
        &sums,
        "total",
        &json!([1, true]),
        "the argument does not fit `total`, which is func(values: list<s64>) -> s64: \
         at `[1]`: invalid type: boolean `true`, expected s64",
    );
    check_refused::<_, String>(
        &sums,
        "join",
        &("x", -1),
        "the argument does not fit `join`, which is func(text: string, count: u32) -> string: \
         at `count`: invalid value: integer `-1`, expected u32",
    );
    check_refused::<_, bool>(
        &sums,
        "total",
        &[1],
        "the function's answer is not of the wanted type: invalid type: integer `1`, expected a boolean",
    );
    let room = lease(ROOM.to_vec());
    let error = room.call::<_, Value>("judge", &json!({"sensor": "a", "scale": "kelvin"})).unwrap_err().to_string();
    assert!(error.ends_with("at `scale`: `kelvin` is none of celsius, fahrenheit"), "{error}");
    let error = room.call::<_, Result<f64, String>>("judge", &reading(Scale::Celsius, Some(50.0))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the function's answer is not of the wanted type: at `Ok`: invalid type: map, expected f64"
    );
}

#[test]
fn arguments_and_results_have_their_limits() {
    let limits = Limits { argument_bytes: 80, result_bytes: 60, ..Limits::default() };
    let lease = limited(SUMS, limits);
    assert_eq!(lease.call::<_, i64>("total", &[1; 10]), Ok(10));
    let error = lease.call::<_, i64>("total", &[1; 11]);
    assert_eq!(error, Err(CallError::ArgumentTooLarge { bytes: 88, limit: 80 }));
    assert_eq!(lease.call::<_, String>("join", &("x".repeat(60), 1)), Ok("x".repeat(60)));
    let error = lease.call::<_, String>("join", &("x".repeat(61), 1));
    assert_eq!(error, Err(CallError::ResultTooLarge { bytes: 61, limit: 60 }));
    let error = lease.call::<_, Value>("trap", &()).unwrap_err();
    assert!(matches!(error, CallError::Trap(_)), "{error:?}");
    assert_eq!(lease.call::<_, i64>("total", &[2]), Ok(2));
}

#[test]
fn the_last_arguments_are_what_the_next_version_is_tried_with() {
    // Traps where the sum is 7.
    let picky = SUMS.replace(
        "(global.set $top (i32.const 1024))\n      (local.get 2)",
        "(if (i64.eq (local.get 2) (i64.const 7)) (then unreachable)) (local.get 2)",
    );
    assert_ne!(picky, SUMS);
    let slot = Slot::new("sums", version(wasm(SUMS)), SlotPolicy::default()).unwrap();
    assert_eq!(slot.acquire().call::<_, i64>("total", &[3, 4]), Ok(7));
    let error = slot.publish(version(wasm(&picky))).unwrap_err();
    assert!(matches!(&error, PublishError::Smoke { function, .. } if function == "total"), "{error:?}");
    // The last counts, in whatever form it came.
    assert_eq!(slot.acquire().call_json("total", "[1]").unwrap(), "1");
    assert_eq!(slot.acquire().call::<_, i64>("total", &[1, 2]), Ok(3));
    slot.publish(version(wasm(&picky))).unwrap();
}

#[test]
fn threads_do_not_see_the_lists_of_each_other() {
    let version = Version::load(engine(), wasm(SUMS), LoadOptions { keep_arguments: false, ..LoadOptions::default() });
    let lease = Arc::new(version.unwrap()).lease();
    std::thread::scope(|scope| {
        for thread in 1..4_i64 {
            let lease = &lease;
            scope.spawn(move || {
                for count in (0..40).chain((0..40).rev()) {
                    let values = vec![thread; count];
                    assert_eq!(lease.call::<_, i64>("total", &values), Ok(thread * count as i64));
                    assert_eq!(lease.call::<_, u64>("total", &["5"; 3]), Ok(15));
                }
            });
        }
    });
}
