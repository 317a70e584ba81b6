use abi::{DataType, Declaration, State, ValueKind};
use runtime::{Tensor, npy};
use serde_json::{Value, json};

use crate::folder::{Folder, digits, workspace};
use crate::onnx::{Dim, Node, constant_model, model};

const SCALARS: &str = r#"(module
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "half") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
    (func (export "both") (param i64) (result i64 i64) (local.get 0) (local.get 0))
    (func (export "nothing"))
    (func (export "fail") unreachable)
    (func (export "forever") (loop br 0)))"#;

/// One row of 16385 gray pixels.
const WIDE_PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x40\x01\x00\x00\x00\x01\x08\x00\
    \x00\x00\x00\xec\x36\x82\xba\x00\x00\x00\x27\x49\x44\x41\x54\x78\xda\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\
    \xf5\x4f\x6d\x0c\x1f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\xbf\x01\x40\
    \x02\x00\x01\x59\xad\x81\xa8\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// Answers its own argument, in the classic convention.
const ECHO: &str = r#"(module (memory (export "memory") 1)
    (func (export "echo") (param i32 i32) (result i32) (local.get 1)))"#;

fn scalars() -> Folder {
    let folder = Folder::new();
    folder.write_wat("s.wasm", SCALARS);
    folder
}

#[test]
fn numbers_go_in_and_come_out() {
    let folder = scalars();
    let call = |arguments: &[&str]| folder.run(&[&["call", "s.wasm"], arguments].concat()).done();
    assert_eq!(call(&["add", "6", "7"]), "13\n");
    assert_eq!(call(&["add", "-6", "4294967295"]), "-7\n");
    assert_eq!(call(&["half", "-0.5"]), "-0.25\n");
    assert_eq!(call(&["both", "9223372036854775807"]), "9223372036854775807 9223372036854775807\n");
    assert_eq!(call(&["both", "1", "--format", "json"]), "[1,1]\n");
    assert_eq!(call(&["nothing"]), "\n");
    assert_eq!(call(&["nothing", "--format", "json"]), "null\n");
    assert_eq!(call(&["half", "inf"]), "inf\n");
    folder.run(&["call", "s.wasm", "half", "inf", "--format", "json"]).failed(1, &["no form in JSON"]);
}

#[test]
fn wrong_numbers_are_wrong_usage() {
    let folder = scalars();
    folder.run(&["call", "s.wasm", "add", "6"]).failed(2, &["`add` takes 2 numbers (i32 i32), not 1"]);
    folder.run(&["call", "s.wasm", "add", "6", "x"]).failed(2, &["`x` is not a number that fits i32"]);
    folder.run(&["call", "s.wasm", "add", "6", "4294967296"]).failed(2, &["fits i32"]);
    folder.run(&["call", "s.wasm", "add", "--json", "1"]).failed(2, &["`add` takes numbers: give i32 i32"]);
}

