use std::collections::BTreeMap;
use std::fs;

use abi::{
    ChannelOrder, DataType, Digest, Filter, FunctionDecl, Layout, Manifest, ModelDecl, Preprocess, Producer, Resize,
    State, TensorDecl, ValueKind,
};
use runtime::{Tensor, npy};
use serde_json::json;

use super::Answer;
use crate::running::{Running, wait_until};

const NUMBERS: &str = r#"(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "pair") (result i32 i64) i32.const -1 i64.const 9007199254740993)
  (func (export "none"))
  (func (export "trap") unreachable)
  (func (export "spin") (loop (br 0))))"#;

/// Adds two rows of two numbers; a picture gives its first two bytes to the first and leaves the second.
const SUM: &str = r#"(module (memory (export "memory") 1)
  (global $picture (mut i32) (i32.const 0))
  (func (export "wasmtube_abi_v1"))
  (func $step (export "step") (param $k i32)
    (local $at i32)
    (local.set $at (i32.mul (local.get $k) (i32.const 4)))
    (f32.store offset=2048 (local.get $at)
      (f32.add (f32.load offset=1024 (local.get $at)) (f32.load offset=1032 (local.get $at)))))
  (func (export "infer") (call $step (i32.const 0)) (call $step (i32.const 1)))
  (func (export "image") (param $ptr i32) (param $len i32) (param $width i32) (param $height i32) (result i32)
    (global.set $picture (local.get $ptr))
    (i32.const 2))
  (func (export "image_step") (param $band i32)
    (f32.store offset=1024 (i32.mul (local.get $band) (i32.const 4))
      (f32.convert_i32_u (i32.load8_u (i32.add (global.get $picture) (local.get $band)))))))"#;

/// `stats` takes a list and answers a record, `ramp` the other way round.
const LIST: &[u8] = include_bytes!("../../../../../guests/prebuilt/plain-stats.wasm");

/// Two pixels side by side, whose six bytes are 1 to 6.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\x00\x01\x08\x02\
    \x00\x00\x00\x7b\x40\xe8\xdd\x00\x00\x00\x0f\x49\x44\x41\x54\x78\x9c\x63\x60\x64\x62\x66\x61\x65\x03\x00\
    \x00\x3f\x00\x16\x21\xba\xd4\x54\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// One row of 16385 gray pixels.
const WIDE_PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x40\x01\x00\x00\x00\x01\x08\x00\
    \x00\x00\x00\xec\x36\x82\xba\x00\x00\x00\x27\x49\x44\x41\x54\x78\xda\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\
    \xf5\x4f\x6d\x0c\x1f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\xbf\x01\x40\
    \x02\x00\x01\x59\xad\x81\xa8\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

fn sum() -> Vec<u8> {
    sum_with(Some(raw()))
}

fn raw() -> Preprocess {
    Preprocess {
        name: "raw".into(),
        layout: Layout::Nchw,
        filter: Filter::Bilinear,
        resize: Resize::Stretch,
        channels: ChannelOrder::Gray,
        mean: vec![0.0],
        scale: vec![1.0],
    }
}

fn sum_with(preprocess: Option<Preprocess>) -> Vec<u8> {
    let tensor =
        |name: &str, address| TensorDecl { name: name.into(), dtype: DataType::F32, shape: vec![1, 2], address };
    let decl = |takes| FunctionDecl { takes: vec![takes], returns: vec![ValueKind::Tensor], about: String::new() };
    let manifest = Manifest {
        name: "sum".into(),
        version: "1".into(),
        functions: [("infer", ValueKind::Tensor), ("predict", ValueKind::Image)]
            .map(|(name, takes)| (name.to_string(), decl(takes)))
            .into(),
        state: State::Stateless,
        window: None,
        model: Some(ModelDecl {
            onnx: Digest::of(b""),
            inputs: vec![tensor("a", 1024), tensor("b", 1032)],
            outputs: vec![tensor("y", 2048)],
            steps: 2,
            step_names: vec!["first".into(), "second".into()],
            macs: 2,
            weights_bytes: 0,
            preprocess,
            labels: vec!["low".into(), "high".into()],
            golden: None,
        }),
        features: Vec::new(),
        memory_bytes: 65_536,
        producer: Producer { name: "tests".into(), version: "1".into(), options: BTreeMap::new() },
    };
    abi::pack(&wat::parse_str(SUM).unwrap(), &manifest).unwrap()
}

struct Called {
    running: Running,
    _folder: tempfile::TempDir,
}

