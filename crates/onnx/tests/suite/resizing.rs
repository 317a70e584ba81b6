use expect_test::expect;
use ir::{Blend, Op, Sampling};

use crate::builder::{Model, Node, model, node, single};
use crate::check::{check_import, imported};

/// A `Resize` of `x`, whose further inputs are `roi`, `scales` and `sizes`.
fn resize(inputs: &[&str]) -> Node {
    node("Resize", &[&["x"], inputs].concat(), &["y"])
}

fn scaled(opset: i64, shape: &str, scales: &[f32], node: Node) -> Model {
    single(opset, shape, node).floats("scales", &[scales.len()], scales)
}

fn sized(opset: i64, shape: &str, sizes: &[i64], node: Node) -> Model {
    single(opset, shape, node).ints("sizes", sizes)
}

const BY_SCALES: &[&str] = &["", "scales"];
const BY_SIZES: &[&str] = &["", "", "sizes"];

/// The result of the resizing in a model for one image with one channel that holds 1, 2, 3, and so on, row by row.
#[track_caller]
fn check_values(model: &Model, shape: &[usize], expect: &[f32]) {
    let graph = imported(&model.bytes(), &[]).unwrap().graph;
    assert_eq!(graph[graph.outputs()[0].value].ty.shape, shape);
    let node = graph.nodes().iter().find(|node| matches!(node.op, Op::Resize(_))).unwrap();
    let (Op::Resize(resize), &[_, _, width, _]) = (&node.op, &graph[node.inputs[0]].ty.shape[..]) else { panic!() };
    // The element at row p and column q is 1 + p width + q, and so is a blend of elements for the blended p and q.
    let columns = positions(&resize.columns);
    let row = |p: f32| columns.iter().map(move |q| 1.0 + p * width as f32 + q);
    let found: Vec<f32> = positions(&resize.rows).into_iter().flat_map(row).collect();
    let near = found.iter().zip(expect).all(|(found, expect)| (found - expect).abs() < 1e-5);
    assert!(near && found.len() == expect.len(), "{found:?} is not {expect:?}");
}

fn positions(sampling: &Sampling) -> Vec<f32> {
    match sampling {
        Sampling::Nearest(indices) => indices.iter().map(|index| *index as f32).collect(),
        Sampling::Linear(blends) => {
            let position = |blend: &Blend| (1.0 - blend.weight) * blend.near as f32 + blend.weight * blend.far as f32;
            blends.iter().map(position).collect()
        }
    }
}

// The numbers of ONNX's own cases, of the same names.

#[test]
fn downsample_scales_linear() {
    let model = scaled(19, "1,1,2,4", &[1.0, 1.0, 0.6, 0.6], resize(BY_SCALES).string("mode", "linear"));
    check_values(&model, &[1, 1, 1, 2], &[2.666_666_5, 4.333_333]);
}

#[test]
fn downsample_scales_linear_half_pixel_symmetric() {
    let node =
        resize(BY_SCALES).string("mode", "linear").string("coordinate_transformation_mode", "half_pixel_symmetric");
    check_values(&scaled(19, "1,1,1,4", &[1.0, 1.0, 1.0, 0.6], node), &[1, 1, 1, 2], &[1.666_666_7, 3.333_333_3]);
}

#[test]
fn downsample_scales_nearest() {
    check_values(&scaled(19, "1,1,2,4", &[1.0, 1.0, 0.6, 0.6], resize(BY_SCALES)), &[1, 1, 1, 2], &[1.0, 3.0]);
}

#[test]
fn downsample_sizes_linear_pytorch_half_pixel() {
    let node = resize(BY_SIZES).string("mode", "linear").string("coordinate_transformation_mode", "pytorch_half_pixel");
    let expect = [1.666_666_6, 7.0, 12.333_333];
    check_values(&sized(19, "1,1,4,4", &[1, 1, 3, 1], node), &[1, 1, 3, 1], &expect);
}

