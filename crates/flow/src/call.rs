//! Giving values to a function.

use std::fmt::Write as _;

use runtime::{CallError, Form, Function, Lease, Scalar, ScalarType, Slot};
use serde_json::Value;

use crate::{CallSpec, DEPTH_MAX, is_too_deep};

/// Where the functions of a node are.
pub trait Functions: Send + Sync {
    /// The slot of this name, if there is one and it has a live version.
    fn slot(&self, name: &str) -> Option<Slot>;
}

/// Why a function gave no outcome.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum CallFailure {
    #[error("the slot `{slot}` has no version yet: put a file in its place or push one")]
    NoSlot { slot: String },
    #[error("`{function}` takes {expected}, but the value is {given}")]
    Unsuitable { function: String, expected: String, given: String },
    #[error("`{function}` takes {takes}, which a route cannot give: choose a function on JSON or numbers")]
    NoValues { function: String, takes: &'static str },
    #[error("`{function}` answered the number {number}, which has no form in JSON")]
    NoJson { function: String, number: Scalar },
    #[error("the call of `{function}` failed")]
    Call {
        function: String,
        #[source]
        source: CallError,
    },
    #[error("`{function}` answered a value that is nested more deeply than {DEPTH_MAX} levels")]
    TooDeep { function: String },
    #[error("`{function}` answered what is not JSON: {reason}")]
    Answer { function: String, reason: String },
}

/// Calls the function with a value, or with the list of the values of a window.
pub(crate) fn call(functions: &dyn Functions, spec: &CallSpec, argument: &Value) -> Result<Value, CallFailure> {
    let lease = functions.slot(&spec.slot).ok_or_else(|| CallFailure::NoSlot { slot: spec.slot.clone() })?.acquire();
    let found = lease.version().interface().function(&spec.function);
    match found.map(|function| (function, function.form)) {
        Some((function, Form::Scalars)) => scalars(&lease, function, argument),
        Some((function, Form::Picture | Form::ClassicPicture)) => {
            Err(CallFailure::NoValues { function: function.name.clone(), takes: "a picture" })
        }
        Some((function, Form::Tensors)) => {
            Err(CallFailure::NoValues { function: function.name.clone(), takes: "tensors" })
        }
        None if spec.function == abi::export::PREDICT && lease.version().interface().model().is_some() => {
            Err(CallFailure::NoValues { function: spec.function.clone(), takes: "a picture" })
        }
        // A function that does not exist is the runtime's to explain.
        Some((_, Form::Data | Form::ClassicData | Form::Component)) | None => json(&lease, spec, argument),
    }
}

fn json(lease: &Lease, spec: &CallSpec, argument: &Value) -> Result<Value, CallFailure> {
    let mut text = String::new();
    let written = match &spec.field {
        None => write!(text, "{argument}"),
        Some(field) => write!(text, "{{{}:{argument}}}", Value::from(field.as_str())),
    };
    written.expect("writing to a string cannot fail");
    let failed = |source| CallFailure::Call { function: spec.function.clone(), source };
    let answer = lease.call_json(&spec.function, &text).map_err(failed)?;
    if answer.is_empty() {
        return Ok(Value::Null);
    }
    let malformed =
        |error: serde_json::Error| CallFailure::Answer { function: spec.function.clone(), reason: error.to_string() };
    let value = serde_json::from_str(&answer).map_err(malformed)?;
    if is_too_deep(&value) {
        return Err(CallFailure::TooDeep { function: spec.function.clone() });
    }
    Ok(value)
}

/// Numbers in, numbers out.
fn scalars(lease: &Lease, function: &Function, argument: &Value) -> Result<Value, CallFailure> {
    let params = &function.signature.params;
    let values: &[Value] = match argument {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    };
    let unsuitable = || CallFailure::Unsuitable {
        function: function.name.clone(),
        expected: match params.as_slice() {
            [] => "nothing".into(),
            params => params.iter().map(|param| param.name()).collect::<Vec<_>>().join(", "),
        },
        given: shortened(argument),
    };
    if values.len() != params.len() {
        return Err(unsuitable());
    }
    let parsed = params.iter().zip(values).map(|(param, value)| scalar(*param, value));
    let arguments: Vec<Scalar> = parsed.collect::<Option<_>>().ok_or_else(unsuitable)?;
    let failed = |source| CallFailure::Call { function: function.name.clone(), source };
    let answer = lease.call_scalars(&function.name, &arguments).map_err(failed)?;
    let values = answer
        .into_iter()
        .map(|number| number.to_json().ok_or_else(|| CallFailure::NoJson { function: function.name.clone(), number }));
    let mut values: Vec<Value> = values.collect::<Result<_, _>>()?;
    Ok(match values.len() {
        0 => Value::Null,
        1 => values.remove(0),
        _ => Value::Array(values),
    })
}

