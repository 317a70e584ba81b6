use expect_test::expect;

use crate::builder::{model, node, single};
use crate::check::check_import;

#[test]
fn functions_of_each_element() {
    let names = ["Abs", "Exp", "Log", "Neg", "Sigmoid", "Sqrt", "Tanh", "Relu"];
    let mut chain = model(13).input("x", "2,3");
    for (index, op) in names.iter().enumerate() {
        let input = if index == 0 { "x".to_owned() } else { format!("v{index}") };
        chain = chain.node(node(op, &[&input], &[&format!("v{}", index + 1)]));
    }
    check_import(
        &chain.output("v8"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = abs(%0) : f32[2, 3] "v1"
              %2 = exp(%1) : f32[2, 3] "v2"
              %3 = log(%2) : f32[2, 3] "v3"
              %4 = neg(%3) : f32[2, 3] "v4"
              %5 = sigmoid(%4) : f32[2, 3] "v5"
              %6 = sqrt(%5) : f32[2, 3] "v6"
              %7 = tanh(%6) : f32[2, 3] "v7"
              %8 = clamp(%7) {bounds = [0.0, inf]} : f32[2, 3] "v8"
              output "v8" = %8
            }
        "#]],
    );
}

#[test]
fn operations_on_pairs() {
    let graph = model(13).input("x", "2,3").input("z", "3").floats("c", &[], &[2.0]);
    let graph = graph.node(node("Add", &["x", "z"], &["a"])).node(node("Sub", &["a", "c"], &["b"]));
    let graph = graph.node(node("Mul", &["b", "c"], &["d"])).node(node("Div", &["d", "x"], &["y"]));
    check_import(
        &graph.output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              input %1 "z" : f32[3]
              const %3 "c" : f32[] = splat 2.0
              %2 = add(%0, %1) : f32[2, 3] "a"
              %4 = sub(%2, %3) : f32[2, 3] "b"
              %5 = mul(%4, %3) : f32[2, 3] "d"
              %6 = div(%5, %0) : f32[2, 3] "y"
              output "y" = %6
            }
        "#]],
    );
}

#[test]
fn lists_of_operands_fold_from_the_left() {
    check_import(
        &single(13, "2,3", node("Max", &["x", "x", "c"], &["y"]))
            .count("c", &[3])
            .node(node("Min", &["y"], &["z"]))
            .node(node("Sum", &["z", "x"], &["w"]))
            .output("w"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %2 "c" : f32[3] = [0.0, 1.0, 2.0]
              %1 = max(%0, %0) : f32[2, 3] "y"
              %3 = max(%1, %2) : f32[2, 3] "y"
              %4 = add(%3, %0) : f32[2, 3] "w"
              output "y" = %3
              output "w" = %4
            }
        "#]],
    );
}