#[test]
fn downsample_sizes_nearest() {
    check_values(&sized(19, "1,1,2,4", &[1, 1, 1, 3], resize(BY_SIZES)), &[1, 1, 1, 3], &[1.0, 2.0, 4.0]);
}

#[test]
fn downsample_sizes_nearest_not_larger_and_not_smaller() {
    let by = |policy: &str| resize(BY_SIZES).ints("axes", &[2, 3]).string("keep_aspect_ratio_policy", policy);
    check_values(&sized(19, "1,1,2,4", &[1, 3], by("not_larger")), &[1, 1, 1, 2], &[1.0, 3.0]);
    let expect = [1.0, 2.0, 4.0, 5.0, 6.0, 8.0];
    check_values(&sized(19, "1,1,2,4", &[1, 3], by("not_smaller")), &[1, 1, 2, 3], &expect);
}

#[test]
fn upsample_scales_linear() {
    let model = scaled(19, "1,1,2,2", &[1.0, 1.0, 2.0, 2.0], resize(BY_SCALES).string("mode", "linear"));
    let expect = [1.0, 1.25, 1.75, 2.0, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3.0, 3.25, 3.75, 4.0];
    check_values(&model, &[1, 1, 4, 4], &expect);
}

#[test]
fn upsample_scales_linear_align_corners() {
    let node = resize(BY_SCALES).string("mode", "linear").string("coordinate_transformation_mode", "align_corners");
    let thirds = [3.0, 4.0, 5.0, 6.0, 5.0, 6.0, 7.0, 8.0, 7.0, 8.0, 9.0, 10.0, 9.0, 10.0, 11.0, 12.0];
    let model = scaled(19, "1,1,2,2", &[1.0, 1.0, 2.0, 2.0], node);
    check_values(&model, &[1, 1, 4, 4], &thirds.map(|third| third / 3.0));
}

#[test]
fn upsample_scales_linear_half_pixel_symmetric() {
    let node =
        resize(BY_SCALES).string("mode", "linear").string("coordinate_transformation_mode", "half_pixel_symmetric");
    let expect = [
        [1.0, 1.159_864, 1.5, 1.840_136, 2.0],
        [1.565_217_4, 1.725_081_3, 2.065_217_5, 2.405_353_5, 2.565_217_5],
        [2.434_782_5, 2.594_646_5, 2.934_782_5, 3.274_918_6, 3.434_782_5],
        [3.0, 3.159_864, 3.5, 3.840_136, 4.0],
    ];
    check_values(&scaled(19, "1,1,2,2", &[1.0, 1.0, 2.3, 2.94], node), &[1, 1, 4, 5], expect.as_flattened());
}

#[test]
fn upsample_scales_nearest_of_some_axes() {
    let expect = [[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]; 2].iter().chain(&[[3.0, 3.0, 3.0, 4.0, 4.0, 4.0]; 2]);
    let expect: Vec<f32> = expect.flatten().copied().collect();
    for (axes, scales) in [([2, 3], [2.0, 3.0]), ([3, 2], [3.0, 2.0]), ([-2, -1], [2.0, 3.0])] {
        check_values(&scaled(19, "1,1,2,2", &scales, resize(BY_SCALES).ints("axes", &axes)), &[1, 1, 4, 6], &expect);
    }
}

#[test]
fn upsample_nearest() {
    let model = scaled(9, "1,1,2,2", &[1.0, 1.0, 2.0, 3.0], node("Upsample", &["x", "scales"], &["y"]));
    let expect = [[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]; 2].iter().chain(&[[3.0, 3.0, 3.0, 4.0, 4.0, 4.0]; 2]);
    check_values(&model, &[1, 1, 4, 6], &expect.flatten().copied().collect::<Vec<f32>>());
}