impl Called {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("numbers.wasm"), wat::parse_str(NUMBERS).unwrap()).unwrap();
        fs::write(folder.path().join("sum.wasm"), sum()).unwrap();
        fs::write(folder.path().join("plain.wasm"), sum_with(None)).unwrap();
        fs::write(folder.path().join("list.wasm"), LIST).unwrap();
        fs::write(folder.path().join("keyed.wasm"), keyed()).unwrap();
        let slots = "[slots.numbers]\nfile = \"numbers.wasm\"\ndeadline = \"500ms\"\n\
                     [slots.sum]\nfile = \"sum.wasm\"\n[slots.plain]\nfile = \"plain.wasm\"\n\
                     [slots.list]\nfile = \"list.wasm\"\n[slots.vacant]\nfile = \"vacant.wasm\"\n\
                     [slots.keyed]\nfile = \"keyed.wasm\"\nkeys = 2\n";
        Self { running: Running::start(folder.path(), "edge", slots), _folder: folder }
    }

    fn call(&self, function: &str, content_type: &str, body: &[u8]) -> Answer {
        let (slot, function) = function.split_once('.').unwrap();
        let ask = self.running.ask(&format!("/api/v1/slots/{slot}/functions/{function}"));
        let ask = if content_type.is_empty() { ask } else { ask.header("content-type", content_type) };
        ask.post(body)
    }

    fn call_json(&self, function: &str, text: &str) -> Answer {
        self.call(function, "application/json", text.as_bytes())
    }
}

/// Counts its calls.
fn keyed() -> Vec<u8> {
    let text = r#"(module (global $calls (mut i32) (i32.const 0)) (func (export "count") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (global.get $calls)))"#;
    let returns = vec![ValueKind::Scalar(DataType::I32)];
    let decl = FunctionDecl { takes: vec![], returns, about: String::new() };
    let manifest = Manifest {
        name: "keyed".into(),
        version: "1".into(),
        functions: [("count".to_string(), decl)].into(),
        state: State::Keyed,
        window: None,
        model: None,
        features: Vec::new(),
        memory_bytes: 0,
        producer: Producer { name: "tests".into(), version: "1".into(), options: BTreeMap::new() },
    };
    abi::pack(&wat::parse_str(text).unwrap(), &manifest).unwrap()
}

#[test]
fn each_key_has_its_own_state() {
    let node = Called::start();
    let count = |query: &str| node.call(&format!("keyed.count{query}"), "", b"");
    let counted = |query: &str| count(query).value();
    let counts = [counted("?key=a"), counted("?key=a"), counted("?key=b%20c"), counted("?key=a")];
    assert_eq!(counts, [1, 2, 1, 3]);
    count("").check_refused(400, "wrong_key");
    count("?key=").check_refused(400, "wrong_key");
    count("?kez=a").check_refused(400, "invalid_query");
    node.call("numbers.none?key=a", "", b"").check_refused(400, "wrong_key");
    // Two keys are kept.
    assert_eq!([counted("?key=d"), counted("?key=a"), counted("?key=b%20c")], [1, 4, 1]);
    // Another thread writes it down.
    wait_until("the key that made room to be told of", || {
        node.running.ask("/api/v1/events").get().json().to_string().contains("`b c` was dropped to make room")
    });
}

fn row(values: [f32; 2]) -> Vec<u8> {
    npy::write(&Tensor::from_f32s(vec![1, 2], &values).unwrap())
}

fn multipart(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        let head =
            format!("--bound\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}.npy\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--bound--\r\n");
    body
}

#[test]
fn numbers_are_a_list() {
    let node = Called::start();
    let answer = node.call_json("numbers.add", "[20, 22]");
    assert_eq!(answer.value(), json!(42));
    let answer = answer.json();
    assert_eq!((answer["node"].as_str(), answer["digest"].as_str().map(str::len)), (Some("edge"), Some(64)));
    assert_eq!(node.call_json("numbers.pair", "[]").value(), json!([-1, 9_007_199_254_740_993_i64]));
    assert_eq!(node.call("numbers.none", "", b"").value(), json!(null));
    assert_eq!(node.call_json("numbers.none", "").value(), json!(null));
}

