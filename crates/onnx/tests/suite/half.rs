//! Half precision is widened.

use expect_test::expect;

use crate::builder::{Wire, model, node, single, tensor, value_info};
use crate::check::check_import;

/// 1, -2, the smallest number and infinity.
const BITS: [u16; 4] = [0x3c00, 0xc000, 0x0001, 0x7c00];

fn raw() -> Vec<u8> {
    BITS.iter().flat_map(|bits| bits.to_le_bytes()).collect()
}

#[test]
fn initializers_are_widened_with_one_note() {
    let list = BITS.iter().fold(Wire::default().varint(1, 4).varint(2, 10).text(8, "typed"), |wire, bits| {
        wire.varint(5, i64::from(*bits))
    });
    check_import(
        &model(13)
            .input("x", "1,4")
            .graph(5, &tensor("raw", 10, &[4], &raw()))
            .graph(5, &list)
            .node(node("Add", &["x", "raw"], &["a"]))
            .node(node("Mul", &["a", "typed"], &["y"]))
            .output("y"),
        expect![[r#"
            note: float16 is widened to float32, without loss, and everything is computed in float32, without rounding in between
            graph "g" {
              input %0 "x" : f32[1, 4]
              const %1 "raw" : f32[4] = [1.0, -2.0, 5.9604645e-8, inf]
              const %3 "typed" : f32[4] = [1.0, -2.0, 5.9604645e-8, inf]
              %2 = add(%0, %1) : f32[1, 4] "a"
              %4 = mul(%2, %3) : f32[1, 4] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[test]
fn constants_are_widened() {
    check_import(
        &model(13)
            .input("x", "1,4")
            .node(node("Constant", &[], &["c"]).tensor("value", &tensor("", 10, &[4], &raw())))
            .node(node("Add", &["x", "c"], &["y"]))
            .output("y"),
        expect![[r#"
            note: float16 is widened to float32, without loss, and everything is computed in float32, without rounding in between
            graph "g" {
              input %0 "x" : f32[1, 4]
              const %1 "c" : f32[4] = [1.0, -2.0, 5.9604645e-8, inf]
              %2 = add(%0, %1) : f32[1, 4] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn inputs_and_outputs_become_float32_with_a_note() {
    check_import(
        &model(13)
            .graph(11, &value_info("x", 10, "1,3"))
            .node(node("Relu", &["x"], &["y"]))
            .graph(12, &value_info("y", 10, "1,3")),
        expect![[r#"
            note: the input `x` is float16 in the model and float32 in the module
            note: the output `y` is float16 in the model and float32 in the module
            graph "g" {
              input %0 "x" : f32[1, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn casts_of_computed_values_do_nothing_with_one_note() {
    check_import(
        &model(13)
            .input("x", "1,3")
            .node(node("Cast", &["x"], &["h"]).int("to", 10))
            .node(node("Relu", &["h"], &["r"]))
            .node(node("Cast", &["r"], &["f"]).int("to", 1))
            .node(node("Cast", &["f"], &["y"]).int("to", 10))
            .output("y"),
        expect![[r#"
            note: casts of computed values to float16 do nothing: they stay float32, neither rounded nor infinite above 65504
            graph "g" {
              input %0 "x" : f32[1, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3] "r"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn casts_of_constants_round() {
    check_import(
        &model(13)
            .input("x", "1,3")
            .floats("w", &[3], &[0.1, 65_519.0, -65_520.0])
            .ints("i", &[2049, 65_519, 1 << 40])
            .node(node("Cast", &["w"], &["h"]).int("to", 10))
            .node(node("Cast", &["i"], &["k"]).int("to", 10))
            .node(node("Add", &["x", "h"], &["a"]))
            .node(node("Add", &["a", "k"], &["y"]))
            .output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 3]
              const %1 "h" : f32[3] = [0.099975586, 65504.0, -inf]
              const %3 "k" : f32[3] = [2048.0, 65504.0, inf]
              %2 = add(%0, %1) : f32[1, 3] "a"
              %4 = add(%2, %3) : f32[1, 3] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[test]
fn data_that_does_not_fit_is_refused() {
    let typed = Wire::default().varint(1, 1).varint(2, 10).text(8, "typed").varint(5, 0x1_0000);
    check_import(
        &single(13, "1", node("Relu", &["x"], &["y"])).graph(5, &tensor("raw", 10, &[2], &[0; 3])).graph(5, &typed),
        expect![[r#"
            E0106: tensor `raw`: 3 bytes do not fill [2] with 2 bytes each
              help: export the model again; the file is damaged or was cut
            E0106: tensor `typed`: 65536 is not the bits of a float16
              help: export the model again; the file is damaged or was cut
        "#]],
    );
}