/// One row of 1 to `size` resized.
#[track_caller]
fn check_row(size: usize, outputs: i64, coordinates: &str, rounding: &str, expect: &[f32]) {
    let node = resize(BY_SIZES).string("coordinate_transformation_mode", coordinates).string("nearest_mode", rounding);
    let model = sized(13, &format!("1,1,{size}"), &[1, 1, outputs], node);
    check_values(&model, &[1, 1, expect.len()], expect);
}

#[test]
fn upsample_sizes_nearest() {
    check_row(2, 7, "half_pixel", "round_prefer_floor", &[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    check_row(2, 8, "half_pixel", "round_prefer_floor", &[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
    check_row(4, 8, "half_pixel", "ceil", &[1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0]);
    check_row(4, 8, "align_corners", "floor", &[1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0]);
    check_row(4, 8, "asymmetric", "round_prefer_ceil", &[1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 4.0]);
}

// What ONNX Runtime computes.

#[test]
fn nearest_in_every_way() {
    for (coordinates, rounding, smaller, larger, single) in [
        ("half_pixel", "floor", [1, 3, 4], [1, 1, 2, 2, 3], 2_u8),
        ("half_pixel", "ceil", [2, 3, 5], [1, 2, 2, 3, 3], 3),
        ("half_pixel", "round_prefer_floor", [1, 3, 5], [1, 1, 2, 3, 3], 2),
        ("half_pixel", "round_prefer_ceil", [1, 3, 5], [1, 1, 2, 3, 3], 3),
        ("half_pixel_symmetric", "ceil", [2, 3, 5], [1, 2, 2, 3, 3], 3),
        ("half_pixel_symmetric", "round_prefer_floor", [1, 3, 5], [1, 1, 2, 3, 3], 2),
        ("pytorch_half_pixel", "floor", [1, 3, 4], [1, 1, 2, 2, 3], 1),
        ("pytorch_half_pixel", "ceil", [2, 3, 5], [1, 2, 2, 3, 3], 1),
        ("pytorch_half_pixel", "round_prefer_ceil", [1, 3, 5], [1, 1, 2, 3, 3], 1),
        ("asymmetric", "floor", [1, 2, 4], [1, 1, 2, 2, 3], 1),
        ("asymmetric", "ceil", [1, 3, 5], [1, 2, 3, 3, 3], 1),
        ("asymmetric", "round_prefer_floor", [1, 3, 4], [1, 2, 2, 3, 3], 1),
        ("align_corners", "floor", [1, 3, 5], [1, 1, 2, 2, 3], 1),
        ("align_corners", "ceil", [1, 3, 5], [1, 2, 2, 3, 3], 1),
        ("align_corners", "round_prefer_floor", [1, 3, 5], [1, 1, 2, 2, 3], 1),
        ("align_corners", "round_prefer_ceil", [1, 3, 5], [1, 2, 2, 3, 3], 1),
    ] {
        check_row(5, 3, coordinates, rounding, &smaller.map(|value: u8| value.into()));
        check_row(3, 5, coordinates, rounding, &larger.map(|value: u8| value.into()));
        check_row(4, 1, coordinates, rounding, &[f32::from(single)]);
    }
}

#[test]
fn aligned_corners_count_whole_outputs() {
    let node = resize(BY_SCALES).string("mode", "linear").string("coordinate_transformation_mode", "align_corners");
    check_values(&scaled(13, "1,1,4", &[1.0, 1.0, 0.6], node), &[1, 1, 2], &[1.0, 4.0]);
}

/// 3 / 0.6 is 5 in single precision, and less in double precision, where 0.6 is a little larger.
#[test]
fn positions_are_in_single_precision() {
    let node = resize(BY_SCALES).string("coordinate_transformation_mode", "asymmetric").string("nearest_mode", "floor");
    check_values(&scaled(13, "1,1,7", &[1.0, 1.0, 0.6], node), &[1, 1, 4], &[1.0, 2.0, 4.0, 6.0]);
}

#[test]
fn before_operator_set_11_positions_begin_at_zero() {
    let upsample = |mode: &str| node("Upsample", &["x", "scales"], &["y"]).string("mode", mode);
    let resize = |mode: &str| node("Resize", &["x", "scales"], &["y"]).string("mode", mode);
    let by = |opset: i64, size: &str, scale: f32, node: Node| scaled(opset, size, &[1.0, 1.0, scale], node);
    check_values(&by(9, "1,1,3", 1.5, upsample("nearest")), &[1, 1, 4], &[1.0, 1.0, 2.0, 3.0]);
    check_values(&by(9, "1,1,3", 1.5, upsample("linear")), &[1, 1, 4], &[1.0, 1.666_666_7, 2.333_333_3, 3.0]);
    check_values(&by(10, "1,1,3", 2.0, resize("linear")), &[1, 1, 6], &[1.0, 1.5, 2.0, 2.5, 3.0, 3.0]);
    check_values(&by(10, "1,1,4", 0.6, resize("nearest")), &[1, 1, 2], &[1.0, 3.0]);
    let model = single(7, "1,1,3", node("Upsample", &["x"], &["y"]).floats("scales", &[1.0, 1.0, 2.0]));
    check_values(&model, &[1, 1, 6], &[1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
}

#[test]
fn resize_turns_channels_last() {
    check_import(
        &scaled(11, "1,3,1,2", &[1.0, 1.0, 2.0, 2.0], node("Resize", &["x", "roi", "scales"], &["y"])).floats(
            "roi",
            &[0],
            &[],
        ),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 3, 1, 2]
              %1 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 1, 2, 3] "y"
              %2 = resize(%1) {rows = [0.0, 0.0], columns = [0.0, 0.0, 1.0, 1.0]} : f32[1, 2, 4, 3] "y"
              %3 = transpose(%2) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 3, 2, 4] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn resize_of_a_sequence() {
    check_import(
        &sized(13, "1,2,4", &[1, 2, 2], resize(BY_SIZES).string("mode", "linear")),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[1, 2, 4]
          %1 = reshape(%0) {shape = [1.0, 2.0, 1.0, 4.0]} : f32[1, 2, 1, 4] "y"
          %2 = transpose(%1) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 1, 4, 2] "y"
          %3 = resize(%2) {rows = [0.0], column_blends = [0.0, 1.0, 0.5, 2.0, 3.0, 0.5]} : f32[1, 1, 2, 2] "y"
          %4 = transpose(%3) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 2, 1, 2] "y"
          %5 = reshape(%4) {shape = [1.0, 2.0, 2.0]} : f32[1, 2, 2] "y"
          output "y" = %5
        }
    "#]],
    );
}

#[test]
fn resize_to_the_same_size_is_nothing() {
    check_import(
        &sized(13, "1,2,3,4,5", &[1, 2, 3, 4, 5], resize(BY_SIZES))
            .node(node("Resize", &["y", "", "scales"], &["z"]))
            .floats("scales", &[5], &[1.0; 5])
            .output("z"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 2, 3, 4, 5]
              output "y" = %0
              output "z" = %0
            }
        "#]],
    );
}

#[test]
fn resize_takes_sizes_from_a_shape() {
    check_import(
        &model(13)
            .input("x", "1,1,2,2")
            .input("like", "1,1,4,2")
            .node(node("Shape", &["like"], &["sizes"]))
            .node(resize(BY_SIZES))
            .output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1, 1, 2, 2]
              input %1 "like" : f32[1, 1, 4, 2]
              %2 = transpose(%0) {permutation = [0.0, 2.0, 3.0, 1.0]} : f32[1, 2, 2, 1] "y"
              %3 = resize(%2) {rows = [0.0, 0.0, 1.0, 1.0], columns = [0.0, 1.0]} : f32[1, 4, 2, 1] "y"
              %4 = transpose(%3) {permutation = [0.0, 3.0, 1.0, 2.0]} : f32[1, 1, 4, 2] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[track_caller]
fn check_refusal(model: &Model, expect: &str) {
    let text = crate::check::refusal(&imported(&model.bytes(), &[]).unwrap_err());
    assert_eq!(text.lines().next().unwrap(), expect);
}

#[test]
fn modes_that_are_not_supported() {
    check_import(
        &model(19)
            .input("x", "1,1,2,2")
            .floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0])
            .node(resize(BY_SCALES).string("mode", "cubic"))
            .node(node("Resize", &["x", "", "scales"], &["b"]).int("antialias", 1).string("mode", "linear"))
            .node(node("Resize", &["x", "", "scales"], &["c"]).int("exclude_outside", 1))
            .node(
                node("Resize", &["x", "", "scales"], &["d"])
                    .string("coordinate_transformation_mode", "tf_crop_and_resize"),
            )
            .node(node("Resize", &["x", "", "wide"], &["e"]))
            .floats("wide", &[4], &[1.0, 2.0, 2.0, 1.0])
            .output("y"),
        expect![[r#"
            E0202: Resize at node `y`: the mode `cubic` is not supported
              help: resize with the mode `nearest` or `linear`
            E0202: Resize at node `b`: `antialias` is not supported
              help: resize without antialiasing
            E0202: Resize at node `c`: `exclude_outside` is not supported
              help: leave `exclude_outside` at 0
            E0202: Resize at node `d`: a `coordinate_transformation_mode` of `tf_crop_and_resize` is not supported
              help: cut with a Slice, and resize the part with `align_corners`
            E0202: Resize at node `e`: resizing axis 1 of [1, 1, 2, 2] is not supported
              help: only the axes after batch and channels can be resized; where channels are last, transpose before and after
        "#]],
    );
}

#[test]
fn attributes_that_are_not_defined() {
    for attribute in ["mode", "nearest_mode", "coordinate_transformation_mode", "keep_aspect_ratio_policy"] {
        let model = scaled(19, "1,1,2,2", &[1.0, 1.0, 2.0, 2.0], resize(BY_SCALES).string(attribute, "frob"));
        check_refusal(&model, &format!("E0104: Resize at node `y`: `{attribute}` is `frob`, which is not defined"));
    }
    let model = scaled(19, "1,1,2,2", &[2.0, 2.0], resize(BY_SCALES).ints("axes", &[2, -2]));
    check_refusal(&model, "E0104: Resize at node `y`: axis 2 is given twice");
    let model = scaled(19, "1,1,2,2", &[2.0, 2.0], resize(BY_SCALES).ints("axes", &[2, 4]));
    check_refusal(&model, "E0104: Resize at node `y`: axis 4 is out of range for a rank-4 tensor");
}

#[test]
fn inputs_that_do_not_fit() {
    let refused = |scales: &[f32], expect: &str| {
        check_refusal(&scaled(13, "1,1,2,2", scales, resize(BY_SCALES)), expect);
    };
    refused(&[2.0, 2.0], "E0105: Resize at node `y`: 2 scales for 4 axes");
    refused(&[1.0, 1.0, 0.0, 2.0], "E0105: Resize at node `y`: a scale of 0.0 is not positive and finite");
    refused(&[1.0, 1.0, f32::NAN, 2.0], "E0105: Resize at node `y`: a scale of NaN is not positive and finite");
    refused(&[1.0, 1.0, 0.1, 2.0], "E0208: Resize at node `y`: a tensor of shape [1, 1, 0, 4] has no elements");
    let huge =
        "E0209: Resize at node `y`: a tensor of shape [1, 1, 2, 18446744073709551615] has more than 2^30 elements";
    refused(&[1.0, 1.0, 1.0, 1e30], huge);
    let long = "E0209: Resize at node `y`: the constants that the model computes are out of proportion to its size";
    refused(&[1.0, 1.0, 1.0, 1e8], long);
    check_refusal(&scaled(13, "1,1,1,1073741824", &[1.0, 1.0, 1.5, 1.0], resize(BY_SCALES)), long);
    let refused = |sizes: &[i64], expect: &str| check_refusal(&sized(13, "1,1,2,2", sizes, resize(BY_SIZES)), expect);
    refused(&[2], "E0105: Resize at node `y`: 1 sizes for 4 axes");
    refused(&[1, 1, -4, 4], "E0105: Resize at node `y`: a size of -4");
    refused(&[1, 1, 0, 4], "E0208: Resize at node `y`: a tensor of shape [1, 1, 0, 4] has no elements");
}

#[test]
fn inputs_that_are_missing_or_unknown() {
    let both = scaled(13, "1,1,2,2", &[1.0, 1.0, 2.0, 2.0], resize(&["", "scales", "sizes"]));
    check_refusal(&both.ints("sizes", &[1, 1, 4, 4]), "E0105: Resize at node `y`: `scales` and `sizes` are both given");
    let neither = scaled(13, "1,1,2,2", &[], resize(BY_SCALES));
    check_refusal(&neither, "E0105: Resize at node `y`: neither `scales` nor `sizes` is given");
    let computed = single(13, "1,1,2,2", resize(BY_SCALES)).input("scales", "4");
    let expect = "E0206: Resize at node `y`: the compiler must know `scales` beforehand, not only when the model runs";
    check_refusal(&computed, expect);
    let integers = single(13, "1,1,2,2", resize(BY_SCALES)).ints("scales", &[1, 1, 2, 2]);
    check_refusal(&integers, "E0105: Resize at node `y`: `scales` are integers, not floats");
    let solid = sized(13, "1,1,2,2,2", &[1, 1, 4, 4, 4], resize(BY_SIZES));
    check_refusal(&solid, "E0208: Resize at node `y`: an input of rank 5 is not supported");
}

#[test]
fn what_operator_sets_before_11_do_not_have() {
    let ten = |node: Node| scaled(10, "1,1,2,2", &[1.0, 1.0, 2.0, 2.0], node);
    let floor = node("Resize", &["x", "scales"], &["y"]).string("nearest_mode", "floor");
    check_refusal(
        &ten(floor),
        "E0104: Resize at node `y`: `nearest_mode` is not an attribute of Resize in operator set 10",
    );
    let three = node("Resize", &["x", "scales", "scales"], &["y"]);
    check_refusal(&ten(three), "E0105: Resize at node `y`: takes 2 inputs, not 3");
}

#[test]
fn upsample_refuses() {
    let by = |opset: i64, scale: f32, node: Node| scaled(opset, "1,1,2,2", &[1.0, 1.0, scale, 2.0], node);
    let upsample = || node("Upsample", &["x", "scales"], &["y"]);
    let expect = "E0105: Upsample at node `y`: a scale of 0.5 makes the tensor smaller, not larger";
    check_refusal(&by(9, 0.5, upsample()), expect);
    let expect = "E0201: Upsample at node `y`: the operator does not exist in operator set 13";
    check_refusal(&by(13, 2.0, upsample()), expect);
    let expect = "E0104: Upsample at node `y`: `scales` is not an attribute of Upsample in operator set 9";
    check_refusal(&by(9, 2.0, upsample().floats("scales", &[1.0])), expect);
    let expect = "E0104: Upsample at node `y`: the attribute `scales` is missing";
    check_refusal(&single(7, "1,1,2,2", node("Upsample", &["x"], &["y"])), expect);
    let expect = "E0104: Upsample at node `y`: `nearest_mode` is not an attribute of Upsample in operator set 9";
    check_refusal(&by(9, 2.0, upsample().string("nearest_mode", "floor")), expect);
}