#[test]
fn lists_and_records_are_json() {
    let node = Called::start();
    assert_eq!(node.call_json("list.stats", "[4, 1, 3, 2]").value(), json!({"mean": 2.5, "median": 2.5}));
    assert_eq!(node.call_json("list.ramp", r#"{"from":0,"to":1,"count":3}"#).value(), json!([0.0, 0.5, 1.0]));
    node.call_json("list.stats", "[1, 2.5]").check_refused(400, "wrong_argument");
    node.call_json("list.stats", "{}").check_refused(400, "wrong_argument");
    node.call_json("list.ramp", r#"{"from":0}"#).check_refused(400, "wrong_argument");
    let live = node.running.ask("/api/v1/slots/list").get().json();
    let functions = &live["live"]["functions"];
    assert_eq!((&functions[0]["takes"], &functions[1]["takes"]), (&json!("json"), &json!("json")));
    assert_eq!(functions[0]["parameters"], json!(["{from: f64, to: f64, count: u64}"]));
    assert_eq!(functions[1]["parameters"], json!(["list<i64>"]));
}

#[test]
fn what_a_function_does_not_take_is_refused() {
    let node = Called::start();
    node.call_json("numbers.add", "[1]").check_refused(400, "wrong_argument");
    node.call_json("numbers.add", "[1, 2.5]").check_refused(400, "wrong_argument");
    node.call_json("numbers.add", "[1, 2").check_refused(400, "malformed_json");
    node.call("numbers.add", "", b"").check_refused(400, "wrong_argument");
    node.call("numbers.add", "image/png", PNG).check_refused(400, "wrong_argument");
    node.call("numbers.add", "text/plain", b"[1, 2]").check_refused(415, "wrong_content_type");
    node.call("vacant.add", "", b"").check_refused(503, "vacant");
    node.call("none.add", "", b"").check_refused(404, "no_such_slot");
    node.call("sum.predict", "image/png", b"no picture").check_refused(400, "invalid_picture");
    node.call("sum.infer", "application/x-npy", b"no tensor").check_refused(400, "invalid_npy");
    node.call("sum.infer", "multipart/form-data", b"").check_refused(400, "broken_multipart");
}

#[test]
fn a_function_at_fault_says_why() {
    let node = Called::start();
    node.call("numbers.trap", "", b"").check_refused(422, "trap");
    node.call("numbers.spin", "", b"").check_refused(504, "deadline_exceeded");
    assert_eq!(node.call_json("numbers.add", "[1, 2]").value(), json!(3), "the next call goes well");
}

#[test]
fn tensors_are_parts_or_json() {
    let node = Called::start();
    let (a, b) = (row([1.0, 2.5]), row([10.0, 0.25]));
    let body = multipart(&[("b", &b), ("a", &a)]);
    let answer = node.call("sum.infer", "multipart/form-data; boundary=bound", &body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let expected = json!([{"name": "y", "dtype": "FP32", "shape": [1, 2], "strides": null, "data": [11.0, 2.75]}]);
    assert_eq!(answer.json()["outputs"], expected);
    let top = answer.json()["top"].clone();
    assert_eq!((&top[0]["label"], &top[0]["index"], &top[0]["score"]), (&json!("low"), &json!(0), &json!(11.0)));
    let form = |data: &str| format!(r#"{{"dtype":"FP32","shape":[1,2],"strides":null,"data":{data}}}"#);
    let text = format!(r#"{{"a":{},"b":{}}}"#, form("[1, 2.5]"), form("[10, 0.25]"));
    assert_eq!(node.call_json("sum.infer", &text).json()["outputs"], expected);

    node.call("sum.infer", "application/x-npy", &a).check_refused(400, "wrong_argument");
    let unknown = multipart(&[("b", &b), ("c", &a)]);
    node.call("sum.infer", "multipart/form-data; boundary=bound", &unknown).check_refused(400, "wrong_argument");
}

#[test]
fn a_picture_is_prepared_by_the_model() {
    let node = Called::start();
    let answer = node.call("sum.predict", "image/png", PNG);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["outputs"][0]["data"], json!([1.0, 2.0]));
}

#[test]
fn what_is_no_picture_for_the_model_is_refused() {
    let node = Called::start();
    let refused = |function: &str, content_type: &str, body: &[u8], code: &str, part: &str| {
        let answer = node.call(function, content_type, body);
        assert!(answer.text.contains(part), "{}", answer.text);
        answer.check_refused(400, code);
    };
    let tensor = row([1.0, 2.0]);
    let takes = "`predict` takes a picture, PNG or JPEG";
    refused("sum.predict", "application/x-npy", &tensor, "wrong_argument", takes);
    refused("sum.predict", "application/json", b"[1]", "wrong_argument", takes);
    refused("sum.predict", "", b"", "wrong_argument", takes);
    refused("plain.predict", "image/png", PNG, "wrong_argument", "built without preprocessing");
    refused("sum.infer", "image/png", PNG, "wrong_argument", "`infer` takes tensors");
    refused(
        "sum.predict",
        "image/png",
        WIDE_PNG,
        "invalid_picture",
        "16385 x 1 pixels, allowed are sides of 1 to 16384",
    );
    refused("sum.predict", "image/png", &PNG[..60], "invalid_picture", "cannot be decoded");
    refused("sum.predict", "image/png", b"", "invalid_picture", "neither PNG nor JPEG");
}
