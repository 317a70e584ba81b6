//! Inputs that the caller makes constants.

use expect_test::{Expect, expect};
use wasmtube_onnx::{Array, Element, ImportOptions};

use crate::builder::{Model, model, node, value_info};
use crate::check::{check_options, with_dims};

fn array(element: Element, shape: &[usize], bytes: Vec<u8>) -> Array {
    Array { element, shape: shape.to_vec(), bytes }
}

fn floats(shape: &[usize], data: &[f32]) -> Array {
    array(Element::Float32, shape, data.iter().flat_map(|value| value.to_le_bytes()).collect())
}

fn ints(data: &[i64]) -> Array {
    array(Element::Int64, &[data.len()], data.iter().flat_map(|value| value.to_le_bytes()).collect())
}

#[track_caller]
fn check(model: &Model, constants: &[(&str, Array)], expect: Expect) {
    let constants = constants.iter().map(|(name, array)| ((*name).to_owned(), array.clone())).collect();
    check_options(model, &ImportOptions { constants, ..with_dims(&[]) }, expect);
}

/// `y = x + z` where both inputs have a free dimension.
fn sum() -> Model {
    model(13).input("x", "n,2").input("z", "n,2").node(node("Add", &["x", "z"], &["y"])).output("y")
}

/// `y = x` in the shape that the input `s` says.
fn reshape(element: i64) -> Model {
    model(13)
        .input("x", "2,3")
        .graph(11, &value_info("s", element, "rank"))
        .node(node("Cast", &["s"], &["to"]).int("to", 7))
        .node(node("Reshape", &["x", "to"], &["y"]))
        .output("y")
}

#[test]
fn a_frozen_input_is_a_constant_and_binds_dimensions() {
    check(
        &sum(),
        &[("z", floats(&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[3, 2]
          const %1 "z" : f32[3, 2] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
          %2 = add(%0, %1) : f32[3, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn integers_that_shape_the_graph_can_be_frozen() {
    check(
        &reshape(7),
        &[("s", ints(&[3, 2]))],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          %1 = reshape(%0) {shape = [3.0, 2.0]} : f32[3, 2] "y"
          output "y" = %1
        }
    "#]],
    );
    let narrow = array(Element::Int32, &[1], 6_i32.to_le_bytes().to_vec());
    check(
        &reshape(6),
        &[("s", narrow)],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          %1 = reshape(%0) {shape = [6.0]} : f32[6] "y"
          output "y" = %1
        }
    "#]],
    );
    check(
        &reshape(9),
        &[("s", array(Element::Bool, &[1], vec![1]))],
        expect![[r#"
        E0105: Reshape at node `y`: the shape [1] does not fit the elements of [2, 3]
          help: run `onnx.checker.check_model(model, full_check=True)` on the model
    "#]],
    );
}

#[test]
fn integers_are_refused_with_the_flag_that_freezes_them() {
    check(
        &reshape(7),
        &[],
        expect![[r#"
        E0203: input `s`: int64 is not supported
          help: freeze it, if it is always the same: `--const s=FILE.npy`
    "#]],
    );
}

#[test]
fn half_precision_stands_for_single_precision() {
    let halves = array(Element::Float16, &[1, 2], vec![0x00, 0x3c, 0x00, 0xc0]);
    check(
        &sum(),
        &[("z", halves)],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 2]
          const %1 "z" : f32[1, 2] = [1.0, -2.0]
          %2 = add(%0, %1) : f32[1, 2] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn another_type_is_refused() {
    check(
        &sum(),
        &[("z", ints(&[1, 2]))],
        expect![[r#"
            E0305: input `z`: the model declares float32, and the array of `--const` holds int64
              help: save the array again with `array.astype("float32")`
        "#]],
    );
    check(
        &reshape(7),
        &[("s", floats(&[2], &[3.0, 2.0]))],
        expect![[r#"
        E0305: input `s`: the model declares int64, and the array of `--const` holds float32
          help: save the array again with `array.astype("int64")`
    "#]],
    );
}

#[test]
fn another_shape_is_refused() {
    check(
        &sum(),
        &[("z", floats(&[2], &[1.0, 2.0]))],
        expect![[r#"
            E0305: input `z`: the array of `--const z` has 1 dimensions, and the model declares [n, 2]
              help: save the array with the shape that the model declares
        "#]],
    );
    check(
        &sum(),
        &[("z", floats(&[1, 3], &[1.0, 2.0, 3.0]))],
        expect![[r#"
            E0305: input `z`: the array of `--const z` gives axis 1 the size 3, and the model 2
              help: save the array with the shape that the model declares
        "#]],
    );
    check(
        &sum(),
        &[("z", floats(&[1, 2], &[1.0, 2.0])), ("x", floats(&[2, 2], &[1.0; 4]))],
        expect![[r#"
        E0305: input `z`: the array of `--const z` gives the dimension `n` the size 1, and the array of `--const x` the size 2
          help: give the dimension one size everywhere
    "#]],
    );
}

#[test]
fn elements_that_do_not_fill_the_shape_are_refused() {
    check(
        &sum(),
        &[("z", floats(&[1, 2], &[1.0]))],
        expect![[r#"
        E0305: input `z`: the array of `--const` has 4 bytes, not the 8 of its shape
          help: save the array again
    "#]],
    );
}

#[test]
fn only_inputs_can_be_frozen() {
    check(
        &sum(),
        &[("y", floats(&[1, 2], &[1.0, 2.0])), ("Z", floats(&[1], &[1.0]))],
        expect![[r#"
        E0305: no input is called `Z`
          help: did you mean `z`? The inputs of the model are `x`, `z`
        E0305: `y` is no input: the model computes it
          help: the inputs of the model are `x`, `z`
    "#]],
    );
    check(
        &sum().floats("w", &[1], &[1.0]),
        &[("w", floats(&[1], &[1.0]))],
        expect![[r#"
        E0305: `w` is no input: it has its value in the model
          help: the inputs of the model are `x`, `z`
    "#]],
    );
}
