//! Shapes that the caller gives to inputs.

use expect_test::{Expect, expect};
use wasmtube_onnx::ImportOptions;

use crate::builder::{Model, model, node, single};
use crate::check::{check_options, with_dims};

#[track_caller]
fn check(model: &Model, shapes: &[(&str, &[usize])], dims: &[(&str, usize)], expect: Expect) {
    let shapes = shapes.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect();
    check_options(model, &ImportOptions { shapes, ..with_dims(dims) }, expect);
}

fn relu(shape: &str) -> Model {
    single(13, shape, node("Relu", &["x"], &["y"]))
}

#[test]
fn dimensions_without_a_name_get_their_sizes() {
    check(
        &relu("?,3,?,?"),
        &[("x", &[2, 3, 4, 5])],
        &[],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3, 4, 5]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[2, 3, 4, 5] "y"
          output "y" = %1
        }
    "#]],
    );
}

#[test]
fn a_shape_that_is_not_declared_is_given_whole() {
    check(
        &relu("-"),
        &[("x", &[2, 3])],
        &[],
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
fn a_named_dimension_has_the_size_everywhere() {
    let model = single(13, "n,h", node("Add", &["x", "z"], &["y"])).input("z", "n,h");
    check(
        &model,
        &[("z", &[2, 3])],
        &[],
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[2, 3]
          input %1 "z" : f32[2, 3]
          %2 = add(%0, %1) : f32[2, 3] "y"
          output "y" = %2
        }
    "#]],
    );
}

#[test]
fn a_fixed_size_cannot_be_changed() {
    check(
        &relu("n,3"),
        &[("x", &[1, 4])],
        &[],
        expect![[r#"
            E0304: input `x`: `--shape x=1,4` gives axis 1 the size 4, and the model 3
              help: give one size for each dimension that the model declares, and the sizes that it fixes
        "#]],
    );
    check(
        &relu("n,3"),
        &[("x", &[1, 3, 3])],
        &[],
        expect![[r#"
            E0304: input `x`: `--shape x=1,3,3` has 3 dimensions, and the model declares [n, 3]
              help: give one size for each dimension that the model declares, and the sizes that it fixes
        "#]],
    );
}

#[test]
fn a_dimension_has_one_size() {
    check(
        &relu("n,3"),
        &[("x", &[2, 3])],
        &[("n", 4)],
        expect![[r#"
        E0304: input `x`: `--shape x=2,3` gives the dimension `n` the size 2, and `--dim n=4` the size 4
          help: give the dimension one size everywhere
    "#]],
    );
    check(
        &relu("n,n"),
        &[("x", &[2, 3])],
        &[],
        expect![[r#"
        E0304: input `x`: `--shape x=2,3` gives the dimension `n` the size 3, and `--shape x=2,3` the size 2
          help: give the dimension one size everywhere
    "#]],
    );
    check(
        &relu("n,3"),
        &[("x", &[2, 3])],
        &[("n", 2)],
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
fn a_size_of_zero_is_refused() {
    check(
        &relu("n,3"),
        &[("x", &[0, 3])],
        &[],
        expect![[r#"
        E0304: input `x`: `--shape x=0,3` gives axis 0 the size 0
          help: give sizes of at least 1
    "#]],
    );
}

#[test]
fn unknown_inputs_are_refused_with_the_closest() {
    let model = single(13, "n,3", node("Add", &["x", "image"], &["y"])).input("image", "n,3");
    check(
        &model,
        &[("imgae", &[1, 3])],
        &[],
        expect![[r#"
        E0304: no input is called `imgae`
          help: did you mean `image`? The inputs of the model are `x`, `image`
    "#]],
    );
    check(
        &model,
        &[("elephant", &[1, 3])],
        &[],
        expect![[r#"
        E0304: no input is called `elephant`
          help: the inputs of the model are `x`, `image`
    "#]],
    );
}

#[test]
fn what_is_no_input_is_told_as_such() {
    let model = relu("n,3").count("w", &[1]).input("w", "1");
    check(
        &model,
        &[("w", &[1])],
        &[],
        expect![[r#"
        E0304: `w` is no input: it has its value in the model
          help: the input of the model is `x`
    "#]],
    );
    check(
        &model,
        &[("y", &[1, 3])],
        &[],
        expect![[r#"
        E0304: `y` is no input: the model computes it
          help: the input of the model is `x`
    "#]],
    );
    let without = model_without_inputs();
    check(
        &without,
        &[("x", &[1])],
        &[],
        expect![[r#"
        E0304: no input is called `x`
          help: leave the option out: the model has no inputs
    "#]],
    );
}

fn model_without_inputs() -> Model {
    model(13).count("w", &[1]).node(node("Relu", &["w"], &["y"])).output("y")
}

#[test]
fn the_help_about_free_dimensions_names_the_flag_that_fits() {
    check(
        &relu("n,3,?,w"),
        &[],
        &[],
        expect![[r#"
        E0204: input `x`: the dimensions `x:2`, `w` have no fixed size
          help: bind them with `--shape x=1,3,N,N`
    "#]],
    );
    check(
        &relu("n,3,h,w"),
        &[],
        &[("h", 2)],
        expect![[r#"
        E0204: input `x`: the dimension `w` has no fixed size
          help: bind it with `--dim w=N`
    "#]],
    );
    check(
        &relu("-"),
        &[],
        &[],
        expect![[r#"
        E0204: input `x`: the shape is not declared
          help: give it one, such as `--shape x=1,3,224,224`
    "#]],
    );
}