#[test]
fn numbers_beyond_the_largest_are_not_infinity() {
    let folder = Folder::new();
    folder.write_wat("f.wasm", r#"(module (func (export "same") (param f32) (result f32) (local.get 0)))"#);
    let call = |number: &str| folder.run(&["call", "f.wasm", "same", "--", number]);
    for number in ["1e300", "-1e300", "1e999"] {
        call(number).failed(2, &[&format!("`same`: `{number}` is beyond the largest f32: write inf")]);
    }
    for (number, expected) in
        [("inf", "inf"), ("-Infinity", "-inf"), ("1e38", "100000000000000000000000000000000000000")]
    {
        assert_eq!(call(number).done(), format!("{expected}\n"));
    }
}

#[test]
fn options_that_change_nothing_are_wrong_usage() {
    let folder = Folder::with_digits();
    let stats = workspace("guests/prebuilt/stats-v1.wasm");
    let json = "{\"values\":[1]}";
    let stats = ["call", &stats, "calc_stats", "--json", json];
    folder.run(&[&stats[..], &["--top", "3"]].concat()).failed(2, &["answers no scores: leave --top away"]);
    folder.run(&[&stats[..], &["--window", "end"]].concat()).failed(2, &["--window", "leave it away"]);
    let predict = ["call", "digits.wasm", "predict", "--image", &digits("samples/000_2.png")];
    folder.run(&[&predict[..], &["--window", "end"]].concat()).failed(2, &["--window", "leave it away"]);
    folder.write_wat("e.wasm", ECHO);
    folder.run(&["call", "e.wasm", "echo", "0", "3", "--window", "end"]).failed(2, &["--window", "leave it away"]);
}

#[test]
fn a_missing_function_lists_the_others() {
    scalars()
        .run(&["call", "s.wasm", "sub", "1", "2"])
        .failed(2, &["s.wasm has no function `sub`: it has add, both, fail, forever, half, nothing"]);
    Folder::with_digits()
        .run(&["call", "digits.wasm", "classify"])
        .failed(2, &["no function `classify`: it has infer, predict"]);
}

#[test]
fn what_a_function_breaks_fails() {
    let folder = scalars();
    folder.run(&["call", "s.wasm", "fail"]).failed(1, &["trapped: ", "unreachable"]);
    folder.run(&["call", "s.wasm", "forever", "--deadline", "50"]).failed(1, &["--deadline", "50ms"]);
}

#[test]
fn the_classic_convention_of_a_model_is_a_choice() {
    let folder = Folder::with_digits();
    let picture = digits("samples/000_2.png");
    let predict = ["call", "digits.wasm", "predict", "--image", &picture, "--format", "json"];
    let plain = folder.run(&predict).json();
    let classic = [&predict[..], &["--convention", "classic"]].concat();
    let text = folder.run(&classic).done();
    assert!(text.starts_with(r#"{"dtype":"FP32","shape":[1,10],"strides":null,"data":["#), "{text}");
    let answer = folder.run(&classic).json();
    let floats = |value: &Value| -> Vec<f32> {
        value["data"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap() as f32).collect()
    };
    assert_eq!(floats(&answer), floats(&plain));
    assert_eq!(folder.run(&[&classic[..], &["--window", "end"]].concat()).done(), text);
    let report = folder.run(&["inspect", "digits.wasm", "--json"]).json();
    assert_eq!(report["classic"], json!(["predict"]));
}

#[test]
fn a_wrong_choice_of_the_classic_convention_is_wrong_usage() {
    let folder = Folder::with_digits();
    let model = digits("digits.onnx");
    folder.run(&["build", &model, "-o", "tensors.wasm"]).done();
    folder.write_wat("e.wasm", ECHO);
    let picture = digits("samples/000_2.png");
    let classic =
        |file: &str, rest: &[&str]| folder.run(&[&["call", file], rest, &["--convention", "classic"]].concat());
    classic("digits.wasm", &["infer"]).failed(2, &["no function `infer` in the classic convention: it has predict"]);
    classic("digits.wasm", &["predict"]).failed(2, &["`predict` takes a picture", "give --image FILE"]);
    let predict = ["predict", "--image", &picture];
    classic("tensors.wasm", &predict).failed(2, &["built without --preprocess"]);
    classic("digits.wasm", &[&predict[..], &["--top", "3"]].concat()).failed(2, &["leave --top away"]);
    classic("digits.wasm", &[&predict[..], &["--output", "x.npy"]].concat()).failed(2, &["leave --output away"]);
    classic("digits.wasm", &[&predict[..], &["--window", "42"]].concat()).failed(2, &["leave --window away"]);
    classic("digits.wasm", &[&predict[..], &["--at", "127.0.0.1:7700"]].concat()).failed(2, &["--convention", "--at"]);
    classic("e.wasm", &["echo", "1", "2"]).failed(2, &["`echo` takes JSON in the classic convention"]);
    assert_eq!(classic("e.wasm", &["echo", "--json", "[1]", "--format", "json"]).done(), "[1]\n");
    folder.run(&["call", "digits.wasm", "predict", "--convention", "new"]).failed(2, &["classic"]);
}

#[test]
fn json_goes_to_a_classic_function() {
    let folder = Folder::new();
    folder.write_wat("e.wasm", ECHO);
    let text = "{\"z\":1.50,\"a\":[]}";
    let out = folder.run(&["call", "e.wasm", "echo", "--json", text]).done();
    assert_eq!(out, "{\n  \"z\": 1.50,\n  \"a\": []\n}\n");
    let out = folder.run_with_input(&["call", "e.wasm", "echo", "--json", "-", "--format", "json"], text).done();
    assert_eq!(out, format!("{text}\n"));
    let out = folder.run(&["call", "e.wasm", "echo", "--json", "-5", "--window", "4096"]).done();
    assert_eq!(out, "-5\n");
    let three =
        r#"(module (memory (export "memory") 1) (func (export "cut") (param i32 i32) (result i32) (i32.const 3)))"#;
    folder.write_wat("c.wasm", three);
    folder.run(&["call", "c.wasm", "cut", "--json", "[1,2]"]).failed(1, &["the function's answer is not JSON"]);
    folder.run(&["call", "e.wasm", "echo", "--json", "1", "--window", "x"]).failed(2, &["alloc:NAME"]);
    assert_eq!(folder.run(&["call", "e.wasm", "echo", "0", "3"]).done(), "3\n");
}

#[test]
fn json_with_mistakes_is_wrong_usage_and_is_not_passed_on() {
    let folder = Folder::new();
    folder.write_wat("e.wasm", ECHO);
    let call = |text: &str, input: &str| folder.run_with_input(&["call", "e.wasm", "echo", "--json", text], input);
    call("no json", "").failed(2, &["--json holds no JSON: ", "line 1 column 2"]);
    call("{\n\"a\":1,}", "").failed(2, &["line 2 column 7"]);
    call("-", "[1,2").failed(2, &["--json holds no JSON: ", "line 1 column 4"]);
    call("", "").failed(2, &["--json holds no JSON: ", "line 1 column 0"]);
}

/// Answers its argument, core ABI v1, as the kinds that a manifest tells.
const DATA: &str = r#"(module (memory (export "memory") 1)
    (func (export "wasmtube_abi_v1"))
    (func (export "wasmtube_alloc") (param i32 i32) (result i32) (i32.const 1024))
    (func (export "wasmtube_free") (param i32 i32))
    (func $echo (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
    (export "same" (func $echo)) (export "read" (func $echo)) (export "written" (func $echo))
    (export "list" (func $echo)) (export "record" (func $echo)) (export "row" (func $echo)))"#;

fn data() -> Folder {
    let numbers = ValueKind::Record(vec![("low".into(), DataType::F64), ("count".into(), DataType::I64)]);
    let functions = [
        ("same", ValueKind::Bytes, ValueKind::Bytes),
        ("read", ValueKind::Bytes, ValueKind::Json),
        ("written", ValueKind::Json, ValueKind::Bytes),
        ("list", ValueKind::List(DataType::F64), ValueKind::List(DataType::F64)),
        ("record", numbers.clone(), ValueKind::Bytes),
        ("row", numbers.clone(), numbers),
    ];
    let module = Declaration::Module { name: "data".into(), version: "1".into(), state: State::Stateless };
    let functions = functions.into_iter().map(|(name, takes, returns)| Declaration::Function {
        name: name.into(),
        takes: vec![takes],
        returns: vec![returns],
        about: String::new(),
    });
    let lines: String = std::iter::once(module).chain(functions).map(|line| line.line()).collect();
    let section = format!("(module (@custom \"{}\" {lines:?})", abi::DECLARATION_SECTION);
    let folder = Folder::new();
    folder.write_wat("data.wasm", &DATA.replacen("(module", &section, 1));
    folder.run(&["pack", "data.wasm", "-o", "d.wasm"]).done();
    folder
}

#[test]
fn bytes_go_in_and_come_out() {
    let folder = data();
    folder.write("in", [0, 0xff, b'\n', 7]);
    let call = |arguments: &[&str]| folder.run(&[&["call", "d.wasm"], arguments].concat());
    assert_eq!(call(&["same", "--bytes", "in", "--output", "out"]).done(), "");
    assert_eq!(folder.read("out"), [0, 0xff, b'\n', 7]);
    assert_eq!(folder.run_with_input(&["call", "d.wasm", "same", "--bytes", "-"], "a\u{0}b").done(), "a\u{0}b");
    assert_eq!(folder.run_with_input(&["call", "d.wasm", "read", "--bytes", "-"], "[1]").done(), "[\n  1\n]\n");
    call(&["read", "--bytes", "in"]).failed(1, &["the function's answer is not text in UTF-8"]);
    assert_eq!(call(&["written", "--json", "[ 1 ]"]).done(), "[ 1 ]");
}

#[test]
fn lists_and_records_are_json_and_bytes() {
    let folder = data();
    let call = |arguments: &[&str]| folder.run(&[&["call", "d.wasm"], arguments].concat());
    assert_eq!(call(&["list", "--json", "[1, 2.5]", "--format", "json"]).done(), "[1.0,2.5]\n");
    assert_eq!(call(&["list", "--json", "[1]"]).done(), "[\n  1.0\n]\n");
    let row = "{\"count\": 3, \"low\": 0.5}";
    assert_eq!(call(&["row", "--json", row, "--format", "json"]).done(), "{\"low\":0.5,\"count\":3}\n");
    assert_eq!(call(&["list", "--json", "[-2]", "--output", "list"]).done(), "");
    assert_eq!(folder.read("list"), (-2.0_f64).to_le_bytes());
    assert_eq!(call(&["list", "--bytes", "list", "--format", "json"]).done(), "[-2.0]\n");
    assert_eq!(call(&["record", "--json", row, "--output", "record"]).done(), "");
    assert_eq!(folder.read("record"), [0.5_f64.to_le_bytes(), 3_i64.to_le_bytes()].concat());
    call(&["list", "--json", "[1,null]"]).failed(2, &["does not fit `list`", "element 1: invalid type: null"]);
    call(&["row", "--json", "{\"low\":1}"]).failed(2, &["the field `count` is missing, of type i64"]);
    folder.write("cut", [0; 9]);
    call(&["list", "--bytes", "cut"]).failed(2, &["it has 9 bytes, and an element of list<f64> has 8"]);
    folder.write("nan", f64::NAN.to_le_bytes());
    call(&["list", "--bytes", "nan"]).failed(1, &["JSON has no form for NaN", "--output FILE"]);
}

#[test]
fn functions_of_bytes_say_what_they_take() {
    let folder = data();
    folder.write("in", "");
    let call = |arguments: &[&str]| folder.run(&[&["call", "d.wasm"], arguments].concat());
    call(&["same", "--json", "1"]).failed(2, &["`same` takes bytes: give --bytes FILE"]);
    call(&["same"]).failed(2, &["`same` takes bytes: give --bytes FILE"]);
    call(&["written", "--bytes", "in"]).failed(2, &["`written` takes JSON: give --json TEXT"]);
    call(&["list", "1"]).failed(2, &["`list` takes list<f64>: give an array with --json TEXT", "--bytes FILE"]);
    call(&["record", "1", "2"]).failed(2, &["`record` takes {low: f64, count: i64}: give an object with --json TEXT"]);
    call(&["same", "--bytes", "gone"]).failed(1, &["cannot read gone"]);
    call(&["same", "--bytes", "in", "--output", "a=out"]).failed(2, &["without a name: give one --output FILE"]);
    call(&["same", "--bytes", "in", "--output", "a", "--output", "b"]).failed(2, &["give one --output FILE"]);
    call(&["read", "--bytes", "in", "--output", "a"]).failed(2, &["leave --output away"]);
    call(&["same", "--bytes", "in", "--json", "1"]).failed(2, &["cannot be used with"]);
}

#[test]
fn a_model_without_inputs_is_called_with_nothing() {
    let folder = Folder::new();
    folder.write("m.onnx", constant_model());
    folder.run(&["build", "m.onnx"]).done();
    let out = folder.run(&["call", "m.wasm", "infer", "--format", "json"]).json();
    assert_eq!(out["data"], json!([2.5, 2.5]));
    folder.run(&["call", "m.wasm", "infer", "--json", "1"]).failed(2, &["takes nothing"]);
}

#[test]
fn json_goes_to_a_function_of_our_sdk() {
    let folder = Folder::new();
    let stats = workspace("guests/prebuilt/stats-v1.wasm");
    let call = |json: &str| folder.run(&["call", &stats, "calc_stats", "--json", json, "--format", "json"]);
    assert_eq!(call("{\"values\":[4,1,3,2]}").json(), json!({"mean": 2, "median": 3}));
    call("{}").failed(1, &["the function answered with an error", "because: invalid-argument"]);
    folder.run(&["call", &stats, "calc_stats"]).failed(2, &["`calc_stats` takes JSON: give --json TEXT"]);
    folder.run(&["call", &stats, "calc_stats", "1"]).failed(2, &["`calc_stats` takes JSON"]);
}

#[test]
fn a_picture_is_ranked_with_labels() {
    let folder = Folder::with_digits();
    for (file, digit) in [("samples/000_2.png", "2"), ("samples/002_0.png", "0"), ("samples/009_1.png", "1")] {
        let out = folder.run(&["call", "digits.wasm", "predict", "--image", &digits(file), "--top", "3"]).done();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((lines.len(), lines[0]), (4, "probabilities f32[1, 10]"), "{out}");
        let best: Vec<&str> = lines[1].split_whitespace().collect();
        assert_eq!(best[..2], [digit, digit], "{file}: {out}");
        assert!(best[3].starts_with('█'), "{out}");
    }
}

#[test]
fn tensors_come_out_as_json_with_as_many_numbers_as_the_shape_says() {
    let folder = Folder::with_digits();
    let image = held_out_image(0);
    folder.write("x.npy", npy::write(&image));
    let infer = ["call", "digits.wasm", "infer", "--tensor", "x.npy", "--format", "json"];
    let out = folder.run(&infer).done();
    assert!(out.starts_with(r#"{"dtype":"FP32","shape":[1,10],"strides":null,"data":["#), "{out}");
    let value: Value = serde_json::from_str(&out).unwrap();
    let data: Vec<f64> = value["data"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect();
    assert_eq!(data.len(), 10);
    let reference = npy::read(&std::fs::read(digits("reference.npy")).unwrap()).unwrap().f64s();
    for (found, expected) in data.iter().zip(&reference[..10]) {
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
    }

    let out = folder.run(&["call", "digits.wasm", "infer", "--tensor", "image=x.npy", "--output", "y.npy"]).done();
    assert!(out.starts_with("probabilities f32[1, 10]\n      2  2  "), "{out}");
    let written = npy::read(&folder.read("y.npy")).unwrap();
    let exact = |number: &f32| serde_json::from_str::<f64>(&format!("{number:?}")).unwrap();
    assert_eq!(written.f32s().unwrap().iter().map(exact).collect::<Vec<_>>(), data);
}

#[test]
fn several_outputs_are_told_apart_by_name() {
    let folder = Folder::new();
    let nodes: &[Node<'_>] = &[("Relu", "r", &["x"], &["above"]), ("Neg", "n", &["x"], &["negative"])];
    folder.write("m.onnx", model(&[Dim::Size(2), Dim::Size(2)], nodes, &["above", "negative"]));
    folder.run(&["build", "m.onnx"]).done();
    folder.write("x.npy", npy::write(&Tensor::from_f32s(vec![2, 2], &[1.0, -2.0, 3.5, -4.0]).unwrap()));
    let infer = ["call", "m.wasm", "infer", "--tensor", "x.npy"];
    let value = folder.run(&[&infer[..], &["--format", "json"]].concat()).json();
    let tensor = |data: Value| json!({"dtype": "FP32", "shape": [2, 2], "strides": null, "data": data});
    let expected =
        json!({"above": tensor(json!([1.0, 0.0, 3.5, 0.0])), "negative": tensor(json!([-1.0, 2.0, -3.5, 4.0]))});
    assert_eq!(value, expected);

    folder.run(&[&infer[..], &["--output", "negative=n.npy", "--output", "a.npy"]].concat()).done();
    let read = |name: &str| npy::read(&folder.read(name)).unwrap().f32s().unwrap();
    assert_eq!((read("n.npy")[0], read("a.npy")[0]), (-1.0, 1.0));
    folder.run(&[&infer[..], &["--output", "z=z.npy"]].concat()).failed(2, &["no output `z`: it has above, negative"]);
    let many = ["--output", "1.npy", "--output", "2.npy", "--output", "3.npy"];
    folder.run(&[&infer[..], &many].concat()).failed(2, &["3.npy: the model has 2 outputs only"]);
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    let folder = Folder::new();
    folder.write("m.onnx", model(&[Dim::Size(2)], &[("Log", "l", &["x"], &["y"])], &["y"]));
    folder.run(&["build", "m.onnx", "--no-golden"]).done();
    folder.write("x.npy", npy::write(&Tensor::from_f32s(vec![2], &[1.0, 0.0]).unwrap()));
    let infer = ["call", "m.wasm", "infer", "--tensor", "x.npy"];
    folder.run(&[&infer[..], &["--format", "json"]].concat()).failed(1, &["element 1 of `y` is -inf", "--output"]);
    folder.run(&[&infer[..], &["--output", "y.npy"]].concat()).done();
    assert_eq!(npy::read(&folder.read("y.npy")).unwrap().f32s().unwrap(), [0.0, f32::NEG_INFINITY]);
}

#[test]
fn wrong_combinations_say_what_to_give() {
    let folder = Folder::with_digits();
    folder.write("x.npy", npy::write(&held_out_image(0)));
    folder.write("flat.npy", npy::write(&Tensor::from_f32s(vec![64], &[0.0; 64]).unwrap()));
    let call = |arguments: &[&str]| folder.run(&[&["call", "digits.wasm"], arguments].concat());
    let sample = digits("samples/000_2.png");
    call(&["infer"]).failed(2, &["`infer` takes tensors: give --tensor FILE.npy for image"]);
    call(&["infer", "--image", &sample]).failed(2, &["`infer` takes tensors"]);
    call(&["predict", "--tensor", "x.npy"]).failed(2, &["`predict` takes a picture: give --image FILE"]);
    call(&["predict"]).failed(2, &["`predict` takes a picture"]);
    call(&["infer", "--tensor", "x.npy", "--tensor", "x.npy"]).failed(2, &["the model has 1 input (image), 2 given"]);
    call(&["infer", "--tensor", "y=x.npy"]).failed(2, &["no input `y`: it has image"]);
    call(&["infer", "--tensor", "x.npy", "--image", &sample]).failed(2, &["cannot be used with"]);
    call(&["infer", "--tensor", "x.npy", "--format", "json", "--top", "1"]).failed(2, &["--top"]);
    call(&["infer", "--tensor", "flat.npy"]).failed(1, &["input `image` of the model"]);
    call(&["infer", "--tensor", "missing.npy"]).failed(1, &["cannot read missing.npy"]);
    call(&["predict", "--image", "x.npy"]).failed(1, &["cannot use x.npy", "neither PNG nor JPEG"]);
    folder.write("wide.png", WIDE_PNG);
    call(&["predict", "--image", "wide.png"])
        .failed(1, &["cannot use wide.png", "16385 x 1 pixels, allowed are sides"]);
    folder.write("cut.png", &WIDE_PNG[..20]);
    call(&["predict", "--image", "cut.png"]).failed(1, &["cannot use cut.png", "cannot be decoded"]);
    folder.run(&["build", &digits("digits.onnx"), "-o", "plain.wasm"]).done();
    folder.run(&["call", "plain.wasm", "predict", "--image", &sample]).failed(2, &["built without --preprocess"]);
    let add = scalars();
    add.run(&["call", "s.wasm", "add", "1", "2", "--output", "y.npy"]).failed(2, &["leave --output away"]);
}

#[test]
fn broken_files_are_not_called() {
    let folder = Folder::with_digits();
    let whole = folder.read("digits.wasm");
    for length in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        folder.write("cut.wasm", &whole[..length]);
        folder.run(&["call", "cut.wasm", "infer"]).failed(1, &["cannot load cut.wasm", "because: "]);
    }
}

/// A digit that the model was not trained on, as its input.
fn held_out_image(index: usize) -> Tensor {
    let images = npy::read(&std::fs::read(digits("heldout-images.npy")).unwrap()).unwrap().f64s();
    #[allow(clippy::cast_possible_truncation, reason = "numbers from 0 to 1 in sixteenths")]
    let pixels: Vec<f32> = images[64 * index..][..64].iter().map(|pixel| (pixel / 16.0) as f32).collect();
    Tensor::from_f32s(vec![1, 1, 8, 8], &pixels).unwrap()
}
