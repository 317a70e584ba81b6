use expect_test::expect;

use crate::builder::{node, single};
use crate::check::check_import;

#[test]
fn max_pool_floors() {
    check_import(
        &single(13, "1,2,5,5", node("MaxPool", &["x"], &["y"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = max_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 0.0, 0.0]} : f32[1, 2, 2, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 2, 2] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn max_pool_ceil_mode_becomes_padding() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]).int("ceil_mode", 1),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = max_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 1.0, 1.0]} : f32[1, 3, 3, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn max_pool_ceil_mode_drops_a_window_in_the_padding() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y"]).ints("kernel_shape", &[1, 1]).ints("strides", &[3, 3]).int("ceil_mode", 1),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = max_pool(%1) {kernel = [1.0, 1.0], strides = [3.0, 3.0], padding = [0.0, 0.0, 0.0, 0.0]} : f32[1, 2, 2, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 2, 2] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn max_pool_same_upper() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y"])
                .ints("kernel_shape", &[2, 2])
                .ints("strides", &[2, 2])
                .string("auto_pad", "SAME_UPPER"),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = max_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 1.0, 1.0]} : f32[1, 3, 3, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn max_pool_over_a_sequence() {
    check_import(
        &single(13, "1,2,8", node("MaxPool", &["x"], &["y"]).ints("kernel_shape", &[3])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 8]
              %1 = reshape(%0) {shape = [1.0, 2.0, 1.0, 8.0]} : f32[1, 2, 1, 8] "y"
              %2 = transpose(%1) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 1, 8, 2] "y"
              %3 = max_pool(%2) {kernel = [1.0, 3.0], strides = [1.0, 1.0], padding = [0.0, 0.0, 0.0, 0.0]} : f32[1, 1, 6, 2] "y"
              %4 = transpose(%3) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 1, 6] "y"
              %5 = reshape(%4) {shape = [1.0, 2.0, 6.0]} : f32[1, 2, 6] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn max_pool_refuses_dilations() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y"])
                .ints("kernel_shape", &[2, 2])
                .ints("strides", &[2, 2])
                .ints("dilations", &[2, 2]),
        ),
        expect![[r#"
            E0202: MaxPool at node `y`: `dilations` of [2, 2] are not supported
              help: pool without dilation
        "#]],
    );
}

#[test]
fn max_pool_refuses_a_missing_kernel() {
    check_import(
        &single(13, "1,2,5,5", node("MaxPool", &["x"], &["y"])),
        expect![[r#"
            E0104: MaxPool at node `y`: the attribute `kernel_shape` is missing
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn max_pool_ignores_indices_that_nobody_reads() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y", "indices"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = max_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 0.0, 0.0]} : f32[1, 2, 2, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 2, 2] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn max_pool_refuses_indices_that_are_read() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("MaxPool", &["x"], &["y", "indices"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]),
        )
        .output("indices"),
        expect![[r#"
            E0201: MaxPool at node `y`: the output `indices` is used, and only the first is supported
              help: export the model without the further outputs of this node
        "#]],
    );
}

#[test]
fn average_pool_counts_what_is_inside() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("AveragePool", &["x"], &["y"])
                .ints("kernel_shape", &[2, 2])
                .ints("strides", &[2, 2])
                .ints("pads", &[1, 1, 0, 0]),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = average_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [1.0, 1.0, 0.0, 0.0], count_padding = [0.0]} : f32[1, 3, 3, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn average_pool_counts_padding() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("AveragePool", &["x"], &["y"])
                .ints("kernel_shape", &[2, 2])
                .ints("strides", &[2, 2])
                .ints("pads", &[1, 1, 0, 0])
                .int("count_include_pad", 1),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = average_pool(%1) {kernel = [2.0, 2.0], strides = [2.0, 2.0], padding = [1.0, 1.0, 0.0, 0.0], count_padding = [1.0]} : f32[1, 3, 3, 2] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn average_pool_ceil_mode_counts_only_given_padding() {
    check_import(
        &single(
            13,
            "1,2,5,5",
            node("AveragePool", &["x"], &["y"])
                .ints("kernel_shape", &[3, 3])
                .ints("strides", &[2, 2])
                .ints("pads", &[1, 1, 0, 0])
                .int("count_include_pad", 1)
                .int("ceil_mode", 1),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 5, 5, 2] "y"
              %2 = pad(%1) {before = [0.0, 1.0, 1.0, 0.0], after = [0.0, 0.0, 0.0, 0.0], value = [0.0]} : f32[1, 6, 6, 2] "y"
              %3 = average_pool(%2) {kernel = [3.0, 3.0], strides = [2.0, 2.0], padding = [0.0, 0.0, 1.0, 1.0], count_padding = [0.0]} : f32[1, 3, 3, 2] "y"
              %4 = transpose(%3) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 3] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[test]
fn global_pools_stay_channels_first() {
    check_import(
        &single(13, "1,2,5,5", node("GlobalAveragePool", &["x"], &["y"]))
            .node(node("GlobalMaxPool", &["x"], &["z"]))
            .output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5, 5]
              %1 = reduce_mean(%0) {axes = [2.0, 3.0]} : f32[1, 2, 1, 1] "y"
              %2 = reduce_max(%0) {axes = [2.0, 3.0]} : f32[1, 2, 1, 1] "z"
              output "y" = %1
              output "z" = %2
            }
        "#]],
    );
}

#[test]
fn global_pool_refuses_a_matrix() {
    check_import(
        &single(13, "2,3", node("GlobalAveragePool", &["x"], &["y"])),
        expect![[r#"
            E0105: GlobalAveragePool at node `y`: an input of rank 2 has no spatial axes
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn batch_normalization_turns_channels_last() {
    check_import(
        &single(
            15,
            "1,2,3,4",
            node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]).float("epsilon", 0.5).float("momentum", 0.1),
        )
        .floats("s", &[2], &[1.0, 2.0])
        .floats("o", &[2], &[3.0, 4.0])
        .floats("m", &[2], &[5.0, 6.0])
        .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 3, 4]
              const %2 "s" : f32[2] = [1.0, 2.0]
              const %3 "o" : f32[2] = [3.0, 4.0]
              const %4 "m" : f32[2] = [5.0, 6.0]
              const %5 "v" : f32[2] = [7.0, 8.0]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 3, 4, 2] "y"
              %6 = batch_norm(%1, %2, %3, %4, %5) {epsilon = [0.5]} : f32[1, 3, 4, 2] "y"
              %7 = transpose(%6) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 3, 4] "y"
              output "y" = %7
            }
        "#]],
    );
}

