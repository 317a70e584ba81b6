//! Operators that become several of ours.

use expect_test::expect;

use crate::builder::{node, single};
use crate::check::check_import;

#[test]
fn elu() {
    check_import(
        &single(13, "2,3", node("Elu", &["x"], &["y"]).float("alpha", 0.5)),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %4 "1.0" : f32[] = splat 1.0
          const %6 "0.5" : f32[] = splat 0.5
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[2, 3] "y"
          %2 = clamp(%0) {bounds = [-inf, 0.0]} : f32[2, 3] "y"
          %3 = exp(%2) : f32[2, 3] "y"
          %5 = sub(%3, %4) : f32[2, 3] "y"
          %7 = mul(%5, %6) : f32[2, 3] "y"
          %8 = add(%1, %7) : f32[2, 3] "y"
          output "y" = %8
        }
    "#]],
    );
}

#[test]
fn softplus() {
    check_import(
        &single(13, "2,3", node("Softplus", &["x"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %5 "1.0" : f32[] = splat 1.0
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[2, 3] "y"
          %2 = abs(%0) : f32[2, 3] "y"
          %3 = neg(%2) : f32[2, 3] "y"
          %4 = exp(%3) : f32[2, 3] "y"
          %6 = add(%4, %5) : f32[2, 3] "y"
          %7 = log(%6) : f32[2, 3] "y"
          %8 = add(%1, %7) : f32[2, 3] "y"
          output "y" = %8
        }
    "#]],
    );
}

#[test]
fn softsign() {
    check_import(
        &single(13, "2,3", node("Softsign", &["x"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %2 "1.0" : f32[] = splat 1.0
          %1 = abs(%0) : f32[2, 3] "y"
          %3 = add(%1, %2) : f32[2, 3] "y"
          %4 = div(%0, %3) : f32[2, 3] "y"
          output "y" = %4
        }
    "#]],
    );
}

#[test]
fn reciprocal() {
    check_import(
        &single(13, "2,3", node("Reciprocal", &["x"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %1 "1.0" : f32[] = splat 1.0
          %2 = div(%1, %0) : f32[2, 3] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn prelu_with_a_slope_for_each_channel() {
    let prelu = node("PRelu", &["x", "c"], &["y"]);
    check_import(
        &single(16, "1,3,2,2", prelu).floats("c", &[3, 1, 1], &[0.1, 0.2, -0.3]),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 3, 2, 2]
          const %3 "c" : f32[3, 1, 1] = [0.1, 0.2, -0.3]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3, 2, 2] "y"
          %2 = clamp(%0) {bounds = [-inf, 0.0]} : f32[1, 3, 2, 2] "y"
          %4 = mul(%2, %3) : f32[1, 3, 2, 2] "y"
          %5 = add(%1, %4) : f32[1, 3, 2, 2] "y"
          output "y" = %5
        }
    "#]],
    );
}

#[test]
fn prelu_refuses_a_slope_that_is_larger() {
    let prelu = node("PRelu", &["x", "c"], &["y"]);
    check_import(
        &single(16, "1,3", prelu).floats("c", &[2, 3], &[0.1; 6]),
        expect![[r#"
        E0105: PRelu at node `y`: a slope of shape [2, 3] does not broadcast to [1, 3]
          help: run `onnx.checker.check_model(model, full_check=True)` on the model
    "#]],
    );
}

#[test]
fn gelu_with_a_hyperbolic_tangent() {
    check_import(
        &single(20, "2,3", node("Gelu", &["x"], &["y"]).string("approximate", "tanh")),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %2 "0.044715" : f32[] = splat 0.044715
          const %4 "1.0" : f32[] = splat 1.0
          const %6 "0.7978845" : f32[] = splat 0.7978845
          const %12 "0.5" : f32[] = splat 0.5
          %1 = mul(%0, %0) : f32[2, 3] "y"
          %3 = mul(%1, %2) : f32[2, 3] "y"
          %5 = add(%3, %4) : f32[2, 3] "y"
          %7 = mul(%0, %6) : f32[2, 3] "y"
          %8 = mul(%7, %5) : f32[2, 3] "y"
          %9 = tanh(%8) : f32[2, 3] "y"
          %10 = add(%9, %4) : f32[2, 3] "y"
          %11 = mul(%0, %10) : f32[2, 3] "y"
          %13 = mul(%11, %12) : f32[2, 3] "y"
          output "y" = %13
        }
    "#]],
    );
}

#[test]
fn gelu_is_an_error_function() {
    check_import(
        &single(20, "2", node("Gelu", &["x"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2]
          const %1 "0.70710677" : f32[] = splat 0.70710677
          const %5 "0.3275911" : f32[] = splat 0.3275911
          const %7 "1.0" : f32[] = splat 1.0
          const %10 "1.0614054" : f32[] = splat 1.0614054
          const %12 "-1.453152" : f32[] = splat -1.453152
          const %15 "1.4214137" : f32[] = splat 1.4214137
          const %18 "-0.28449675" : f32[] = splat -0.28449675
          const %21 "0.2548296" : f32[] = splat 0.2548296
          const %29 "1e-30" : f32[] = splat 1e-30
          const %35 "0.5" : f32[] = splat 0.5
          %2 = mul(%0, %1) : f32[2] "y"
          %3 = clamp(%2) {bounds = [-4.0, 4.0]} : f32[2] "y"
          %4 = abs(%3) : f32[2] "y"
          %6 = mul(%4, %5) : f32[2] "y"
          %8 = add(%6, %7) : f32[2] "y"
          %9 = div(%7, %8) : f32[2] "y"
          %11 = mul(%10, %9) : f32[2] "y"
          %13 = add(%11, %12) : f32[2] "y"
          %14 = mul(%13, %9) : f32[2] "y"
          %16 = add(%14, %15) : f32[2] "y"
          %17 = mul(%16, %9) : f32[2] "y"
          %19 = add(%17, %18) : f32[2] "y"
          %20 = mul(%19, %9) : f32[2] "y"
          %22 = add(%20, %21) : f32[2] "y"
          %23 = mul(%22, %9) : f32[2] "y"
          %24 = mul(%3, %3) : f32[2] "y"
          %25 = neg(%24) : f32[2] "y"
          %26 = exp(%25) : f32[2] "y"
          %27 = mul(%23, %26) : f32[2] "y"
          %28 = sub(%7, %27) : f32[2] "y"
          %30 = max(%4, %29) : f32[2] "y"
          %31 = div(%3, %30) : f32[2] "y"
          %32 = mul(%31, %28) : f32[2] "y"
          %33 = add(%32, %7) : f32[2] "y"
          %34 = mul(%0, %33) : f32[2] "y"
          %36 = mul(%34, %35) : f32[2] "y"
          output "y" = %36
        }
    "#]],
    );
}

#[test]
fn gelu_refuses_another_approximation() {
    check_import(
        &single(20, "2", node("Gelu", &["x"], &["y"]).string("approximate", "sigmoid")),
        expect![[r#"
        E0104: Gelu at node `y`: `approximate` is "sigmoid", neither `none` nor `tanh`
          help: run `onnx.checker.check_model(model, full_check=True)` on the model
    "#]],
    );
}

#[test]
fn erf() {
    check_import(
        &single(13, "2", node("Erf", &["x"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2]
          const %3 "0.3275911" : f32[] = splat 0.3275911
          const %5 "1.0" : f32[] = splat 1.0
          const %8 "1.0614054" : f32[] = splat 1.0614054
          const %10 "-1.453152" : f32[] = splat -1.453152
          const %13 "1.4214137" : f32[] = splat 1.4214137
          const %16 "-0.28449675" : f32[] = splat -0.28449675
          const %19 "0.2548296" : f32[] = splat 0.2548296
          const %27 "1e-30" : f32[] = splat 1e-30
          %1 = clamp(%0) {bounds = [-4.0, 4.0]} : f32[2] "y"
          %2 = abs(%1) : f32[2] "y"
          %4 = mul(%2, %3) : f32[2] "y"
          %6 = add(%4, %5) : f32[2] "y"
          %7 = div(%5, %6) : f32[2] "y"
          %9 = mul(%8, %7) : f32[2] "y"
          %11 = add(%9, %10) : f32[2] "y"
          %12 = mul(%11, %7) : f32[2] "y"
          %14 = add(%12, %13) : f32[2] "y"
          %15 = mul(%14, %7) : f32[2] "y"
          %17 = add(%15, %16) : f32[2] "y"
          %18 = mul(%17, %7) : f32[2] "y"
          %20 = add(%18, %19) : f32[2] "y"
          %21 = mul(%20, %7) : f32[2] "y"
          %22 = mul(%1, %1) : f32[2] "y"
          %23 = neg(%22) : f32[2] "y"
          %24 = exp(%23) : f32[2] "y"
          %25 = mul(%21, %24) : f32[2] "y"
          %26 = sub(%5, %25) : f32[2] "y"
          %28 = max(%2, %27) : f32[2] "y"
          %29 = div(%1, %28) : f32[2] "y"
          %30 = mul(%29, %26) : f32[2] "y"
          output "y" = %30
        }
    "#]],
    );
}

#[test]
fn layer_normalization_over_the_last_axis() {
    let normalize = node("LayerNormalization", &["x", "s", "b"], &["y"]);
    let model = single(17, "2,3", normalize).floats("s", &[3], &[1.0, 2.0, 3.0]).floats("b", &[3], &[0.1, 0.2, 0.3]);
    check_import(
        &model,
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          const %5 "1e-5" : f32[] = splat 1e-5
          const %9 "s" : f32[3] = [1.0, 2.0, 3.0]
          const %11 "b" : f32[3] = [0.1, 0.2, 0.3]
          %1 = reduce_mean(%0) {axes = [1.0]} : f32[2, 1] "y"
          %2 = sub(%0, %1) : f32[2, 3] "y"
          %3 = mul(%2, %2) : f32[2, 3] "y"
          %4 = reduce_mean(%3) {axes = [1.0]} : f32[2, 1] "y"
          %6 = add(%4, %5) : f32[2, 1] "y"
          %7 = sqrt(%6) : f32[2, 1] "y"
          %8 = div(%2, %7) : f32[2, 3] "y"
          %10 = mul(%8, %9) : f32[2, 3] "y"
          %12 = add(%10, %11) : f32[2, 3] "y"
          output "y" = %12
        }
    "#]],
    );
}

#[test]
fn layer_normalization_over_several_axes_without_bias() {
    let normalize = node("LayerNormalization", &["x", "s"], &["y"]).int("axis", 1).int("stash_type", 1);
    let normalize = normalize.float("epsilon", 0.5);
    check_import(
        &single(17, "2,3,2", normalize).floats("s", &[3, 2], &[1.0; 6]),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3, 2]
          const %5 "0.5" : f32[] = splat 0.5
          const %9 "s" : f32[3, 2] = splat 1.0
          %1 = reduce_mean(%0) {axes = [1.0, 2.0]} : f32[2, 1, 1] "y"
          %2 = sub(%0, %1) : f32[2, 3, 2] "y"
          %3 = mul(%2, %2) : f32[2, 3, 2] "y"
          %4 = reduce_mean(%3) {axes = [1.0, 2.0]} : f32[2, 1, 1] "y"
          %6 = add(%4, %5) : f32[2, 1, 1] "y"
          %7 = sqrt(%6) : f32[2, 1, 1] "y"
          %8 = div(%2, %7) : f32[2, 3, 2] "y"
          %10 = mul(%8, %9) : f32[2, 3, 2] "y"
          output "y" = %10
        }
    "#]],
    );
}

#[test]
fn layer_normalization_refuses_more_outputs() {
    let normalize = node("LayerNormalization", &["x", "s"], &["y", "mean"]);
    check_import(
        &single(17, "2,3", normalize).floats("s", &[3], &[1.0; 3]),
        expect![[r#"
        E0202: LayerNormalization at node `y`: the outputs for the mean and the deviation are not supported
          help: export the model for inference (`model.eval()`)
    "#]],
    );
}

#[test]
fn sums_of_squares() {
    let square = node("ReduceSumSquare", &["x"], &["y"]).ints("axes", &[1]).int("keepdims", 0);
    let model = single(13, "2,3", square).node(node("ReduceL2", &["x"], &["z"]).ints("axes", &[0])).output("z");
    check_import(
        &model,
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          %1 = mul(%0, %0) : f32[2, 3] "y"
          %2 = reduce_sum(%1) {axes = [1.0]} : f32[2, 1] "y"
          %3 = reshape(%2) {shape = [2.0]} : f32[2] "y"
          %4 = mul(%0, %0) : f32[2, 3] "z"
          %5 = reduce_sum(%4) {axes = [0.0]} : f32[1, 3] "z"
          %6 = sqrt(%5) : f32[1, 3] "z"
          output "y" = %3
          output "z" = %6
        }
    "#]],
    );
}

#[test]
fn logarithm_of_a_sum_of_powers() {
    let reduce = node("ReduceLogSumExp", &["x"], &["y"]).ints("axes", &[-1]).int("keepdims", 0);
    check_import(
        &single(13, "2,3", reduce),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          %1 = reduce_max(%0) {axes = [1.0]} : f32[2, 1] "y"
          %2 = clamp(%1) {bounds = [-3.4028234663852886e38, 3.4028234663852886e38]} : f32[2, 1] "y"
          %3 = sub(%0, %2) : f32[2, 3] "y"
          %4 = exp(%3) : f32[2, 3] "y"
          %5 = reduce_sum(%4) {axes = [1.0]} : f32[2, 1] "y"
          %6 = log(%5) : f32[2, 1] "y"
          %7 = add(%6, %2) : f32[2, 1] "y"
          %8 = reshape(%7) {shape = [2.0]} : f32[2] "y"
          output "y" = %8
        }
    "#]],
    );
}

#[test]
fn logarithm_of_a_sum_of_powers_of_nothing_is_the_input() {
    let reduce = node("ReduceLogSumExp", &["x"], &["z"]).int("noop_with_empty_axes", 1);
    check_import(
        &single(18, "2,3", reduce).node(node("Relu", &["z"], &["y"])),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[2, 3] "y"
          output "y" = %1
        }
    "#]],
    );
}
