use expect_test::{Expect, expect};

use crate::builder::{Model, Wire, model, node, single, value_info};
use crate::check::{check_bound, check_import, imported, shown};

#[test]
fn batch_binds_to_one() {
    check_import(
        &single(13, "batch,3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            note: the batch dimension `batch` is bound to 1 (`--dim batch=N` sets it)
            graph "g" {
              input %0 "x" : f32[1, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn unnamed_batch_binds_to_one() {
    check_import(
        &single(13, "?,3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            note: the batch dimension `x:0` is bound to 1 (`--dim x:0=N` sets it)
            graph "g" {
              input %0 "x" : f32[1, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn batch_binds_by_option() {
    check_bound(
        &single(13, "batch,3", node("Relu", &["x"], &["y"])),
        &[("batch", 4)],
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[4, 3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[4, 3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn shared_batch_is_noted_once() {
    check_import(
        &single(13, "n,3", node("Add", &["x", "z"], &["y"])).input("z", "n,3"),
        expect![[r#"
            note: the batch dimension `n` is bound to 1 (`--dim n=N` sets it)
            graph "g" {
              input %0 "x" : f32[1, 3]
              input %1 "z" : f32[1, 3]
              %2 = add(%0, %1) : f32[1, 3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn other_dimensions_are_refused_all_at_once() {
    check_import(
        &single(13, "n,3,h,?", node("Relu", &["x"], &["y"])).input("z", "1,w").output("z"),
        expect![[r#"
            E0204: input `x`: the dimensions `h`, `x:3` have no fixed size
              help: bind them with `--shape x=1,3,N,N`
            E0204: input `z`: the dimension `w` has no fixed size
              help: bind it with `--dim w=N`
        "#]],
    );
}

#[test]
fn other_dimensions_bind_by_option() {
    check_bound(
        &single(13, "n,3,h,?", node("Relu", &["x"], &["y"])),
        &[("h", 5), ("x:3", 6)],
        expect![[r#"
            note: the batch dimension `n` is bound to 1 (`--dim n=N` sets it)
            graph "g" {
              input %0 "x" : f32[1, 3, 5, 6]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3, 5, 6] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn batch_name_elsewhere_is_no_batch() {
    check_import(
        &single(13, "n,n", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0204: input `x`: the dimension `n` has no fixed size
              help: bind it with `--dim n=N`
        "#]],
    );
}

#[test]
fn only_dimension_is_no_batch() {
    check_import(
        &single(13, "n", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0204: input `x`: the dimension `n` has no fixed size
              help: bind it with `--dim n=N`
        "#]],
    );
}

#[test]
fn binding_an_unknown_name_is_refused() {
    check_bound(
        &single(13, "n,3", node("Relu", &["x"], &["y"])),
        &[("m", 2)],
        expect![[r#"
            E0303: no free dimension is called `m`
              help: the free dimension of the model is `n`
        "#]],
    );
}

#[test]
fn binding_in_a_fixed_model_is_refused() {
    check_bound(
        &single(13, "1,3", node("Relu", &["x"], &["y"])),
        &[("m", 2)],
        expect![[r#"
            E0303: no free dimension is called `m`
              help: leave the option out: every dimension of the model is fixed
        "#]],
    );
}

#[test]
fn binding_to_zero_is_refused() {
    check_bound(
        &single(13, "n,3", node("Relu", &["x"], &["y"])),
        &[("n", 0)],
        expect![[r#"
            E0303: the dimension `n` cannot be bound to 0
              help: give it a size of at least 1
        "#]],
    );
}

#[test]
fn undeclared_shape_is_refused() {
    check_import(
        &single(13, "-", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0204: input `x`: the shape is not declared
              help: give it one, such as `--shape x=1,3,224,224`
        "#]],
    );
}

#[test]
fn negative_size_is_refused() {
    check_import(
        &single(13, "-1,3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0103: input `x`: axis 0 has size -1
              help: export the model with sizes of at least 1, or with a named dimension, which `--dim` binds
        "#]],
    );
}

#[test]
fn size_zero_is_refused() {
    check_import(
        &single(13, "0,3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0103: input `x`: axis 0 has size 0
              help: export the model with sizes of at least 1, or with a named dimension, which `--dim` binds
        "#]],
    );
}

#[test]
fn huge_input_is_refused() {
    check_import(
        &single(13, "1000000,1000000", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0209: input `x`: a tensor of shape [1000000, 1000000] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn overflowing_input_is_refused() {
    check_import(
        &single(13, "9223372036854775807,9223372036854775807", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0209: input `x`: a tensor of shape [9223372036854775807, 9223372036854775807] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn input_of_rank_nine_is_refused() {
    check_import(
        &single(13, "1,1,1,1,1,1,1,1,1", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0208: input `x`: a tensor of rank 9 is not supported
              help: use tensors of at most 8 dimensions
        "#]],
    );
}

#[test]
fn output_of_another_element_type_is_refused() {
    let check = |element, expect| check_output(&value_info("y", element, "1,3"), expect);
    check(
        7,
        expect![[r#"
        E0103: output `y`: it is declared as int64, and is float32
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check(
        11,
        expect![[r#"
        E0103: output `y`: it is declared as float64, and is float32
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check(
        28,
        expect![[r#"
        E0103: output `y`: it is declared as float6e3m2, and is float32
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check(
        0,
        expect![[r#"
        E0103: output `y`: its element type is missing
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
}

#[test]
fn output_without_the_type_of_a_tensor_is_refused() {
    let name = || Wire::default().text(1, "y");
    check_output(
        &name(),
        expect![[r#"
        E0103: output `y`: its type is missing
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check_output(
        &name().message(2, &Wire::default()),
        expect![[r#"
        E0103: output `y`: it is not declared as a tensor, and is one
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    let sequence = Wire::default().message(4, &Wire::default());
    check_output(
        &name().message(2, &sequence),
        expect![[r#"
        E0103: output `y`: it is not declared as a tensor, and is one
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
}

#[test]
fn output_of_another_shape_is_refused() {
    check_output(
        &value_info("y", 1, "n,4"),
        expect![[r#"
        E0103: output `y`: it is declared as [n, 4], and is [1, 3]
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check_output(
        &value_info("y", 1, "3"),
        expect![[r#"
        E0103: output `y`: it is declared as [3], and is [1, 3]
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
    check_output(
        &value_info("y", 1, ""),
        expect![[r#"
        E0103: output `y`: it is declared as [], and is [1, 3]
          help: export the model again, and run `onnx.checker.check_model(model, full_check=True)` on it
    "#]],
    );
}

#[test]
fn open_shapes_of_outputs_are_computed() {
    let graph = r#"graph "g" {
  input %0 "x" : f32[1, 3]
  %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1, 3] "y"
  output "y" = %1
}
"#;
    for shape in ["-", "?,?", "n,m", "0,3", "-1,3", "1,3"] {
        let model = relu_with(&value_info("y", 1, shape));
        assert_eq!(shown(imported(&model.bytes(), &[])), graph, "{shape}");
    }
}

#[track_caller]
fn check_output(declared: &Wire, expect: Expect) {
    check_import(&relu_with(declared), expect);
}

/// Relu, whose output is float32 of `[1, 3]`, declared in its own way.
fn relu_with(declared: &Wire) -> Model {
    model(13).input("x", "1,3").node(node("Relu", &["x"], &["y"])).graph(12, declared)
}
