use expect_test::expect;

use crate::builder::{Wire, float_tensor, model, node, single};
use crate::check::check_import;

#[test]
fn batch_size_passes_through_shape_gather_concat_reshape() {
    let graph = model(12).input("x", "N,4,1,1").int("zero", 0).ints("rest", &[-1]);
    let graph = graph.node(node("Shape", &["x"], &["shape"])).node(node("Gather", &["shape", "zero"], &["n"]));
    let graph = graph.node(node("Unsqueeze", &["n"], &["n1"]).ints("axes", &[0]));
    let graph = graph.node(node("Concat", &["n1", "rest"], &["to"]).int("axis", 0));
    let graph = graph.node(node("Reshape", &["x", "to"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            note: the batch dimension `N` is bound to 1 (`--dim N=N` sets it)
            graph "g" {
              input %0 "x" : f32[1, 4, 1, 1]
              %1 = reshape(%0) {shape = [1.0, 4.0]} : f32[1, 4] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn every_integer_operator_is_evaluated() {
    // shape = [2, 12]: reshape to [shape[0] * 3 - 2, (shape[1] + 12) / 4] = [4, 6].
    let graph = model(13).input("x", "2,12").ints("two", &[2]).ints("three", &[3]).ints("twelve", &[12]);
    let graph = graph.ints("four", &[4]).ints("i0", &[0]).ints("i1", &[1]).ints("i2", &[2]).ints("a0", &[0]);
    let graph = graph.node(node("Shape", &["x"], &["shape"]));
    let graph = graph.node(node("Slice", &["shape", "i0", "i1", "a0"], &["h"]));
    let graph = graph.node(node("Slice", &["shape", "i1", "i2"], &["w"]));
    let graph = graph.node(node("Mul", &["h", "three"], &["h3"])).node(node("Sub", &["h3", "two"], &["h4"]));
    let graph = graph.node(node("Add", &["w", "twelve"], &["w1"])).node(node("Div", &["w1", "four"], &["w2"]));
    let graph =
        graph.node(node("Cast", &["h4"], &["h5"]).int("to", 6)).node(node("Cast", &["h5"], &["h6"]).int("to", 7));
    let graph = graph.node(node("Concat", &["h6", "w2"], &["to"]).int("axis", 0));
    let graph = graph.node(node("Reshape", &["x", "to"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 12]
              %1 = reshape(%0) {shape = [4.0, 6.0]} : f32[4, 6] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn ranges_and_filled_shapes() {
    // Gather of range(1, 7, 2) = [1, 3, 5], then a sum with zeros of shape [3].
    let graph = model(13).input("x", "7").int("a", 1).int("b", 7).int("c", 2).ints("s", &[3]);
    let graph = graph.node(node("Range", &["a", "b", "c"], &["r"])).node(node("Gather", &["x", "r"], &["g"]));
    let graph = graph.node(node("ConstantOfShape", &["s"], &["z"]).tensor("value", &float_tensor("", &[1], &[0.5])));
    check_import(
        &graph.node(node("Add", &["g", "z"], &["y"])).output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[7]
              const %2 "z" : f32[3] = splat 0.5
              %1 = slice(%0) {starts = [1.0], sizes = [3.0], steps = [2.0]} : f32[3] "g"
              %3 = add(%1, %2) : f32[3] "y"
              output "y" = %3
            }
        "#]],
    );
}

#[test]
fn constants_in_all_forms() {
    let constant = |output: &str| node("Constant", &[], &[output]);
    let graph = model(13).input("x", "2");
    let graph =
        graph.node(constant("a").float("value_float", 1.5)).node(constant("b").floats("value_floats", &[2.5, 3.5]));
    let graph = graph.node(constant("c").int("value_int", 2)).node(constant("d").ints("value_ints", &[1, 2]));
    let graph = graph.node(constant("e").tensor("value", &float_tensor("", &[2], &[4.5, 5.5])));
    let graph = graph.node(node("Sum", &["x", "a", "b", "e"], &["s"]));
    let graph = graph.node(node("Pow", &["s", "c"], &["p"])).node(node("Reshape", &["p", "d"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2]
              const %1 "a" : f32[] = splat 1.5
              const %3 "b" : f32[2] = [2.5, 3.5]
              const %5 "e" : f32[2] = [4.5, 5.5]
              %2 = add(%0, %1) : f32[2] "s"
              %4 = add(%2, %3) : f32[2] "s"
              %6 = add(%4, %5) : f32[2] "s"
              %7 = mul(%6, %6) : f32[2] "p"
              %8 = reshape(%7) {shape = [1.0, 2.0]} : f32[1, 2] "y"
              output "y" = %8
            }
        "#]],
    );
}

#[test]
fn integers_become_floats_by_cast() {
    let graph = model(15).input("x", "2,3").node(node("Shape", &["x"], &["s"]).int("start", -1));
    let graph =
        graph.node(node("Cast", &["s"], &["f"]).int("to", 1)).node(node("Div", &["x", "f"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              const %1 "f" : f32[1] = splat 3.0
              %2 = div(%0, %1) : f32[2, 3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn constant_floats_become_integers_by_cast() {
    let graph = model(13).input("x", "2,3").floats("s", &[2], &[3.9, 2.0]);
    let graph =
        graph.node(node("Cast", &["s"], &["i"]).int("to", 7)).node(node("Reshape", &["x", "i"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2, 3]
              %1 = reshape(%0) {shape = [3.0, 2.0]} : f32[3, 2] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn typed_fields_hold_data_too() {
    let floats = Wire::default().varint(1, 2).varint(2, 1).text(8, "f").float(4, 1.5).float(4, 2.5);
    let ints = Wire::default().varint(1, 2).varint(2, 7).text(8, "i").bytes(7, &[1, 2]);
    let ints32 = Wire::default().varint(1, 1).varint(2, 6).text(8, "j").varint(5, 1);
    let graph = model(13).input("x", "2").graph(5, &floats).graph(5, &ints).graph(5, &ints32);
    let graph = graph.node(node("Add", &["x", "f"], &["a"])).node(node("Reshape", &["a", "i"], &["b"]));
    let graph = graph.node(node("Gather", &["b", "j"], &["y"]).int("axis", 1)).output("y");
    check_import(
        &graph,
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[2]
              const %1 "f" : f32[2] = [1.5, 2.5]
              %2 = add(%0, %1) : f32[2] "a"
              %3 = reshape(%2) {shape = [1.0, 2.0]} : f32[1, 2] "b"
              %4 = slice(%3) {starts = [0.0, 1.0], sizes = [1.0, 1.0], steps = [1.0, 1.0]} : f32[1, 1] "y"
              output "y" = %4
            }
        "#]],
    );
}

#[test]
fn overflow_is_refused() {
    let graph = single(13, "2", node("Reshape", &["x", "s"], &["y"])).ints("m", &[i64::MAX]).node(node(
        "Add",
        &["m", "m"],
        &["s"],
    ));
    check_import(
        &graph,
        expect![[r#"
            E0105: Add at node `s`: add of 9223372036854775807 and 9223372036854775807 has no result
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn division_by_zero_is_refused() {
    let graph = single(13, "2", node("Reshape", &["x", "s"], &["y"])).ints("m", &[1]).ints("z", &[0]).node(node(
        "Div",
        &["m", "z"],
        &["s"],
    ));
    check_import(
        &graph,
        expect![[r#"
            E0105: Div at node `s`: div of 1 and 0 has no result
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn endless_range_is_refused() {
    let graph =
        model(13).int("a", 0).int("b", i64::MAX).int("c", 1).node(node("Range", &["a", "b", "c"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0209: Range at node `y`: the constants that the model computes are out of proportion to its size
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn range_without_step_is_refused() {
    let graph = model(13).int("a", 0).int("b", 1).int("c", 0).node(node("Range", &["a", "b", "c"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0105: Range at node `y`: `delta` is 0
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn huge_filled_shape_is_refused() {
    let graph = model(13).ints("s", &[1 << 29]).node(node("ConstantOfShape", &["s"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0209: ConstantOfShape at node `y`: the constants that the model computes are out of proportion to its size
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn shape_beyond_every_tensor_is_refused() {
    let graph = model(13).ints("s", &[1 << 40, 1 << 40, 0]).node(node("ConstantOfShape", &["s"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0209: ConstantOfShape at node `y`: a tensor of shape [1099511627776, 1099511627776, 1] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn integer_output_is_refused() {
    let graph = model(13).input("x", "2,3").node(node("Shape", &["x"], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0203: output `y`: integers are supported only for shapes, and these would be computed when the model runs
              help: keep integer tensors out of the part of the model that is exported
        "#]],
    );
}

#[test]
fn integers_in_float_arithmetic_are_refused() {
    let graph = model(13)
        .input("x", "2,3")
        .node(node("Shape", &["x"], &["s"]))
        .node(node("Add", &["x", "s"], &["y"]))
        .output("y");
    check_import(
        &graph,
        expect![[r#"
            E0203: Add at node `y`: integers are supported only for shapes, and these would be computed when the model runs
              help: keep integer tensors out of the part of the model that is exported
        "#]],
    );
}

#[test]
fn constant_without_value_is_refused() {
    let graph = model(13).node(node("Constant", &[], &["y"])).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0104: Constant at node `y`: the attribute `value` is missing
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn text_constant_is_refused() {
    let graph = model(13).node(node("Constant", &[], &["y"]).string("value_string", "a")).output("y");
    check_import(
        &graph,
        expect![[r#"
            E0203: Constant at node `y`: `value_string` is not supported
              help: store the constant as a dense tensor of float32 or int64
        "#]],
    );
}

#[test]
fn lists_that_double_are_refused_in_time() {
    let mut graph = model(13).ints("l0", &[1; 64]);
    for step in 0..60 {
        let (from, to) = (format!("l{step}"), format!("l{}", step + 1));
        graph = graph.node(node("Concat", &[&from, &from], &[&to]).int("axis", 0));
    }
    check_import(
        &graph.output("l60"),
        expect![[r#"
            E0209: Concat at node `l18`: the constants that the model computes are out of proportion to its size
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn a_large_list_cannot_be_copied_without_end() {
    let mut graph = model(13).ints("l", &[1; 1 << 16]).ints("flat", &[-1, 1]).input("x", "2");
    for step in 0..2000 {
        graph = graph.node(node("Reshape", &["l", "flat"], &[&format!("l{step}")]));
    }
    let result = crate::check::imported(&graph.output("x").bytes(), &[]);
    let error = result.err().unwrap();
    assert!(error.reasons().iter().all(|reason| reason.code == ir::Code::TooLarge), "{error}");
}
