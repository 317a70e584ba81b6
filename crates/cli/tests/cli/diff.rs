use serde_json::Value;

use crate::build::noise;
use crate::folder::{Folder, digits};
use crate::onnx::{Dim, constant_model, model};

/// `y = exp(x)` on two numbers.
fn exp() -> Vec<u8> {
    model(&[Dim::Size(1), Dim::Size(2)], &[("Exp", "e", &["x"], &["y"])], &["y"])
}

/// A file of NumPy with the shape `[1, 2]`.
fn npy(descr: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1, 2), }}");
    let header = format!("{header:117}\n");
    [b"\x93NUMPY\x01\x00", &u16::try_from(header.len()).unwrap().to_le_bytes()[..], header.as_bytes(), bytes].concat()
}

fn floats(values: [f32; 2]) -> Vec<u8> {
    npy("<f4", &values.map(f32::to_le_bytes).concat())
}

fn with_exp() -> Folder {
    let folder = Folder::new();
    folder.write("m.onnx", exp());
    folder.write("x.npy", floats([0.0, 1.0]));
    folder
}

#[test]
fn our_model_is_right_step_by_step() {
    let folder = Folder::new();
    let out = folder.run(&["diff", &digits("digits.onnx")]).done();
    for part in ["inputs of seed 1, bound 1e-4", "file, imported graph", "  softmax ", "the same: nothing is beyond"] {
        assert!(out.contains(part), "{part:?} is not in:\n{out}");
    }
    for arguments in [&["--seed", "4"][..], &["--profile", "simd128"], &["--bound", "1e-5"]] {
        folder.run(&[&["diff", &digits("digits.onnx")], arguments].concat()).done();
    }
    assert!(folder.files().is_empty());
}

#[test]
fn a_reference_that_agrees_is_no_difference() {
    let folder = with_exp();
    folder.write("y.npy", floats([1.0, std::f32::consts::E]));
    let out = folder.run(&["diff", "m.onnx", "--tensor", "x=x.npy", "--reference", "y=y.npy"]).done();
    assert!(out.contains("the inputs that were given") && out.contains("imported graph, reference"), "{out}");
    // Whatever type another program answers.
    folder.write("y.npy", npy("<f8", &[1.0, std::f64::consts::E].map(f64::to_le_bytes).concat()));
    folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy"]).done();
}

#[test]
fn half_precision_is_widened() {
    let folder = with_exp();
    let halves = |bits: [u16; 2]| npy("<f2", &bits.map(u16::to_le_bytes).concat());
    folder.write("x.npy", halves([0x0000, 0x3c00]));
    folder.write("y.npy", floats([1.0, std::f32::consts::E]));
    folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy"]).done();
    folder.write("y.npy", halves([0x3c00, 0x4170]));
    folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy", "--bound", "1e-3"]).done();
    let ran = folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy"]);
    assert!(ran.code == Some(1) && ran.out.contains("contradicts the reference"), "{}", ran.out);
}

#[test]
fn a_reference_that_contradicts_holds_the_importer() {
    let folder = with_exp();
    folder.write("y.npy", floats([1.0, 2.0]));
    let ran = folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    let expected = "differs: the imported graph contradicts the reference: output `y`: element 1 is 2.7182";
    assert!(ran.out.contains(expected), "{}", ran.out);
    folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy", "--bound", "0.5"]).done();

    let ran = folder.run(&["diff", "m.onnx", "--tensor", "x.npy", "--reference", "y.npy", "--json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["differs"], &json["seed"]), (Some(1), &Value::Bool(true), &Value::Null));
    assert_eq!(json["fault"], serde_json::json!({ "kind": "importer", "output": "y" }));
    assert_eq!(json["outputs"][0]["imported"]["position"], 1);
    assert_eq!(json["steps"][0]["origin"], "e");
    assert_eq!(json["steps"][0]["differs"], false);
}

#[test]
fn what_does_not_fit_the_model_is_wrong_usage() {
    let folder = with_exp();
    folder.write("double.npy", npy("<f8", &[0; 16]));
    folder.write("cut.npy", npy("<f4", &[0; 4]));
    let check = |arguments: &[&str], code: i32, parts: &[&str]| {
        folder.run(&[&["diff", "m.onnx"], arguments].concat()).failed(code, parts);
    };
    check(&["--tensor", "z=x.npy"], 2, &["no input `z`: it has x"]);
    check(&["--reference", "z=x.npy"], 2, &["no output `z`: it has y"]);
    check(&["--tensor", "x.npy", "--tensor", "x.npy"], 2, &["2 tensors are given for inputs, the model has 1 (x)"]);
    check(&["--tensor", "x.npy", "--seed", "2"], 2, &["--seed"]);
    check(&["--tensor", "double.npy"], 1, &["cannot use double.npy", "it holds f64, an input is f32"]);
    check(&["--tensor", "cut.npy"], 1, &["cannot use cut.npy", "does not have 4 bytes"]);
    check(&["--tensor", "none.npy"], 1, &["cannot read none.npy"]);
    check(&["--tensor", "-"], 2, &["standard streams are not supported here"]);
    check(&["--bound", "-1"], 2, &["not negative"]);
    check(&["--bound", "nan"], 2, &["not negative"]);
    folder
        .run(&["diff", &digits("digits.onnx"), "--tensor", "x.npy"])
        .failed(2, &["input `image` is f32[1, 1, 8, 8], the tensor that is given is f32[1, 2]"]);
}

#[test]
fn a_step_that_enlarges_rounding_is_named() {
    let folder = Folder::new();
    folder.write("m.onnx", noise());
    let ran = folder.run(&["diff", "m.onnx"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""));
    assert!(ran.out.contains("<- the first\n") && ran.out.contains("differs: step 2, map at `s`: element "), "{ran:?}");
    let ran = folder.run(&["diff", "m.onnx", "--json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (ran.code, &json["fault"]),
        (Some(1), &serde_json::json!({ "kind": "step", "step": 2, "cause": "rounding" }))
    );
    let differs = |step: usize| json["steps"][step]["differs"].as_bool().unwrap();
    assert_eq!(json["steps"][2]["own"]["share"], 0.0);
    assert_eq!([differs(0), differs(1), differs(2)], [false, false, true]);
}

#[test]
fn a_model_without_inputs_or_steps_is_compared_too() {
    let folder = Folder::new();
    folder.write("m.onnx", constant_model());
    let out = folder.run(&["diff", "m.onnx"]).done();
    assert!(out.contains("file, imported graph") && !out.contains("steps of the file"), "{out}");
    folder.run(&["build", "m.onnx", "--check"]).done();
}

#[test]
fn a_model_that_is_refused_says_why() {
    let folder = Folder::new();
    folder.write("m.onnx", "this is not a model");
    folder.run(&["diff", "m.onnx"]).failed(1, &["error[E0101]"]);
    let ran = folder.run(&["diff", "m.onnx", "--json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["refused"][0]["code"]), (Some(1), &Value::from("E0101")));
    folder.run(&["diff", "none.onnx"]).failed(1, &["cannot read none.onnx"]);
}
