use expect_test::expect;

use crate::builder::{Node, Wire, model, node, single};
use crate::check::check_import;

#[test]
fn nodes_are_sorted() {
    check_import(
        &model(13).input("x", "3").node(node("Exp", &["a"], &["y"])).node(node("Neg", &["x"], &["a"])).output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              %1 = neg(%0) : f32[3] "a"
              %2 = exp(%1) : f32[3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn default_values_of_old_files_are_constants() {
    check_import(
        &model(7)
            .ir_version(3)
            .input("x", "3")
            .input("w", "3")
            .count("w", &[3])
            .node(node("Add", &["x", "w"], &["y"]))
            .output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              const %1 "w" : f32[3] = [0.0, 1.0, 2.0]
              %2 = add(%0, %1) : f32[3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn default_values_of_new_files_are_noted() {
    check_import(
        &model(13).input("x", "3").input("w", "3").count("w", &[3]).node(node("Add", &["x", "w"], &["y"])).output("y"),
        expect![[r#"
            note: inputs with a value in the model are constants: 1 in all, `w` first
            graph "g" {
              input %0 "x" : f32[3]
              const %1 "w" : f32[3] = [0.0, 1.0, 2.0]
              %2 = add(%0, %1) : f32[3] "y"
              output "y" = %2
            }
        "#]],
    );
}

#[test]
fn input_and_constant_may_be_outputs() {
    check_import(
        &model(13).input("x", "3").count("w", &[3]).output("x").output("w"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              const %1 "w" : f32[3] = [0.0, 1.0, 2.0]
              output "x" = %0
              output "w" = %1
            }
        "#]],
    );
}

#[test]
fn domain_of_onnx_has_two_names() {
    check_import(
        &model(13)
            .opsets(&[("ai.onnx", 13), ("com.example", 1)])
            .input("x", "3")
            .node(node("Relu", &["x"], &["y"]).domain("ai.onnx"))
            .output("y"),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[3]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[3] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn undefined_input_is_refused() {
    check_import(
        &model(13).node(node("Relu", &["x"], &["y"]).named("r")).output("y"),
        expect![[r#"
            E0103: Relu at node `r`: the input `x` is not defined
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn undefined_output_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).output("z"),
        expect![[r#"
            E0103: the output `z` is not defined
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn no_output_is_refused() {
    check_import(
        &model(13).input("x", "3").node(node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0103: the graph has no output
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn output_declared_twice_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).output("y"),
        expect![[r#"
            E0103: the output `y` is declared twice
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn name_defined_twice_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).node(node("Exp", &["x"], &["y"])),
        expect![[r#"
            E0103: `y` is defined twice
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn cycle_is_refused_with_its_nodes() {
    check_import(
        &model(13)
            .input("x", "3")
            .node(node("Add", &["x", "c"], &["a"]).named("first"))
            .node(node("Exp", &["a"], &["b"]).named("second"))
            .node(node("Log", &["b"], &["c"]).named("third"))
            .node(node("Neg", &["c"], &["y"]).named("after"))
            .output("y"),
        expect![[r#"
            E0103: the nodes `second`, `third`, `first` depend on each other
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn node_that_reads_itself_is_refused() {
    check_import(
        &model(13).node(node("Relu", &["y"], &["y"])).output("y"),
        expect![[r#"
            E0103: the node `y` depends on itself
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn unnamed_input_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).input("", "3"),
        expect![[r#"
            E0103: an input or output has no name
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn node_without_operator_is_refused() {
    check_import(
        &single(13, "3", node("", &["x"], &["y"])),
        expect![[r#"
            E0103: node `y`: a node needs an operator and an output
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn node_without_output_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).node(node("Exp", &["x"], &[])),
        expect![[r#"
            E0103: Exp at node `#1`: a node needs an operator and an output
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}

#[test]
fn missing_operator_set_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).opsets(&[("com.example", 1)]),
        expect![[r#"
            E0107: no version of ONNX's operator set is imported
              help: export the model again, with `opset_import` for the default domain
        "#]],
    );
}

#[test]
fn two_operator_sets_are_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"])).opsets(&[("", 12), ("ai.onnx", 13)]),
        expect![[r#"
            E0103: the operator set is imported twice, in different versions
              help: export the model again, with one version
        "#]],
    );
}

#[test]
fn old_operator_set_is_refused() {
    check_import(
        &single(6, "3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0205: operator set 6 is not one of 7 to 23
              help: export the model for one of them, or convert it with `onnx.version_converter.convert_version(model, 13)`
        "#]],
    );
}

#[test]
fn new_operator_set_is_refused() {
    check_import(
        &single(24, "3", node("Relu", &["x"], &["y"])),
        expect![[r#"
            E0205: operator set 24 is not one of 7 to 23
              help: export the model for one of them, or convert it with `onnx.version_converter.convert_version(model, 23)`
        "#]],
    );
}

#[test]
fn newer_version_of_the_format_is_noted() {
    let relu = single(13, "3", node("Relu", &["x"], &["y"]));
    check_import(
        &relu.clone().ir_version(15),
        expect![[r#"
        note: the file has version 15 of the ONNX format, and what came after 14 is not understood
        graph "g" {
          input %0 "x" : f32[3]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[3] "y"
          output "y" = %1
        }
    "#]],
    );
    check_import(
        &relu.ir_version(14),
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[3]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[3] "y"
          output "y" = %1
        }
    "#]],
    );
}

#[test]
fn operator_that_the_model_defines_is_refused() {
    let function = |domain| Wire::default().text(1, "Relu").text(10, domain);
    let check = |node: Node, domain, expect| {
        check_import(&single(13, "3", node).function(&function(domain)), expect);
    };
    let relu = || node("Relu", &["x"], &["y"]).named("r");
    check(
        relu(),
        "",
        expect![[r#"
        E0201: Relu at node `r`: the model defines the operator itself, as a function, which is not supported
          help: replace calls of functions by their nodes: `onnx.inliner.inline_local_functions(model)`
    "#]],
    );
    check(
        relu(),
        "ai.onnx",
        expect![[r#"
        E0201: Relu at node `r`: the model defines the operator itself, as a function, which is not supported
          help: replace calls of functions by their nodes: `onnx.inliner.inline_local_functions(model)`
    "#]],
    );
    check(
        relu().domain("com.example"),
        "com.example",
        expect![[r#"
        E0201: Relu at node `r`: the model defines the operator itself, as a function, which is not supported
          help: replace calls of functions by their nodes: `onnx.inliner.inline_local_functions(model)`
    "#]],
    );
    check(
        relu(),
        "com.example",
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[3]
          %1 = clamp(%0) {bounds = [0.0, inf]} : f32[3] "r"
          output "y" = %1
        }
    "#]],
    );
    check(
        relu().domain("com.example"),
        "com.other",
        expect![[r#"
        E0201: Relu at node `r`: the domain `com.example` is not supported
          help: export the model with operators of ONNX's own domain only
    "#]],
    );
    check(
        node("Neg", &["x"], &["y"]),
        "",
        expect![[r#"
        graph "g" {
          input %0 "x" : f32[3]
          %1 = neg(%0) : f32[3] "y"
          output "y" = %1
        }
    "#]],
    );
}

#[test]
fn names_are_escaped_and_cut() {
    check_import(
        &model(13).node(node("Relu", &["\u{1b}[31m\n"], &["y"]).named(&"long ".repeat(100))).output("y"),
        expect![[r#"
            E0103: Relu at node `long long long long long long long long long long long long long long long long long long long l…`: the input `\u{1b}[31m\n` is not defined
              help: export the model again, and run `onnx.checker.check_model` on it
        "#]],
    );
}
