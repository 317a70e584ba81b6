use expect_test::expect;

use crate::builder::{Wire, float_tensor, model, node, single, tensor, value_info};
use crate::check::check_import;

#[test]
fn every_reason_is_reported_and_no_consequence() {
    check_import(
        &model(13)
            .input("x", "1,2,4,4")
            .node(node("Selu", &["x"], &["a"]).named("act"))
            .node(node("Relu", &["a"], &["b"]))
            .node(node("LSTM", &["b"], &["c"]).named("rnn"))
            .node(node("MaxPool", &["x"], &["d"]).ints("kernel_shape", &[2, 2]).ints("dilations", &[2, 2]))
            .node(node("Concat", &["c", "d"], &["y"]).int("axis", 1))
            .output("y"),
        expect![[r#"
            E0201: Selu at node `act`: the operator is not supported
              help: supported operators with a similar name: Elu, Gelu, Relu, PRelu
            E0201: LSTM at node `rnn`: the operator is not supported
              help: express it with supported operators when exporting; `wasmtube explain E0201` lists them
            E0202: MaxPool at node `d`: `dilations` of [2, 2] are not supported
              help: pool without dilation
        "#]],
    );
}

#[test]
fn attributes_are_judged_behind_a_refusal() {
    check_import(
        &model(13)
            .input("x", "1,2,4,4")
            .node(node("Frob", &["x"], &["a"]))
            .node(node("MaxPool", &["a"], &["b"]).ints("kernel_shape", &[2, 2]).ints("dilations", &[2, 2]))
            .node(node("Pad", &["b", "p"], &["c"]).string("mode", "edge"))
            .node(node("Cast", &["c"], &["d"]).int("to", 16))
            .node(node("Conv", &["d", "d"], &["e"]).int("group", 1).int("banana", 1))
            .node(node("Transpose", &["e"], &["f"]).ints("perm", &[0, 9]))
            .node(node("Relu", &["f", "f"], &["y"]))
            .output("y"),
        expect![[r#"
            E0201: Frob at node `a`: the operator is not supported
              help: express it with supported operators when exporting; `wasmtube explain E0201` lists them
            E0202: MaxPool at node `b`: `dilations` of [2, 2] are not supported
              help: pool without dilation
            E0103: Pad at node `c`: the input `p` is not defined
              help: export the model again, and run `onnx.checker.check_model` on it
            E0202: Pad at node `c`: the mode `edge` is not supported
              help: pad with a constant
            E0203: Cast at node `d`: bfloat16 is not supported
              help: convert the model to float32 or float16 before exporting
            E0104: Conv at node `e`: `banana` is not an attribute of Conv in operator set 13
              help: export the model again; the attribute belongs to another version of the operator
            E0105: Relu at node `y`: takes 1 input, not 2
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn near_operators_are_suggested() {
    check_import(
        &single(13, "1,2,4,4", node("ConvTranspose", &["x"], &["y"])),
        expect![[r#"
            E0201: ConvTranspose at node `y`: the operator is not supported
              help: supported operators with a similar name: Transpose, Conv
        "#]],
    );
}

#[test]
fn misspelt_operator_is_recognized() {
    check_import(
        &single(13, "1,2,4,4", node("Sigmiod", &["x"], &["y"])),
        expect![[r#"
            E0201: Sigmiod at node `y`: the operator is not supported
              help: supported operators with a similar name: Sigmoid
        "#]],
    );
}

#[test]
fn control_flow_is_refused() {
    check_import(
        &single(13, "1", node("If", &["x"], &["y"]).attribute("then_branch", 5, Wire::default().bytes(6, &[]))),
        expect![[r#"
            E0201: If at node `y`: the operator is not supported
              help: control flow is not supported: export the model with constant conditions and unrolled loops
        "#]],
    );
}

#[test]
fn quantized_operator_is_refused() {
    check_import(
        &single(13, "1", node("QuantizeLinear", &["x"], &["y"])),
        expect![[r#"
            E0201: QuantizeLinear at node `y`: the operator is not supported
              help: quantized operators are not supported: export the model before it was quantized, in float32
        "#]],
    );
}

#[test]
fn other_domain_is_refused() {
    check_import(
        &single(13, "1", node("QLinearAdd", &["x"], &["y"]).domain("com.microsoft")),
        expect![[r#"
            E0201: QLinearAdd at node `y`: the domain `com.microsoft` is not supported
              help: quantized operators are not supported: export the model before it was quantized, in float32
        "#]],
    );
}

#[test]
fn wrong_number_of_inputs_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x", "x"], &["y"])).node(node("Add", &["x", ""], &["z"])).output("z"),
        expect![[r#"
            E0105: Relu at node `y`: takes 1 input, not 2
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
            E0105: Add at node `z`: takes 2 inputs, not 1
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn input_left_out_is_refused() {
    check_import(
        &single(13, "3", node("Add", &["", "x"], &["y"])),
        expect![[r#"
            E0105: Add at node `y`: the input `A` is left out
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn unknown_attribute_is_refused() {
    check_import(
        &single(13, "3", node("Relu", &["x"], &["y"]).int("alpha", 1)),
        expect![[r#"
            E0104: Relu at node `y`: `alpha` is not an attribute of Relu in operator set 13
              help: export the model again; the attribute belongs to another version of the operator
        "#]],
    );
}

#[test]
fn attribute_of_wrong_type_is_refused() {
    check_import(
        &single(13, "3", node("Softmax", &["x"], &["y"]).float("axis", 1.0)),
        expect![[r#"
            E0104: Softmax at node `y`: the attribute `axis` must be an integer
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn attribute_given_twice_is_refused() {
    check_import(
        &single(13, "3", node("Softmax", &["x"], &["y"]).int("axis", 0).int("axis", 0)),
        expect![[r#"
            E0104: Softmax at node `y`: the attribute `axis` is given twice
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn axis_out_of_range_is_refused() {
    check_import(
        &single(13, "3", node("Softmax", &["x"], &["y"]).int("axis", i64::MIN)),
        expect![[r#"
            E0104: Softmax at node `y`: axis -9223372036854775808 is out of range for a rank-1 tensor
              help: run `onnx.checker.check_model(model, full_check=True)` on the model
        "#]],
    );
}

#[test]
fn float64_input_is_refused() {
    check_import(
        &model(13).graph(11, &value_info("x", 11, "1,3")).node(node("Relu", &["x"], &["y"])).output("y"),
        expect![[r#"
            E0203: input `x`: float64 is not supported
              help: convert the model to float32 or float16 before exporting
        "#]],
    );
}

#[test]
fn sequence_input_is_refused() {
    check_import(
        &model(13).graph(11, &Wire::default().text(1, "x")).node(node("Relu", &["x"], &["y"])).output("y"),
        expect![[r#"
            E0203: input `x`: only tensors are supported, not sequences, maps or optional values
              help: export the model with tensors as inputs
        "#]],
    );
}

#[test]
fn initializer_of_another_type_is_reported_once() {
    check_import(
        &model(13)
            .input("x", "1")
            .graph(5, &tensor("h", 16, &[1], &[0, 0]))
            .node(node("Add", &["x", "h"], &["y"]))
            .node(node("Mul", &["x", "h"], &["z"]))
            .output("y")
            .output("z"),
        expect![[r#"
            E0203: tensor `h`: bfloat16 is not supported
              help: convert the model to float32 or float16 before exporting
        "#]],
    );
}

#[test]
fn unused_initializer_of_another_type_is_no_matter() {
    check_import(
        &single(13, "1", node("Relu", &["x"], &["y"])).graph(5, &tensor("h", 11, &[1], &[0; 8])),
        expect![[r#"
            graph "g" {
              input %0 "x" : f32[1]
              %1 = clamp(%0) {bounds = [0.0, inf]} : f32[1] "y"
              output "y" = %1
            }
        "#]],
    );
}

#[test]
fn sparse_initializer_is_refused() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"]))
            .graph(15, &Wire::default().message(1, &float_tensor("w", &[1], &[1.0]))),
        expect![[r#"
            E0203: tensor `w`: a sparse tensor is not supported
              help: store the tensor dense before exporting
        "#]],
    );
}

#[test]
fn short_raw_data_is_refused() {
    check_import(
        &single(13, "2", node("Add", &["x", "w"], &["y"])).graph(5, &tensor("w", 1, &[2], &[0; 7])),
        expect![[r#"
            E0106: tensor `w`: 7 bytes do not fill [2] with 4 bytes each
              help: export the model again; the file is damaged or was cut
        "#]],
    );
}

#[test]
fn short_typed_data_is_refused() {
    check_import(
        &single(13, "2", node("Add", &["x", "w"], &["y"]))
            .graph(5, &Wire::default().varint(1, 2).varint(2, 1).text(8, "w").float(4, 1.0)),
        expect![[r#"
            E0106: tensor `w`: 1 elements do not fill the shape [2]
              help: export the model again; the file is damaged or was cut
        "#]],
    );
}

#[test]
fn data_given_twice_is_refused() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"])).graph(5, &float_tensor("w", &[1], &[1.0]).float(4, 1.0)),
        expect![[r#"
            E0106: tensor `w`: the data is given twice, raw and typed
              help: export the model again; the file is damaged or was cut
        "#]],
    );
}

#[test]
fn negative_size_of_a_tensor_is_refused() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"]))
            .graph(5, &Wire::default().varint(1, -1).varint(2, 1).text(8, "w")),
        expect![[r#"
            E0106: tensor `w`: a dimension has size -1
              help: export the model again; the file is damaged or was cut
        "#]],
    );
}

#[test]
fn huge_tensor_is_refused() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"])).graph(5, &tensor("w", 1, &[1 << 40, 1 << 40], &[])),
        expect![[r#"
            E0209: tensor `w`: a tensor of shape [1099511627776, 1099511627776] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn huge_empty_tensor_is_refused() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"])).graph(5, &tensor("w", 1, &[0, 1 << 40, 1 << 40], &[])),
        expect![[r#"
            E0209: tensor `w`: a tensor of shape [1, 1099511627776, 1099511627776] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}

#[test]
fn empty_tensor_is_refused_where_it_is_used() {
    check_import(
        &single(13, "1", node("Add", &["x", "w"], &["y"])).graph(5, &tensor("w", 1, &[0], &[])),
        expect![[r#"
            E0208: Add at node `y`: a tensor of shape [0] has no elements
              help: remove the parts of the model that compute nothing
        "#]],
    );
}

#[test]
fn huge_result_is_refused() {
    check_import(
        &single(13, "1000,1000", node("Expand", &["x", "s"], &["y"])).ints("s", &[100000, 1, 1]),
        expect![[r#"
            E0209: Expand at node `y`: a tensor of shape [100000, 1000, 1000] has more than 2^30 elements
              help: use a smaller model or a smaller input
        "#]],
    );
}
