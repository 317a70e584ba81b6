use expect_test::expect;

use crate::builder::{model, node, single};
use crate::check::check_import;

#[test]
fn conv_turns_channels_last_and_transposes_its_weights() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"])).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [1.0]} : f32[1, 3, 3, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_with_everything() {
    check_import(
        &single(
            13,
            "1,1,4,4",
            node("Conv", &["x", "w", "b"], &["y"])
                .ints("strides", &[2, 1])
                .ints("dilations", &[1, 2])
                .ints("pads", &[1, 0, 2, 3])
                .int("group", 1)
                .ints("kernel_shape", &[2, 2]),
        )
        .count("w", &[2, 1, 2, 2])
        .floats("b", &[2], &[5.0, 6.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "b" : f32[2] = [5.0, 6.0]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [2.0, 1.0], dilations = [1.0, 2.0], padding = [1.0, 0.0, 2.0, 3.0], groups = [1.0]} : f32[1, 3, 5, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 5] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_depthwise() {
    check_import(
        &single(13, "1,2,4,4", node("Conv", &["x", "w"], &["y"]).int("group", 2)).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 2] "y"
              %4 = conv(%1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [2.0]} : f32[1, 3, 3, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_same_upper_puts_the_odd_row_after() {
    check_import(
        &single(
            13,
            "1,1,5,4",
            node("Conv", &["x", "w"], &["y"]).string("auto_pad", "SAME_UPPER").ints("strides", &[2, 1]),
        )
        .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 5, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [2.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 1.0, 1.0], groups = [1.0]} : f32[1, 3, 4, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 4] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_same_lower_puts_the_odd_row_before() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).string("auto_pad", "SAME_LOWER"))
            .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [1.0, 1.0, 0.0, 0.0], groups = [1.0]} : f32[1, 4, 4, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 4, 4] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_valid_pads_nothing() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).string("auto_pad", "VALID")).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [1.0]} : f32[1, 3, 3, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn conv_over_a_sequence_gets_a_height() {
    check_import(
        &single(13, "1,1,9", node("Conv", &["x", "w"], &["y"]).ints("pads", &[1, 0]).ints("strides", &[2]))
            .count("w", &[2, 1, 3]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 9]
              const %3 "w" : f32[1, 3, 1, 2] = [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
              const %4 "y" : f32[2] = splat 0.0
              %1 = reshape(%0) {shape = [1.0, 1.0, 1.0, 9.0]} : f32[1, 1, 1, 9] "y"
              %2 = transpose(%1) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 1, 9, 1] "y"
              %5 = conv(%2, %3, %4) {strides = [1.0, 2.0], dilations = [1.0, 1.0], padding = [0.0, 1.0, 0.0, 0.0], groups = [1.0]} : f32[1, 1, 4, 2] "y"
              %6 = transpose(%5) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 1, 4] "y"
              %7 = reshape(%6) {shape = [1.0, 2.0, 4.0]} : f32[1, 2, 4] "y"
              output "y" = %7
            }
        "#]],
    );
}

#[test]
fn conv_shares_weights_between_nodes() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]))
            .count("w", &[2, 1, 2, 2])
            .node(node("Conv", &["x", "w"], &["z"]))
            .output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %2 "w" : f32[2, 2, 1, 2] = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]
              const %3 "y" : f32[2] = splat 0.0
              const %7 "z" : f32[2] = splat 0.0
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = conv(%1, %2, %3) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [1.0]} : f32[1, 3, 3, 2] "y"
              %5 = transpose(%4) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              %6 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "z"
              %8 = conv(%6, %2, %7) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [1.0]} : f32[1, 3, 3, 2] "z"
              %9 = transpose(%8) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "z"
              output "y" = %5
              output "z" = %9
            }
        "#]],
    );
}

#[test]
fn conv_takes_weights_that_fold() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"])).count("v", &[2, 1, 2, 2]).node(node(
            "Neg",
            &["v"],
            &["w"],
        )),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 4, 4]
              const %1 "v" : f32[2, 1, 2, 2] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
              const %5 "y" : f32[2] = splat 0.0
              %2 = neg(%1) : f32[2, 1, 2, 2] "w"
              %3 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 4, 4, 1] "y"
              %4 = transpose(%2) {permutation = [2.0, 3.0, 1.0, 0.0]} : f32[2, 2, 1, 2] "y"
              %6 = conv(%3, %4, %5) {strides = [1.0, 1.0], dilations = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0], groups = [1.0]} : f32[1, 3, 3, 2] "y"
              %7 = transpose(%6) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %7
            }
        "#]],
    );
}

#[test]
fn conv_refuses_computed_weights() {
    check_import(
        &model(13).input("x", "1,1,4,4").input("w", "2,1,2,2").node(node("Conv", &["x", "w"], &["y"])).output("y"),
        expect![[r#"
            E0206: Conv at node `y`: the compiler must know the weights beforehand, not only when the model runs
              help: export the model with fixed shapes and constant parameters, or simplify it first (for example with onnxsim)
        "#]],
    );
}

#[test]
fn conv_refuses_channels_that_do_not_fit() {
    check_import(
        &single(13, "1,3,4,4", node("Conv", &["x", "w"], &["y"])).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0105: Conv at node `y`: 3 input channels in 1 groups do not fit weights for 1 to 2 channels
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_three_spatial_axes() {
    check_import(
        &single(13, "1,1,4,4,4", node("Conv", &["x", "w"], &["y"])).count("w", &[2, 1, 2, 2, 2]),
        expect![[r#"
            E0208: Conv at node `y`: an input of rank 5 is not supported
              help: only one or two spatial dimensions are supported
        "#]],
    );
}

#[test]
fn conv_refuses_a_kernel_shape_unlike_its_weights() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).ints("kernel_shape", &[3, 3]))
            .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0104: Conv at node `y`: `kernel_shape` says [3, 3] and the weights [2, 2]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_negative_padding() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).ints("pads", &[-1, 0, 0, 0]))
            .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0202: Conv at node `y`: negative padding is not supported
              help: cut the input with a Slice before this node
        "#]],
    );
}

#[test]
fn conv_refuses_a_window_beyond_the_input() {
    check_import(
        &single(13, "1,1,1,1", node("Conv", &["x", "w"], &["y"])).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0105: Conv at node `y`: a window of 2 does not fit a padded size of 1
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_zero_strides() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).ints("strides", &[0, 1])).count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0104: Conv at node `y`: `strides` holds 0, not 1 to 2147483647
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_auto_pad_with_pads() {
    check_import(
        &single(
            13,
            "1,1,4,4",
            node("Conv", &["x", "w"], &["y"]).string("auto_pad", "SAME_UPPER").ints("pads", &[1, 1, 1, 1]),
        )
        .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0104: Conv at node `y`: `pads` and an `auto_pad` of "SAME_UPPER" exclude each other
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_an_unknown_auto_pad() {
    check_import(
        &single(13, "1,1,4,4", node("Conv", &["x", "w"], &["y"]).string("auto_pad", "SAME\u{1b}"))
            .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0104: Conv at node `y`: `auto_pad` is `SAME\u{1b}`, which is not defined
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn conv_refuses_huge_padding() {
    check_import(
        &single(
            13,
            "1,1,4,4",
            node("Conv", &["x", "w"], &["y"]).ints("pads", &[2147483647, 2147483647, 2147483647, 2147483647]),
        )
        .count("w", &[2, 1, 2, 2]),
        expect![[r#"
            E0209: Conv at node `y`: a tensor of shape [1, 4294967297, 4294967297, 2] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}
