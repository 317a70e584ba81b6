//! Data in other files.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use wasmtube_onnx::{ImportOptions, Limits, decode, import, resolve};

use crate::builder::{Model, Wire, model, node, tensor};
use crate::check::{check_import, refusal, shown};

/// `y = x + w` with `w` in another file.
fn kept_elsewhere(entries: &[(&str, &str)]) -> Model {
    model(13)
        .input("x", "1,2")
        .graph(5, &elsewhere(Wire::default().varint(1, 2).varint(2, 1).text(8, "w"), entries))
        .node(node("Add", &["x", "w"], &["y"]))
        .output("y")
}

fn elsewhere(tensor: Wire, entries: &[(&str, &str)]) -> Wire {
    let entry =
        |wire: Wire, (key, value): &(&str, &str)| wire.message(13, &Wire::default().text(1, key).text(2, value));
    entries.iter().fold(tensor.varint(14, 1), entry)
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let floats = [1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    [("w.bin".to_owned(), floats)].into()
}

#[track_caller]
fn check_files(model: &Model, limits: &Limits, expect: Expect) {
    let (bytes, files) = (model.bytes(), files());
    let decoded = decode(&bytes, &Limits::STANDARD).unwrap();
    let text = match resolve(decoded, &files, limits) {
        Ok(model) => shown(import(&model, &ImportOptions::default())),
        Err(error) => refusal(&error),
    };
    expect.assert_eq(&text);
}

#[track_caller]
fn check(entries: &[(&str, &str)], expect: Expect) {
    check_files(&kept_elsewhere(entries), &Limits::STANDARD, expect);
}

#[test]
fn a_part_of_a_file_is_taken_in() {
    check(
        &[("location", "w.bin"), ("offset", "4"), ("length", "8")],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 2]
          const %1 "w" : f32[2] = [2.0, 3.0]
          %2 = add(%0, %1) : f32[1, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn without_a_length_the_shape_decides() {
    check(
        &[("location", "w.bin")],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 2]
          const %1 "w" : f32[2] = [1.0, 2.0]
          %2 = add(%0, %1) : f32[1, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn checksums_are_not_compared_and_that_is_said() {
    check(
        &[("location", "w.bin"), ("checksum", "da39a3ee5e6b4b0d3255bfef95601890afd80709")],
        expect![[r#"
        note: the SHA-1 checksums of other files are not compared; the digest of the model covers what was read
        graph "g" {
          input %0 "x" : f32[1, 2]
          const %1 "w" : f32[2] = [1.0, 2.0]
          %2 = add(%0, %1) : f32[1, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn constants_of_nodes_are_taken_in() {
    let value = elsewhere(Wire::default().varint(1, 1).varint(2, 1), &[("location", "w.bin"), ("offset", "8")]);
    let constant = node("Constant", &[], &["c"]).tensor("value", &value);
    let model = model(13).input("x", "1,2").node(constant).node(node("Add", &["x", "c"], &["y"])).output("y");
    check_files(
        &model,
        &Limits::STANDARD,
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 2]
          const %1 "c" : f32[1] = splat 3.0
          %2 = add(%0, %1) : f32[1, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn the_data_is_told_for_the_digest_in_the_order_of_the_tensors() {
    let v =
        elsewhere(Wire::default().varint(1, 1).varint(2, 1).text(8, "v"), &[("location", "w.bin"), ("offset", "12")]);
    let model = kept_elsewhere(&[("location", "w.bin")]).floats("inside", &[1], &[9.0]).graph(5, &v);
    let (bytes, files) = (model.bytes(), files());
    let model = resolve(decode(&bytes, &Limits::STANDARD).unwrap(), &files, &Limits::STANDARD).unwrap();
    let data: Vec<&[u8]> = model.external_data().collect();
    assert_eq!(data, [&files["w.bin"][..8], &files["w.bin"][12..]]);
}

#[test]
fn every_tensor_of_a_missing_file_is_named() {
    let w =
        |name: &str| elsewhere(Wire::default().varint(1, 1).varint(2, 1).text(8, name), &[("location", "other.bin")]);
    let model = kept_elsewhere(&[("location", "w.bin"), ("offset", "12")]).graph(5, &w("a")).graph(5, &w("b"));
    check_files(
        &model,
        &Limits::STANDARD,
        expect![[r#"
        E0207: tensor `w`: its data is in "w.bin", which has 16 bytes and not 8 from byte 12
          help: copy the file again, it was cut or belongs to another version of the model
        E0207: tensor `a`: its data is in "other.bin", which was not given
          help: save the model with its data inside: `onnx.save_model(model, path, save_as_external_data=False)`
        E0207: tensor `b`: its data is in "other.bin", which was not given
          help: save the model with its data inside: `onnx.save_model(model, path, save_as_external_data=False)`
    "#]],
    );
}

#[test]
fn a_part_beyond_the_end_is_refused() {
    check(
        &[("location", "w.bin"), ("offset", "12"), ("length", "8")],
        expect![[r#"
        E0207: tensor `w`: its data is in "w.bin", which has 16 bytes and not 8 from byte 12
          help: copy the file again, it was cut or belongs to another version of the model
    "#]],
    );
    check(
        &[("location", "w.bin"), ("offset", "18446744073709551615")],
        expect![[r#"
        E0207: tensor `w`: its data is in "w.bin", which has 16 bytes and not 8 from byte 18446744073709551615
          help: copy the file again, it was cut or belongs to another version of the model
    "#]],
    );
}

#[test]
fn a_part_that_does_not_fill_the_shape_is_refused() {
    check(
        &[("location", "w.bin"), ("length", "12")],
        expect![[r#"
        E0106: tensor `w`: 12 bytes do not fill [2] with 4 bytes each
          help: export the model again; the file is damaged or was cut
    "#]],
    );
}

#[test]
fn places_outside_of_the_folder_are_refused() {
    check(
        &[("location", "/etc/passwd")],
        expect![[r#"
        E0207: tensor `w`: its data is in "/etc/passwd", which is an absolute path and may lead anywhere
          help: put the file beside the model and save the model with its name as the location
    "#]],
    );
    check(
        &[("location", "data/../../w.bin")],
        expect![[r#"
        E0207: tensor `w`: its data is in "data/../../w.bin", which may leave the folder of the model
          help: put the file beside the model and save the model with its name as the location
    "#]],
    );
    check(
        &[("location", "C:w.bin")],
        expect![[r#"
        E0207: tensor `w`: its data is in "C:w.bin", which is not a plain path of folders and a file
          help: put the file beside the model and save the model with its name as the location
    "#]],
    );
    check(
        &[("location", "..\\w.bin")],
        expect![[r#"
        E0207: tensor `w`: its data is in "..\\w.bin", which is not a plain path of folders and a file
          help: put the file beside the model and save the model with its name as the location
    "#]],
    );
}

#[test]
fn entries_without_sense_are_refused() {
    check(
        &[],
        expect![[r#"
        E0207: tensor `w`: it does not say in which file its data is
          help: save the model again with `onnx.save_model`
    "#]],
    );
    check(
        &[("location", "w.bin"), ("offset", "-4")],
        expect![[r#"
        E0207: tensor `w`: the offset of its data is no number
          help: save the model again with `onnx.save_model`
    "#]],
    );
    check(
        &[("location", "w.bin"), ("location", "v.bin")],
        expect![[r#"
        E0207: tensor `w`: the location of its data is given twice
          help: save the model again with `onnx.save_model`
    "#]],
    );
}

#[test]
fn much_data_is_refused_before_it_is_read() {
    let limits = Limits { bytes: 7, ..Limits::STANDARD };
    check_files(
        &kept_elsewhere(&[("location", "w.bin")]),
        &limits,
        expect![[r#"
        E0102: tensor `w`: more than 7 bytes in other files
          help: make the model smaller, or split it
    "#]],
    );
}

#[test]
fn an_element_type_that_is_not_supported_is_told_as_such() {
    let model = model(13)
        .input("x", "1,2")
        .graph(5, &elsewhere(tensor("w", 11, &[2], &[]), &[("location", "missing.bin")]))
        .node(node("Add", &["x", "w"], &["y"]))
        .output("y");
    check_files(
        &model,
        &Limits::STANDARD,
        expect![[r#"
        E0203: tensor `w`: float64 is not supported
          help: convert the model to float32 or float16 before exporting
    "#]],
    );
}

#[test]
fn what_was_not_taken_in_is_refused() {
    check_import(
        &kept_elsewhere(&[("location", "w.bin")]),
        expect![[r#"
        E0207: tensor `w`: its data is in another file, which is read for initializers and the `value` of Constant only
          help: save the model with its data inside: `onnx.save_model(model, path, save_as_external_data=False)`
    "#]],
    );
}
