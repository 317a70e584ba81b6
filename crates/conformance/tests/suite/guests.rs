//! The checked-in functions, built with the SDK, through the runtime.

use std::sync::Arc;

use runtime::{CallError, Engine, EngineOptions, LoadOptions, Slot, SlotPolicy, Version};
use wasmtube_conformance::models;

/// The input of the paper's first experiment, as it is sent.
pub(crate) const PAPER: &str = r#"{"values":[127,71,110,75,140,150,44,112,119,88,88,58,34,69,59,133,124,111,121,102,91,118,62,122,79,77,73,82,116,153,115,139,97,111,117,81,18,100,60,118,150,47,80,159,109,92,106,108,106,126,143,72,96,46,108,119,148,119,123,145]}"#;

fn version(engine: &Engine, name: &str) -> Version {
    let wasm = models::read(&models::repository().join("guests/prebuilt").join(name)).unwrap();
    Version::load(engine, wasm, LoadOptions::default()).unwrap()
}

fn engine() -> Engine {
    Engine::new(EngineOptions::default()).unwrap()
}

#[test]
fn paper_functions_answer_as_in_the_paper() {
    let version = Arc::new(version(&engine(), "stats-v1.wasm"));
    assert_eq!(PAPER.len(), 227, "the paper's argument has 227 bytes");
    let lease = version.lease();
    for (function, answer) in [("calc_stats", r#"{"mean":101,"median":108}"#), ("noop", r#"{"mean":0,"median":0}"#)] {
        assert_eq!(lease.call_json(function, PAPER).unwrap(), answer);
    }
}

#[test]
fn second_version_replaces_the_first() {
    let engine = engine();
    let slot = Slot::new("stats", version(&engine, "stats-v1.wasm"), SlotPolicy::default()).unwrap();
    let answer = || -> serde_json::Value {
        serde_json::from_str(&slot.acquire().call_json("calc_stats", r#"{"values":[1,2,4,9]}"#).unwrap()).unwrap()
    };
    assert_eq!(answer(), serde_json::json!({"mean": 4, "median": 4}));
    slot.publish(version(&engine, "stats-v2.wasm")).unwrap();
    let second = answer();
    assert_eq!((second["mean"].as_f64(), second["median"].as_f64()), (Some(4.0), Some(3.0)));
}

#[test]
fn wrong_arguments_get_an_error_object() {
    let version = Arc::new(version(&engine(), "stats-v1.wasm"));
    let lease = version.lease();
    for wrong in ["", "{", r#"{"values":["x"]}"#, r#"{"values":[99999999999]}"#, "[1,2]x"] {
        match lease.call_json("calc_stats", wrong) {
            Err(CallError::GuestError { .. }) => {}
            other => panic!("{wrong:?}: {other:?}"),
        }
    }
    lease.call_json("calc_stats", PAPER).unwrap();
}
