use expect_test::{Expect, expect};
use wasmtube_onnx::{Limits, decode, text};

use crate::builder::{Model, Wire, model, node, single, tensor};
use crate::check::refusal;

#[track_caller]
fn check_decode(bytes: &[u8], limits: &Limits, expect: Expect) {
    let result = match decode(bytes, limits) {
        Ok(model) => text(&model),
        Err(error) => refusal(&error),
    };
    expect.assert_eq(&result);
}

#[track_caller]
fn check_bytes(bytes: &[u8], expect: Expect) {
    check_decode(bytes, &Limits::STANDARD, expect);
}

fn relu() -> Model {
    single(13, "n,3", node("Relu", &["x"], &["y"]).named("act"))
}

#[test]
fn text_shows_everything() {
    let graph = model(12).opsets(&[("", 12), ("com.example", 1)]).input("x", "n,?,3").input("s", "-");
    let graph = graph.count("w", &[2, 3]).graph(5, &tensor("h", 10, &[1], &[0, 0]));
    let graph = graph.node(node("Clip", &["x", "", "w"], &["a", "b"]).named("clip\n").float("min", 0.5));
    let graph = graph.node(node("Odd", &[], &["c"]).domain("com.example").ints("list", &[1; 20]).string("s", "é"));
    let constant = node("Constant", &[], &["d"]).tensor("value", &crate::builder::int_tensor("", &[2], &[7, -1]));
    let graph = graph.node(constant).node(node("If", &["d"], &["e"]).attribute("then_branch", 5, Wire::default()));
    check_bytes(
        &graph.output("a").bytes(),
        expect![[r#"
            model ir 8, opset 12, opset "com.example" 1, producer "builder" ""
            graph "g"
              input "x" : float32[n, ?, 3]
              input "s" : float32[..]
              output "a" : float32[..]
              initializer "w" : float32[2, 3]
              initializer "h" : float16[1]
              node "clip\n": "a", "b" = Clip("x", "", "w") {min = 0.5}
              node "": "c" = com.example.Odd() {list = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, .. 20 in all], s = "é"}
              node "": "d" = Constant() {value = int64[2] [7, -1]}
              node "": "e" = If("d") {then_branch = graph}
        "#]],
    );
}

#[test]
fn empty_file_is_refused() {
    check_bytes(
        &[],
        expect![[r#"
            E0101: no graph in the 0 bytes
              help: the file is empty; export it again
        "#]],
    );
}

#[test]
fn text_file_is_refused() {
    check_bytes(
        b"{\"graph\": 1}",
        expect![[r#"
            E0101: an unknown wire type at byte 0 of 12
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn files_of_other_kinds_are_recognized() {
    check_bytes(
        b"PK\x03\x04 and more",
        expect![[r#"
            E0101: no field number at byte 2 of 13
              help: this looks like a zip archive, such as a PyTorch checkpoint; give the .onnx file that was exported from it
        "#]],
    );
    check_bytes(
        b"\x1c\0\0\0TFL3 and more",
        expect![[r#"
            E0101: an unknown wire type at byte 0 of 17
              help: this looks like a TensorFlow Lite model; give the .onnx file that was exported from it
        "#]],
    );
    check_bytes(
        b"\x89HDF\r\n",
        expect![[r#"
            E0101: a field longer than what holds it at byte 2 of 6
              help: this looks like an HDF5 file, such as a Keras model; give the .onnx file that was exported from it
        "#]],
    );
    check_bytes(
        b"\0asm\x01\0\0\0",
        expect![[r#"
            E0101: no field number at byte 0 of 8
              help: this looks like a Wasm module; give the .onnx file that was exported from it
        "#]],
    );
    check_bytes(
        b"version https://git-lfs.github.com/spec/v1\n",
        expect![[r#"
            E0101: an unknown wire type at byte 0 of 43
              help: this looks like a Git LFS pointer; fetch the file itself with `git lfs pull`
        "#]],
    );
}

#[test]
fn cut_file_is_refused_with_the_offset() {
    let bytes = relu().bytes();
    check_bytes(
        &bytes[..bytes.len() / 2],
        expect![[r#"
            E0101: a field longer than what holds it at byte 13 of 37
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn model_without_graph_is_refused() {
    check_bytes(
        &Wire::default().varint(1, 8).0,
        expect![[r#"
            E0101: no graph in the 2 bytes
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn model_without_a_version_of_the_format_is_refused() {
    let graph = Wire::default().message(7, &Wire::default());
    check_bytes(
        &graph.0,
        expect![[r#"
        E0101: `ir_version`, the version of the format, is missing
          help: export the model again, and run `onnx.checker.check_model` on it
    "#]],
    );
    check_bytes(
        &relu().ir_version(0).bytes(),
        expect![[r#"
        E0101: `ir_version`, the version of the format, is 0
          help: export the model again, and run `onnx.checker.check_model` on it
    "#]],
    );
    check_bytes(
        &relu().ir_version(-1).bytes(),
        expect![[r#"
        E0101: `ir_version`, the version of the format, is -1
          help: export the model again, and run `onnx.checker.check_model` on it
    "#]],
    );
}

#[test]
fn wrong_wire_type_is_refused() {
    check_bytes(
        &Wire::default().text(1, "eight").0,
        expect![[r#"
            E0101: a field of the wrong type at byte 0 of 7
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn name_that_is_not_text_is_refused() {
    check_bytes(
        &Wire::default().bytes(2, b"ab\xff").0,
        expect![[r#"
            E0101: a name that is not UTF-8 at byte 4 of 5
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn group_is_refused() {
    check_bytes(
        &[0x7b, 0x7c],
        expect![[r#"
            E0101: an unknown wire type at byte 0 of 2
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn overlong_number_is_refused() {
    check_bytes(
        &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
        expect![[r#"
            E0101: a number of more than 64 bits at byte 1 of 11
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn odd_list_of_floats_is_refused() {
    let graph = model(13).graph(5, &Wire::default().bytes(4, &[0; 6]));
    check_bytes(
        &graph.bytes(),
        expect![[r#"
            E0101: a cut list of floats at byte 20 of 32
              help: check that the file is an ONNX model and was copied whole
        "#]],
    );
}

#[test]
fn file_beyond_the_limit_is_refused() {
    check_decode(
        &[0; 9],
        &Limits { bytes: 8, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 8 bytes
              help: make the model smaller, or split it
        "#]],
    );
}

#[test]
fn each_limit_holds() {
    let small = |limits: Limits, expect: Expect| check_decode(&relu().count("w", &[2]).bytes(), &limits, expect);
    let attribute = relu().node(node("Softmax", &["x"], &["z"]).int("axis", 1));
    check_decode(
        &attribute.bytes(),
        &Limits { attributes: 0, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 0 attributes
              help: make the model smaller, or split it
        "#]],
    );
    small(
        Limits { nodes: 0, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 0 nodes
              help: make the model smaller, or split it
        "#]],
    );
    small(
        Limits { tensors: 0, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 0 tensors
              help: make the model smaller, or split it
        "#]],
    );
    small(
        Limits { values: 1, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 1 inputs and outputs
              help: make the model smaller, or split it
        "#]],
    );
    small(
        Limits { entries: 2, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 2 names
              help: make the model smaller, or split it
        "#]],
    );
    small(
        Limits { name: 0, ..Limits::STANDARD },
        expect![[r#"
        E0102: more than 0 bytes in the name of an input, an output or a dimension
          help: make the model smaller, or split it
    "#]],
    );
    small(
        Limits { numbers: 0, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 0 numbers of four bytes in lists
              help: make the model smaller, or split it
        "#]],
    );
}

#[test]
fn a_million_empty_nodes_are_refused_before_they_are_decoded() {
    let nodes = [0x0a, 0x00].repeat(1_000_000);
    let graph = Wire::default().bytes(7, &nodes);
    check_bytes(
        &graph.0,
        expect![[r#"
            E0102: more than 65536 nodes
              help: make the model smaller, or split it
        "#]],
    );
}

#[test]
fn packed_numbers_are_counted() {
    let numbers = Wire::default().bytes(7, &[1; 2000]);
    let bytes = model(13).graph(5, &numbers).bytes();
    check_decode(
        &bytes,
        &Limits { numbers: 1000, ..Limits::STANDARD },
        expect![[r#"
            E0102: more than 1000 numbers of four bytes in lists
              help: make the model smaller, or split it
        "#]],
    );
}
