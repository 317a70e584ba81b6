//! Guests in the text format, and how they are loaded.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use abi::{FunctionDecl, Manifest, Producer, State, ValueKind};
use runtime::{Engine, EngineOptions, Lease, Limits, LoadError, LoadOptions, Version};

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(EngineOptions::default()).unwrap())
}

pub(crate) fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

pub(crate) fn version(bytes: Vec<u8>) -> Version {
    Version::load(engine(), bytes, LoadOptions::default()).unwrap()
}

pub(crate) fn lease(bytes: Vec<u8>) -> Lease {
    Arc::new(version(bytes)).lease()
}

/// A lease on a module from text, under limits.
pub(crate) fn limited(text: &str, limits: Limits) -> Lease {
    let options = LoadOptions { limits, ..LoadOptions::default() };
    Arc::new(Version::load(engine(), wasm(text), options).unwrap()).lease()
}

pub(crate) fn load_error(bytes: Vec<u8>) -> LoadError {
    Version::load(engine(), bytes, LoadOptions::default()).unwrap_err()
}

pub(crate) fn deadline(milliseconds: u64) -> Limits {
    Limits { deadline: Duration::from_millis(milliseconds), ..Limits::default() }
}

pub(crate) fn manifest(state: State, functions: &[(&str, &[ValueKind], &[ValueKind])]) -> Manifest {
    let decl = |&(name, takes, returns): &(&str, &[ValueKind], &[ValueKind])| {
        (name.to_string(), FunctionDecl { takes: takes.into(), returns: returns.into(), about: String::new() })
    };
    Manifest {
        name: "guest".into(),
        version: "1".into(),
        functions: functions.iter().map(decl).collect(),
        state,
        window: None,
        model: None,
        features: Vec::new(),
        memory_bytes: 65_536,
        producer: Producer { name: "tests".into(), version: "1".into(), options: BTreeMap::new() },
    }
}

pub(crate) fn sealed(text: &str, manifest: &Manifest) -> Vec<u8> {
    abi::pack(&wasm(text), manifest).unwrap()
}

/// An unsealed module whose function `v` answers a number.
pub(crate) fn answering(number: i32) -> Vec<u8> {
    wasm(&format!(r#"(module (func (export "v") (result i32) i32.const {number}))"#))
}

/// A sealed one, stateless.
pub(crate) fn sealed_answering(number: i32) -> Vec<u8> {
    let i32_kind = ValueKind::Scalar(abi::DataType::I32);
    abi::pack(&answering(number), &manifest(State::Stateless, &[("v", &[], &[i32_kind])])).unwrap()
}

/// Calls `v`.
pub(crate) fn answer(lease: &Lease) -> i32 {
    match lease.call_scalars("v", &[]).unwrap()[..] {
        [runtime::Scalar::I32(number)] => number,
        ref other => panic!("one i32 expected, not {other:?}"),
    }
}
