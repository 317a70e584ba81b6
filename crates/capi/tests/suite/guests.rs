//! Functions and a model that the tests write themselves. Those of the Python package lie in `python/tests/files`, which
//! `BLESS=1` writes.

use std::collections::BTreeMap;
use std::fs;

use abi::{
    ChannelOrder, DataType, Digest, Filter, FunctionDecl, Layout, Manifest, ModelDecl, Preprocess, Producer, Resize,
    State, TensorDecl, ValueKind,
};

use super::running::workspace;

/// Functions of numbers; `sum` could be one of the classic convention.
const NUMBERS: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "add") (param i32 f64 i64) (result f64)
    (f64.add (f64.convert_i32_s (local.get 0)) (f64.add (local.get 1) (f64.convert_i64_s (local.get 2)))))
  (func (export "turn") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
    (local.get 3) (local.get 2) (local.get 1) (local.get 0))
  (func (export "integer") (param i64) (result i64) (local.get 0))
  (func (export "float") (param f64) (result f64) (local.get 0))
  (func (export "answer") (result i32) (i32.const 42))
  (func (export "nothing"))
  (func (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#;

/// Counts the calls of its instance: `count` up to nine and by JSON, `next` by numbers.
const COUNTER: &str = r#"(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 48))
  (global $sum (mut i64) (i64.const 0))
  (func (export "wasmtube_abi_v1"))
  (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 4096))
  (func (export "wasmtube_free") (param i32 i32))
  (func (export "count") (param $ptr i32) (param $len i32) (result i64)
    (if (local.get $len) (then unreachable))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 2048) (global.get $calls))
    (i64.const 0x80000000001))
  (func (export "next") (param i64) (result i64)
    (global.set $sum (i64.add (global.get $sum) (local.get 0)))
    (global.get $sum)))"#;

/// Four steps, each doubles one of four numbers; a picture becomes its first four bytes.
const DOUBLE: &str = r#"(module (memory (export "memory") 1)
  (global $picture (mut i32) (i32.const 0))
  (func (export "wasmtube_abi_v1"))
  (func $step (export "step") (param $k i32)
    (local $at i32)
    (local.set $at (i32.mul (local.get $k) (i32.const 4)))
    (f32.store offset=2048 (local.get $at) (f32.mul (f32.const 2) (f32.load offset=1024 (local.get $at)))))
  (func (export "infer")
    (call $step (i32.const 0)) (call $step (i32.const 1)) (call $step (i32.const 2)) (call $step (i32.const 3)))
  (func (export "image") (param $ptr i32) (param $len i32) (param $width i32) (param $height i32) (result i32)
    (global.set $picture (local.get $ptr))
    (i32.const 4))
  (func (export "image_step") (param $band i32)
    (f32.store offset=1024 (i32.mul (local.get $band) (i32.const 4))
      (f32.convert_i32_u (i32.load8_u (i32.add (global.get $picture) (local.get $band)))))))"#;

pub(crate) fn numbers() -> Vec<u8> {
    wat::parse_str(NUMBERS).unwrap()
}

pub(crate) fn keyed_counter() -> Vec<u8> {
    let unsigned = || vec![ValueKind::Scalar(DataType::U64)];
    sealed(COUNTER, State::Keyed, &[("count", vec![], vec![ValueKind::Json]), ("next", unsigned(), unsigned())], None)
}

pub(crate) fn doubler() -> Vec<u8> {
    let tensor =
        |name: &str, address| TensorDecl { name: name.into(), dtype: DataType::F32, shape: vec![1, 4], address };
    let model = ModelDecl {
        onnx: Digest::of(b""),
        inputs: vec![tensor("x", 1024)],
        outputs: vec![tensor("y", 2048)],
        steps: 4,
        step_names: (0..4).map(|step| format!("double {step}")).collect(),
        macs: 4,
        weights_bytes: 0,
        preprocess: Some(Preprocess {
            name: "raw".into(),
            layout: Layout::Nchw,
            filter: Filter::Bilinear,
            resize: Resize::Stretch,
            channels: ChannelOrder::Gray,
            mean: vec![0.0],
            scale: vec![1.0],
        }),
        labels: ["north", "east", "south", "west"].map(Into::into).to_vec(),
        golden: None,
    };
    let tensors = || vec![ValueKind::Tensor];
    let functions = [("infer", tensors(), tensors()), ("predict", vec![ValueKind::Image], tensors())];
    sealed(DOUBLE, State::Stateless, &functions, Some(model))
}

fn sealed(
    text: &str,
    state: State,
    functions: &[(&str, Vec<ValueKind>, Vec<ValueKind>)],
    model: Option<ModelDecl>,
) -> Vec<u8> {
    let declared = |(name, takes, returns): &(&str, Vec<ValueKind>, Vec<ValueKind>)| {
        let decl = FunctionDecl { takes: takes.clone(), returns: returns.clone(), about: String::new() };
        ((*name).into(), decl)
    };
    let manifest = Manifest {
        name: "test".into(),
        version: "1".into(),
        functions: functions.iter().map(declared).collect(),
        state,
        window: None,
        model,
        features: vec![],
        memory_bytes: 65_536,
        producer: Producer { name: "test".into(), version: "1".into(), options: BTreeMap::new() },
    };
    abi::pack(&wat::parse_str(text).unwrap(), &manifest).unwrap()
}

#[track_caller]
fn check_file(name: &str, expected: &[u8]) {
    let path = workspace("python/tests/files").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, expected).unwrap();
    }
    let written = fs::read(&path).unwrap_or_default();
    assert!(written == expected, "python/tests/files/{name} is stale: run this test with BLESS=1");
}

#[test]
fn the_files_of_the_python_tests_are_these() {
    check_file("numbers.wasm", &numbers());
    check_file("counter.wasm", &keyed_counter());
    check_file("doubler.wasm", &doubler());
}