#[test]
fn batch_normalization_of_a_matrix_needs_no_turn() {
    check_import(
        &single(15, "3,2", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3, 2]
              const %1 "s" : f32[2] = [1.0, 2.0]
              const %2 "o" : f32[2] = [3.0, 4.0]
              const %3 "m" : f32[2] = [5.0, 6.0]
              const %4 "v" : f32[2] = [7.0, 8.0]
              %5 = batch_norm(%0, %1, %2, %3, %4) {epsilon = [9.999999747378752e-6]} : f32[3, 2] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn batch_normalization_of_a_sequence() {
    check_import(
        &single(15, "1,2,5", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 5]
              const %2 "s" : f32[2] = [1.0, 2.0]
              const %3 "o" : f32[2] = [3.0, 4.0]
              const %4 "m" : f32[2] = [5.0, 6.0]
              const %5 "v" : f32[2] = [7.0, 8.0]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 1.0]} : f32[1, 5, 2] "y"
              %6 = batch_norm(%1, %2, %3, %4, %5) {epsilon = [9.999999747378752e-6]} : f32[1, 5, 2] "y"
              %7 = transpose(%6) {permutation = [0.0, 2.0, 1.0]} : f32[1, 2, 5] "y"
              output "y" = %7
            }
        "#]],
    );
}

#[test]
fn batch_normalization_refuses_training() {
    check_import(
        &single(15, "1,2,3,4", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]).int("training_mode", 1))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            E0202: BatchNormalization at node `y`: training is not supported
              help: export the model for inference (`model.eval()`)
        "#]],
    );
}

#[test]
fn batch_normalization_refuses_statistics() {
    check_import(
        &single(15, "1,2,3,4", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y", "mean", "var"]))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            E0202: BatchNormalization at node `y`: training is not supported
              help: export the model for inference (`model.eval()`)
        "#]],
    );
}

#[test]
fn batch_normalization_refuses_old_non_spatial_form() {
    check_import(
        &single(7, "1,2,3,4", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]).int("spatial", 0))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            E0202: BatchNormalization at node `y`: statistics for each position are not supported
              help: export the model with `spatial` = 1 or a newer operator set
        "#]],
    );
}

#[test]
fn batch_normalization_refuses_other_channels() {
    check_import(
        &single(15, "1,3,4,4", node("BatchNormalization", &["x", "s", "o", "m", "v"], &["y"]))
            .floats("s", &[2], &[1.0, 2.0])
            .floats("o", &[2], &[3.0, 4.0])
            .floats("m", &[2], &[5.0, 6.0])
            .floats("v", &[2], &[7.0, 8.0]),
        expect![[r#"
            E0105: BatchNormalization at node `y`: parameter: [2] does not fit [3]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}