fn scalar(param: ScalarType, value: &Value) -> Option<Scalar> {
    match (param, value) {
        (ScalarType::I32 | ScalarType::I64, Value::Number(number)) => match number.as_f64() {
            // 3.0 is an integer as well.
            Some(float) if !(number.is_i64() || number.is_u64()) && float.fract() == 0.0 && float.abs() < 9e15 => {
                param.parse(&format!("{float:.0}")).ok()
            }
            _ => param.parse(&number.to_string()).ok(),
        },
        (ScalarType::F32 | ScalarType::F64, Value::Number(number)) => param.parse(&number.to_string()).ok(),
        (_, Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => None,
    }
}

fn shortened(value: &Value) -> String {
    const LENGTH_MAX: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LENGTH_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use runtime::{Engine, LoadOptions, SlotPolicy, Version};
    use serde_json::json;

    use super::*;

    struct One(Slot);

    impl Functions for One {
        fn slot(&self, name: &str) -> Option<Slot> {
            (name == self.0.name()).then(|| self.0.clone())
        }
    }

    /// `double`: number to number; `minmax`: two integers to two; `echo`: JSON as it is, classic convention.
    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "double") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 2)))
        (func (export "swap") (param i32 i64 i32) (result i32 i64) (local.get 2) (local.get 1))
        (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
        (func (export "infinite") (param f64) (result f64) (f64.const inf))
        (func (export "echo") (param i32 i32) (result i32) (local.get 1))
        (func (export "trap") (param i32 i32) (result i32) unreachable))"#;

    /// Answers its argument, as the kinds that the manifest tells.
    const PLAIN: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "wasmtube_abi_v1"))
        (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 1024))
        (func (export "wasmtube_free") (param i32 i32))
        (func $echo (param i32 i32) (result i64)
            (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
        (export "list" (func $echo)) (export "record" (func $echo)) (export "bytes" (func $echo)))"#;

    fn plain() -> Vec<u8> {
        let manifest = json!({
            "name": "plain", "version": "1", "state": "stateless", "memory_bytes": 65536,
            "producer": {"name": "tests", "version": "1"},
            "functions": {
                "list": {"takes": [{"list": "i16"}], "returns": [{"list": "i16"}]},
                "record": {"takes": [{"record": [["x", "f64"]]}], "returns": [{"record": [["y", "i64"]]}]},
                "bytes": {"takes": ["bytes"], "returns": ["bytes"]},
            },
        });
        abi::pack(&wat::parse_str(PLAIN).unwrap(), &serde_json::from_value(manifest).unwrap()).unwrap()
    }

    #[track_caller]
    fn check(function: &str, field: Option<&str>, argument: Value, expected: Result<Value, &str>) {
        check_in(wat::parse_str(MODULE).unwrap(), function, field, argument, expected);
    }

    #[track_caller]
    fn check_in(wasm: Vec<u8>, function: &str, field: Option<&str>, argument: Value, expected: Result<Value, &str>) {
        let engine = Engine::new(runtime::EngineOptions::default()).unwrap();
        let version = Version::load(&engine, wasm, LoadOptions::default()).unwrap();
        let one = One(Slot::new("slot", version, SlotPolicy::default()).unwrap());
        let spec = CallSpec { slot: "slot".into(), function: function.into(), field: field.map(Into::into) };
        match (call(&one, &spec, &argument), expected) {
            (found, Ok(expected)) => assert_eq!(found, Ok(expected)),
            (Ok(found), Err(expected)) => panic!("{found} instead of {expected}"),
            (Err(found), Err(expected)) => assert!(runtime::one_line(&found).contains(expected), "{found}"),
        }
    }

    #[test]
    fn numbers_are_given_to_functions_on_numbers() {
        check("double", None, json!(1.5), Ok(json!(3.0)));
        check("double", None, json!([4]), Ok(json!(8.0)));
        check("half", None, json!(0.2), Ok(json!(0.1)));
        check("swap", None, json!([1, 2.0, 3]), Ok(json!([3, 2])));
        check("swap", None, json!([1, 2]), Err("takes i32, i64, i32, but the value is [1,2]"));
        check("double", None, json!("x"), Err("takes f64, but the value is \"x\""));
        check("swap", None, json!([1, 2, 0.5]), Err("but the value is [1,2,0.5]"));
        check("infinite", None, json!(1), Err("answered the number inf"));
    }

    #[test]
    fn json_is_given_to_functions_on_json() {
        check("echo", None, json!([1, 2]), Ok(json!([1, 2])));
        check("echo", Some("va\"lues"), json!([1, 2]), Ok(json!({"va\"lues": [1, 2]})));
        let deep = (0..DEPTH_MAX + 1).fold(json!(1), |value, _| json!([value]));
        check("echo", None, deep, Err("nested more deeply than 64 levels"));
        check("trap", None, json!(1), Err("the call of `trap` failed"));
        check("missing", None, json!(1), Err("the call of `missing` failed"));
    }

    #[test]
    fn windows_are_given_to_functions_on_lists() {
        let check = |function, field, argument, expected| check_in(plain(), function, field, argument, expected);
        check("list", None, json!([1, -2.0]), Ok(json!([1, -2])));
        check("list", None, json!([1, 2.5]), Err("element 1: 2.5 is no i16"));
        check("list", None, json!(1), Err("expected an array of i16"));
        // The same 8 bytes as a float and as an integer.
        check("record", None, json!({"x": 2}), Ok(json!({"y": 0x4000_0000_0000_0000_i64})));
        check("record", Some("x"), json!(2), Ok(json!({"y": 0x4000_0000_0000_0000_i64})));
        check("record", None, json!([2]), Err("expected an object with the fields x"));
        check("bytes", None, json!([2]), Err("`bytes` takes bytes, it was called with JSON"));
    }

    #[test]
    fn a_slot_without_a_version_is_a_failure() {
        struct None_;
        impl Functions for None_ {
            fn slot(&self, _: &str) -> Option<Slot> {
                None
            }
        }
        let spec = CallSpec { slot: "absent".into(), function: "f".into(), field: None };
        assert_eq!(call(&None_, &spec, &json!(1)), Err(CallFailure::NoSlot { slot: "absent".into() }));
    }
}
