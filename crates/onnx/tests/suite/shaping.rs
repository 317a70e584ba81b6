use expect_test::expect;

use crate::builder::{node, single, tensor};
use crate::check::check_import;

#[test]
fn flatten_at_an_axis() {
    check_import(
        &single(13, "2,3,4", node("Flatten", &["x"], &["y"]).int("axis", 2)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = reshape(%0) {shape = [6.0, 4.0]} : f32[6, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn flatten_at_the_ends() {
    check_import(
        &single(13, "2,3,4", node("Flatten", &["x"], &["y"]).int("axis", 3))
            .node(node("Flatten", &["x"], &["z"]).int("axis", 0))
            .output("z")
            .node(node("Flatten", &["x"], &["w"]).int("axis", -1))
            .output("w"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = reshape(%0) {shape = [24.0, 1.0]} : f32[24, 1] "y"
              %2 = reshape(%0) {shape = [1.0, 24.0]} : f32[1, 24] "z"
              %3 = reshape(%0) {shape = [6.0, 4.0]} : f32[6, 4] "w"
              output "y" = %1
              output "z" = %2
              output "w" = %3
            }
        "#]],
    );
}

#[test]
fn flatten_refuses_an_axis_out_of_range() {
    check_import(
        &single(13, "2,3,4", node("Flatten", &["x"], &["y"]).int("axis", 4)),
        expect![[r#"
            E0104: Flatten at node `y`: axis 4 is out of range for a rank-4 tensor
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn reshape_copies_and_infers() {
    check_import(
        &single(13, "2,3,4", node("Reshape", &["x", "s"], &["y"])).ints("s", &[0, -1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = reshape(%0) {shape = [2.0, 12.0]} : f32[2, 12] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn reshape_refuses_other_sizes() {
    check_import(
        &single(13, "2,3", node("Reshape", &["x", "s"], &["y"])).ints("s", &[4, 2]),
        expect![[r#"
            E0105: Reshape at node `y`: the shape [4, 2] does not fit the elements of [2, 3]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn reshape_refuses_two_open_sizes() {
    check_import(
        &single(13, "2,3", node("Reshape", &["x", "s"], &["y"])).ints("s", &[-1, -1]),
        expect![[r#"
            E0105: Reshape at node `y`: the shape [-1, -1] does not fit the elements of [2, 3]
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn reshape_refuses_a_computed_shape() {
    check_import(
        &single(13, "2,3", node("Reshape", &["x", "s"], &["y"])).input("s", "2"),
        expect![[r#"
            E0206: Reshape at node `y`: the compiler must know the new shape beforehand, not only when the model runs
              help: export the model with fixed shapes and constant parameters, or simplify it first (for example with onnxsim)
        "#]],
    );
}

#[test]
fn reshape_refuses_many_axes() {
    check_import(
        &single(13, "2,3", node("Reshape", &["x", "s"], &["y"])).ints("s", &[6, 1, 1, 1, 1, 1, 1, 1, 1]),
        expect![[r#"
            E0208: Reshape at node `y`: a tensor of rank 9 is not supported
              help: use tensors of at most 8 dimensions
        "#]],
    );
}

#[test]
fn squeeze_by_attribute() {
    check_import(
        &single(11, "1,3,1", node("Squeeze", &["x"], &["y"]).ints("axes", &[-1, 0])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 3, 1]
              %1 = reshape(%0) {shape = [3.0]} : f32[3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn squeeze_by_input() {
    check_import(
        &single(13, "1,3,1", node("Squeeze", &["x", "a"], &["y"])).ints("a", &[2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 3, 1]
              %1 = reshape(%0) {shape = [1.0, 3.0]} : f32[1, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn squeeze_without_axes_takes_all() {
    check_import(
        &single(13, "1,3,1", node("Squeeze", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 3, 1]
              %1 = reshape(%0) {shape = [3.0]} : f32[3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn squeeze_refuses_a_larger_axis() {
    check_import(
        &single(11, "1,3,1", node("Squeeze", &["x"], &["y"]).ints("axes", &[1])),
        expect![[r#"
            E0105: Squeeze at node `y`: axis 1 has size 3, not 1
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn unsqueeze_by_attribute() {
    check_import(
        &single(11, "2,3", node("Unsqueeze", &["x"], &["y"]).ints("axes", &[0, 3])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reshape(%0) {shape = [1.0, 2.0, 3.0, 1.0]} : f32[1, 2, 3, 1] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn unsqueeze_by_input() {
    check_import(
        &single(13, "2,3", node("Unsqueeze", &["x", "a"], &["y"])).ints("a", &[-1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reshape(%0) {shape = [2.0, 3.0, 1.0]} : f32[2, 3, 1] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn unsqueeze_refuses_an_axis_twice() {
    check_import(
        &single(13, "2,3", node("Unsqueeze", &["x", "a"], &["y"])).ints("a", &[1, 1]),
        expect![[r#"
            E0104: Unsqueeze at node `y`: axis 1 is given twice
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn transpose_reverses() {
    check_import(
        &single(13, "2,3,4", node("Transpose", &["x"], &["y"])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = transpose(%0) {permutation = [2.0, 1.0, 0.0]} : f32[4, 3, 2] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn transpose_by_permutation() {
    check_import(
        &single(13, "2,3,4", node("Transpose", &["x"], &["y"]).ints("perm", &[1, 0, 2])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3, 4]
              %1 = transpose(%0) {permutation = [1.0, 0.0, 2.0]} : f32[3, 2, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn transpose_refuses_no_permutation() {
    check_import(
        &single(13, "2,3", node("Transpose", &["x"], &["y"]).ints("perm", &[1, 1])),
        expect![[r#"
            E0105: Transpose at node `y`: [1, 1] is not a permutation of 2 axes
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn concat_from_the_end() {
    check_import(
        &single(13, "2,3", node("Concat", &["x", "x", "c"], &["y"]).int("axis", -1)).count("c", &[2, 1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "c" : f32[2, 1] = [0.0, 1.0]
              %2 = concat(%0, %0, %1) {axis = [1.0]} : f32[2, 7] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn concat_refuses_a_missing_axis() {
    check_import(
        &single(13, "2,3", node("Concat", &["x", "x"], &["y"])),
        expect![[r#"
            E0104: Concat at node `y`: the attribute `axis` is missing
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn slice_by_attributes() {
    check_import(
        &single(
            9,
            "2,3",
            node("Slice", &["x"], &["y"]).ints("starts", &[1]).ints("ends", &[9223372036854775807]).ints("axes", &[1]),
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = slice(%0) {starts = [0.0, 1.0], sizes = [2.0, 2.0], steps = [1.0, 1.0]} : f32[2, 2] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn slice_by_inputs() {
    check_import(
        &single(13, "4,9", node("Slice", &["x", "s", "e", "a", "t"], &["y"]))
            .ints("s", &[-4, 0])
            .ints("e", &[-1, 100])
            .ints("a", &[-1, 0])
            .ints("t", &[2, 1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[4, 9]
              %1 = slice(%0) {starts = [0.0, 5.0], sizes = [4.0, 2.0], steps = [1.0, 2.0]} : f32[4, 2] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn slice_of_everything_is_nothing() {
    check_import(
        &single(13, "2,3", node("Slice", &["x", "s", "e"], &["y"])).ints("s", &[0]).ints("e", &[2]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              output "y" = %0
            }
        "#]],
    );
}

#[test]
fn slice_refuses_backward_steps() {
    check_import(
        &single(13, "2,3", node("Slice", &["x", "s", "e", "a", "t"], &["y"]))
            .ints("s", &[1])
            .ints("e", &[-5])
            .ints("a", &[0])
            .ints("t", &[-1]),
        expect![[r#"
            E0202: Slice at node `y`: a step of -1 is not supported
              help: take the elements in ascending order, with steps of at least 1
        "#]],
    );
}

#[test]
fn slice_refuses_an_empty_result() {
    check_import(
        &single(13, "2,3", node("Slice", &["x", "s", "e"], &["y"])).ints("s", &[1]).ints("e", &[1]),
        expect![[r#"
            E0208: Slice at node `y`: a tensor of shape [0, 3] has no elements
              help: remove the parts of the model that compute nothing
        "#]],
    );
}

#[test]
fn slice_refuses_lists_of_different_lengths() {
    check_import(
        &single(13, "2,3", node("Slice", &["x", "s", "e"], &["y"])).ints("s", &[1]).ints("e", &[1, 2]),
        expect![[r#"
            E0105: Slice at node `y`: 1 starts, 2 ends, 1 axes and 1 steps for a rank-2 tensor
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn split_by_attribute() {
    check_import(
        &single(11, "2,4", node("Split", &["x"], &["y", "z"]).ints("split", &[1, 3]).int("axis", 1)).output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 4]
              %1 = slice(%0) {starts = [0.0, 0.0], sizes = [2.0, 1.0], steps = [1.0, 1.0]} : f32[2, 1] "y"
              %2 = slice(%0) {starts = [0.0, 1.0], sizes = [2.0, 3.0], steps = [1.0, 1.0]} : f32[2, 3] "y"
              output "y" = %1
              output "z" = %2
            }
        "#]],
    );
}

#[test]
fn split_by_input() {
    check_import(
        &single(13, "4,2", node("Split", &["x", "s"], &["y", "z"])).ints("s", &[3, 1]).output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[4, 2]
              %1 = slice(%0) {starts = [0.0, 0.0], sizes = [3.0, 2.0], steps = [1.0, 1.0]} : f32[3, 2] "y"
              %2 = slice(%0) {starts = [3.0, 0.0], sizes = [1.0, 2.0], steps = [1.0, 1.0]} : f32[1, 2] "y"
              output "y" = %1
              output "z" = %2
            }
        "#]],
    );
}

#[test]
fn split_equally() {
    check_import(
        &single(13, "4,2", node("Split", &["x"], &["y", "z"])).output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[4, 2]
              %1 = slice(%0) {starts = [0.0, 0.0], sizes = [2.0, 2.0], steps = [1.0, 1.0]} : f32[2, 2] "y"
              %2 = slice(%0) {starts = [2.0, 0.0], sizes = [2.0, 2.0], steps = [1.0, 1.0]} : f32[2, 2] "y"
              output "y" = %1
              output "z" = %2
            }
        "#]],
    );
}

#[test]
fn split_leaves_the_last_smaller_from_18_on() {
    check_import(
        &single(18, "5,2", node("Split", &["x"], &["y", "z"]).int("num_outputs", 2)).output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[5, 2]
              %1 = slice(%0) {starts = [0.0, 0.0], sizes = [3.0, 2.0], steps = [1.0, 1.0]} : f32[3, 2] "y"
              %2 = slice(%0) {starts = [3.0, 0.0], sizes = [2.0, 2.0], steps = [1.0, 1.0]} : f32[2, 2] "y"
              output "y" = %1
              output "z" = %2
            }
        "#]],
    );
}

#[test]
fn split_refuses_unequal_parts() {
    check_import(
        &single(13, "5,2", node("Split", &["x"], &["y", "z"])),
        expect![[r#"
            E0105: Split at node `y`: 5 does not split into 2 equal parts
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn split_refuses_sizes_that_do_not_add_up() {
    check_import(
        &single(13, "4,2", node("Split", &["x", "s"], &["y", "z"])).ints("s", &[3, 2]),
        expect![[r#"
            E0105: Split at node `y`: the 2 given sizes do not split 4 into 2 parts
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn pad_by_attributes() {
    check_import(
        &single(10, "2,3", node("Pad", &["x"], &["y"]).ints("pads", &[0, 1, 2, 0]).float("value", 1.5)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = pad(%0) {before = [0.0, 1.0], after = [2.0, 0.0], value = [1.5]} : f32[4, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn pad_by_inputs() {
    check_import(
        &single(18, "2,3", node("Pad", &["x", "p", "v", "a"], &["y"]))
            .ints("p", &[1, 2])
            .floats("v", &[], &[0.5])
            .ints("a", &[-1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = pad(%0) {before = [0.0, 1.0], after = [0.0, 2.0], value = [0.5]} : f32[2, 6] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn pad_refuses_reflection() {
    check_import(
        &single(13, "2,3", node("Pad", &["x", "p"], &["y"]).string("mode", "reflect")).ints("p", &[1, 1, 1, 1]),
        expect![[r#"
            E0202: Pad at node `y`: the mode `reflect` is not supported
              help: pad with a constant
        "#]],
    );
}

#[test]
fn pad_refuses_negative_sizes() {
    check_import(
        &single(13, "2,3", node("Pad", &["x", "p"], &["y"])).ints("p", &[-1, 0, 0, 0]),
        expect![[r#"
            E0202: Pad at node `y`: padding of -1 is not supported
              help: cut with a Slice instead of negative padding
        "#]],
    );
}

#[test]
fn identity_and_dropout_are_nothing() {
    check_import(
        &single(7, "2,3", node("Dropout", &["x"], &["y", "mask"]).float("ratio", 0.5))
            .node(node("Identity", &["y"], &["z"]))
            .output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              output "y" = %0
              output "z" = %0
            }
        "#]],
    );
}

#[test]
fn dropout_refuses_training() {
    check_import(
        &single(13, "2,3", node("Dropout", &["x", "", "t"], &["y"])).graph(5, &tensor("t", 9, &[], &[1])),
        expect![[r#"
            E0202: Dropout at node `y`: training is not supported
              help: export the model for inference (`model.eval()`)
        "#]],
    );
}

#[test]
fn dropout_refuses_a_mask_that_is_read() {
    check_import(
        &single(13, "2,3", node("Dropout", &["x"], &["y", "mask"])).node(node("Relu", &["mask"], &["z"])).output("z"),
        expect![[r#"
            E0201: Dropout at node `y`: the output `mask` is used, and only the first is supported
              help: export the model without the further outputs of this node
        "#]],
    );
}

#[test]
fn cast_between_floats_is_nothing() {
    check_import(
        &single(13, "2,3", node("Cast", &["x"], &["y"]).int("to", 1)),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              output "y" = %0
            }
        "#]],
    );
}

#[test]
fn cast_refuses_computed_integers() {
    check_import(
        &single(13, "2,3", node("Cast", &["x"], &["y"]).int("to", 7)),
        expect![[r#"
            E0203: Cast at node `y`: integers are supported only for shapes, and these would be computed when the model runs
              help: keep integer tensors out of the part of the model that is exported
        "#]],
    );
}

#[test]
fn cast_refuses_bfloat16() {
    check_import(
        &single(13, "2,3", node("Cast", &["x"], &["y"]).int("to", 16)),
        expect![[r#"
            E0203: Cast at node `y`: bfloat16 is not supported
              help: convert the model to float32 or float16 before exporting
        "#]],
    );
}

#[test]
fn expand_multiplies_by_ones() {
    check_import(
        &single(13, "2,1", node("Expand", &["x", "s"], &["y"])).ints("s", &[4, 1, 3]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 1]
              const %1 "y" : f32[4, 1, 3] = splat 1.0
              %2 = mul(%0, %1) : f32[4, 2, 3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn gather_of_a_run_is_a_slice() {
    check_import(
        &single(13, "2,6", node("Gather", &["x", "i"], &["y"]).int("axis", 1)).ints("i", &[1, 3, -1]),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 6]
              %1 = slice(%0) {starts = [0.0, 1.0], sizes = [2.0, 3.0], steps = [1.0, 2.0]} : f32[2, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn gather_of_one_drops_the_axis() {
    check_import(
        &single(13, "2,3", node("Gather", &["x", "i"], &["y"]).int("axis", 1)).int("i", -1),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = slice(%0) {starts = [0.0, 2.0], sizes = [2.0, 1.0], steps = [1.0, 1.0]} : f32[2, 1] "y"
              %2 = reshape(%1) {shape = [2.0]} : f32[2] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn gather_refuses_irregular_indices() {
    check_import(
        &single(13, "2,3", node("Gather", &["x", "i"], &["y"]).int("axis", 1)).ints("i", &[2, 0, 1]),
        expect![[r#"
            E0208: Gather at node `y`: only ascending indices of equal distance are supported
              help: use Slice, or one Gather for each run of indices, joined by Concat
        "#]],
    );
}

#[test]
fn gather_refuses_indices_out_of_range() {
    check_import(
        &single(13, "2,3", node("Gather", &["x", "i"], &["y"]).int("axis", 1)).ints("i", &[3]),
        expect![[r#"
            E0105: Gather at node `y`: index 3 is out of range for size 3
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}