#[test]
fn binary_refuses_shapes_that_do_not_broadcast() {
    check_import(
        &single(13, "2,3", node("Add", &["x", "c"], &["y"])).count("c", &[2]),
        expect![[r#"
            E0105: Add at node `y`: broadcasting: [2, 3] does not fit [2]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn clip_by_attributes() {
    check_import(
        &single(10, "2,3", node("Clip", &["x"], &["y"]).float("min", 0.0).float("max", 6.0)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = clamp(%0) {bounds = [0.0, 6.0]} : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn clip_by_inputs() {
    check_import(
        &single(13, "2,3", node("Clip", &["x", "", "c"], &["y"])).floats("c", &[], &[6.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = clamp(%0) {bounds = [-3.4028234663852886e38, 6.0]} : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn clip_refuses_computed_bounds() {
    check_import(
        &single(13, "2,3", node("Clip", &["x", "b"], &["y"])).input("b", ""),
        expect![[r#"
            E0206: Clip at node `y`: the compiler must know `min` beforehand, not only when the model runs
              help: export the model with fixed shapes and constant parameters, or simplify it first (for example with onnxsim)
        "#]],
    );
}

#[test]
fn clip_refuses_a_list_of_bounds() {
    check_import(
        &single(13, "2,3", node("Clip", &["x", "b"], &["y"])).count("b", &[2]),
        expect![[r#"
            E0105: Clip at node `y`: `min` must be one float
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn leaky_relu_is_the_larger() {
    check_import(
        &single(13, "2,3", node("LeakyRelu", &["x"], &["y"]).float("alpha", 0.25)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "0.25" : f32[] = splat 0.25
              %2 = mul(%0, %1) : f32[2, 3] "y"
              %3 = max(%0, %2) : f32[2, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn leaky_relu_is_the_smaller_for_a_steep_slope() {
    check_import(
        &single(13, "2,3", node("LeakyRelu", &["x"], &["y"]).float("alpha", 2.0)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "2.0" : f32[] = splat 2.0
              %2 = mul(%0, %1) : f32[2, 3] "y"
              %3 = min(%0, %2) : f32[2, 3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn leaky_relu_without_slope_is_relu() {
    check_import(
        &single(13, "2,3", node("LeakyRelu", &["x"], &["y"]).float("alpha", 0.0)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn leaky_relu_refuses_a_negative_slope() {
    check_import(
        &single(13, "2,3", node("LeakyRelu", &["x"], &["y"]).float("alpha", -1.0)),
        expect![[r#"
            E0202: LeakyRelu at node `y`: an alpha of -1.0 is not supported
              help: use an alpha that is finite and not negative
        "#]],
    );
}

#[test]
fn hard_sigmoid() {
    check_import(
        &single(13, "2,3", node("HardSigmoid", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "0.2" : f32[] = splat 0.2
              const %3 "0.5" : f32[] = splat 0.5
              %2 = mul(%0, %1) : f32[2, 3] "y"
              %4 = add(%2, %3) : f32[2, 3] "y"
              %5 = clamp(%4) {bounds = [0.0, 1.0]} : f32[2, 3] "y"
              output "y" = %5
            }
        "#]],
    );
}

#[test]
fn hard_swish() {
    check_import(
        &single(14, "2,3", node("HardSwish", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "0.16666667" : f32[] = splat 0.16666667
              const %3 "0.5" : f32[] = splat 0.5
              %2 = mul(%0, %1) : f32[2, 3] "y"
              %4 = add(%2, %3) : f32[2, 3] "y"
              %5 = clamp(%4) {bounds = [0.0, 1.0]} : f32[2, 3] "y"
              %6 = mul(%0, %5) : f32[2, 3] "y"
              output "y" = %6
            }
        "#]],
    );
}

#[test]
fn softmax_takes_one_axis() {
    check_import(
        &single(13, "2,3,4", node("Softmax", &["x"], &["y"]).int("axis", 1)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = softmax(%0) {axis = [1.0]} : f32[2, 3, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn softmax_defaults_to_the_last_axis() {
    check_import(
        &single(13, "2,3,4", node("Softmax", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = softmax(%0) {axis = [2.0]} : f32[2, 3, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn softmax_before_13_flattens() {
    check_import(
        &single(11, "2,3,4", node("Softmax", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = reshape(%0) {shape = [2.0, 12.0]} : f32[2, 12] "y"
              %2 = softmax(%1) {axis = [1.0]} : f32[2, 12] "y"
              %3 = reshape(%2) {shape = [2.0, 3.0, 4.0]} : f32[2, 3, 4] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn softmax_refuses_an_axis_out_of_range() {
    check_import(
        &single(13, "2,3", node("Softmax", &["x"], &["y"]).int("axis", 2)),
        expect![[r#"
            E0104: Softmax at node `y`: axis 2 is out of range for a rank-2 tensor
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn gemm_transposes_constant_weights() {
    check_import(
        &single(13, "2,3", node("Gemm", &["x", "w", "c"], &["y"]).int("transB", 1))
            .count("w", &[2, 3])
            .count("c", &[2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "w" : f32[3, 2] = [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
              const %2 "c" : f32[2] = [0.0, 1.0]
              %3 = mat_mul(%0, %1, %2) : f32[2, 2] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn gemm_scales_constants() {
    check_import(
        &single(13, "2,3", node("Gemm", &["x", "w", "c"], &["y"]).float("alpha", 0.5).float("beta", 2.0))
            .count("w", &[3, 2])
            .count("c", &[1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "y" : f32[3, 2] = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
              const %2 "y" : f32[2] = splat 0.0
              %3 = mat_mul(%0, %1, %2) : f32[2, 2] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn gemm_of_computed_matrices() {
    check_import(
        &single(
            13,
            "2,3",
            node("Gemm", &["x", "w", "c"], &["y"])
                .float("alpha", 0.5)
                .float("beta", 2.0)
                .int("transA", 1)
                .int("transB", 1),
        )
        .input("w", "4,2")
        .input("c", "3,1"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              input %1 "w" : f32[4, 2]
              input %2 "c" : f32[3, 1]
              const %6 "0.5" : f32[] = splat 0.5
              const %8 "2.0" : f32[] = splat 2.0
              %3 = transpose(%0) {permutation = [1.0, 0.0]} : f32[3, 2] "y"
              %4 = transpose(%1) {permutation = [1.0, 0.0]} : f32[2, 4] "y"
              %5 = mat_mul(%3, %4) : f32[3, 4] "y"
              %7 = mul(%5, %6) : f32[3, 4] "y"
              %9 = mul(%2, %8) : f32[3, 1] "y"
              %10 = add(%7, %9) : f32[3, 4] "y"
              output "y" = %10
            }
        "#]],
    );
}

#[test]
fn gemm_without_c() {
    check_import(
        &single(11, "2,3", node("Gemm", &["x", "w"], &["y"])).count("w", &[3, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "w" : f32[3, 2] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
              %2 = mat_mul(%0, %1) : f32[2, 2] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn gemm_refuses_c_that_does_not_fit() {
    check_import(
        &single(13, "2,3", node("Gemm", &["x", "w", "c"], &["y"])).count("w", &[3, 2]).count("c", &[3]),
        expect![[r#"
            E0105: Gemm at node `y`: broadcasting: [3] does not fit [2, 2]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn gemm_refuses_other_ranks() {
    check_import(
        &single(13, "2,3,4", node("Gemm", &["x", "w"], &["y"])).count("w", &[3, 2]),
        expect![[r#"
            E0105: Gemm at node `y`: A and B must have rank 2, not 3
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn mat_mul_of_matrices() {
    check_import(
        &single(13, "2,3", node("MatMul", &["x", "w"], &["y"])).count("w", &[3, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "w" : f32[3, 2] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
              %2 = mat_mul(%0, %1) : f32[2, 2] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn mat_mul_batches_on_the_left() {
    check_import(
        &single(13, "5,2,3", node("MatMul", &["x", "w"], &["y"])).count("w", &[1, 3, 2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[5, 2, 3]
              const %1 "w" : f32[3, 2] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
              %2 = mat_mul(%0, %1) : f32[5, 2, 2] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn mat_mul_broadcasts_batches() {
    check_import(
        &single(13, "2,1,4,3", node("MatMul", &["x", "w"], &["y"])).input("w", "5,3,2"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 1, 4, 3]
              input %1 "w" : f32[5, 3, 2]
              const %2 "y" : f32[1, 5, 1, 1] = splat 1.0
              const %4 "y" : f32[2, 1, 1, 1] = splat 1.0
              %3 = mul(%0, %2) : f32[2, 5, 4, 3] "y"
              %5 = mul(%1, %4) : f32[2, 5, 3, 2] "y"
              %6 = mat_mul(%3, %5) : f32[2, 5, 4, 2] "y"
              output "y" = %6
            }
        "#]],
    );
}

#[test]
fn mat_mul_of_vectors() {
    check_import(
        &single(13, "3", node("MatMul", &["x", "w"], &["y"])).count("w", &[3]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              const %2 "w" : f32[3, 1] = [0.0, 1.0, 2.0]
              %1 = reshape(%0) {shape = [1.0, 3.0]} : f32[1, 3] "y"
              %3 = mat_mul(%1, %2) : f32[1, 1] "y"
              %4 = reshape(%3) {shape = []} : f32[] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[test]
fn mat_mul_of_a_vector_and_a_batch() {
    check_import(
        &single(13, "3", node("MatMul", &["x", "w"], &["y"])).input("w", "2,3,4"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              input %1 "w" : f32[2, 3, 4]
              const %3 "y" : f32[2, 1, 1] = splat 1.0
              %2 = reshape(%0) {shape = [1.0, 3.0]} : f32[1, 3] "y"
              %4 = mul(%2, %3) : f32[2, 1, 3] "y"
              %5 = mat_mul(%4, %1) : f32[2, 1, 4] "y"
              %6 = reshape(%5) {shape = [2.0, 4.0]} : f32[2, 4] "y"
              output "y" = %6
            }
        "#]],
    );
}

#[test]
fn mat_mul_refuses_a_scalar() {
    check_import(
        &single(13, "2,3", node("MatMul", &["x", "w"], &["y"])).count("w", &[]),
        expect![[r#"
            E0105: MatMul at node `y`: a scalar is not a matrix
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn mat_mul_refuses_sizes_that_do_not_fit() {
    check_import(
        &single(13, "2,3", node("MatMul", &["x", "w"], &["y"])).count("w", &[2, 3]),
        expect![[r#"
            E0105: MatMul at node `y`: matrix product: [2, 3] does not fit [2, 3]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn reduce_by_attribute() {
    check_import(
        &single(13, "2,3", node("ReduceMean", &["x"], &["y"]).ints("axes", &[-1]).int("keepdims", 0)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reduce_mean(%0) {axes = [1.0]} : f32[2, 1] "y"
              %2 = reshape(%1) {shape = [2.0]} : f32[2] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn reduce_by_input() {
    check_import(
        &single(13, "2,3", node("ReduceSum", &["x", "a"], &["y"])).ints("a", &[0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reduce_sum(%0) {axes = [0.0]} : f32[1, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn reduce_everything() {
    check_import(
        &single(13, "2,3", node("ReduceMax", &["x"], &["y"]).int("keepdims", 0)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reduce_max(%0) {axes = [0.0, 1.0]} : f32[1, 1] "y"
              %2 = reshape(%1) {shape = []} : f32[] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn reduce_nothing_where_that_is_wanted() {
    check_import(
        &single(13, "2,3", node("ReduceSum", &["x"], &["y"]).int("noop_with_empty_axes", 1)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              output "y" = %0
            }
        "#]],
    );
}

#[test]
fn reduce_refuses_a_flag_of_two() {
    check_import(
        &single(13, "2,3", node("ReduceSum", &["x"], &["y"]).int("keepdims", 2)),
        expect![[r#"
            E0104: ReduceSum at node `y`: the attribute `keepdims` is 2, not 0 or 1
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn pow_two_is_a_product() {
    check_import(
        &single(13, "2,3", node("Pow", &["x", "e"], &["y"])).floats("e", &[], &[2.0]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = mul(%0, %0) : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn pow_half_is_a_root() {
    check_import(
        &single(13, "2,3", node("Pow", &["x", "e"], &["y"])).floats("e", &[1], &[0.5]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = sqrt(%0) : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn pow_refuses_other_exponents() {
    check_import(
        &single(13, "2,3", node("Pow", &["x", "e"], &["y"])).floats("e", &[], &[3.5]),
        expect![[r#"
            E0202: Pow at node `y`: an exponent of 3.5 is not supported
              help: use 0.5, 1 or 2, or Mul, Sqrt, Exp and Log
        "#]],
    );
}

#[test]
fn pow_refuses_a_computed_exponent() {
    check_import(
        &single(13, "2,3", node("Pow", &["x", "x"], &["y"])),
        expect![[r#"
            E0206: Pow at node `y`: the compiler must know the exponent beforehand, not only when the model runs
              help: export the model with fixed shapes and constant parameters, or simplify it first (for example with onnxsim)
        "#]],
    );
}

#[test]
fn pow_refuses_exponents_for_each_element() {
    check_import(
        &single(13, "2,3", node("Pow", &["x", "e"], &["y"])).count("e", &[3]),
        expect![[r#"
            E0208: Pow at node `y`: an exponent for each element is not supported
              help: use one exponent for all
        "#]],
    );
}
