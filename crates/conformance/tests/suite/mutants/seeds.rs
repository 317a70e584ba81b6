//! Small models that between them have every kind of message and most operators.

use crate::builder::{Model, Wire, float_tensor, int_tensor, model, node, tensor, value_info};

pub(crate) fn all() -> Vec<Vec<u8>> {
    [convolutions(), shapes(), attention(), resizing(), residual(), folds(), constants(), integers()]
        .iter()
        .map(Model::bytes)
        .collect()
}

fn convolutions() -> Model {
    let graph = model(12).input("x", "n,2,5,5").count("w", &[2, 2, 3, 3]).floats("b", &[2], &[0.5, -0.5]);
    let graph = graph.int("zero", 0).ints("rest", &[-1]).floats("low", &[], &[0.0]);
    let conv = node("Conv", &["x", "w", "b"], &["c"]).named("conv").ints("pads", &[1, 1, 1, 1]).int("group", 1);
    let pool = node("MaxPool", &["r"], &["p"]).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]);
    let graph = graph.node(conv).node(node("Clip", &["c", "low"], &["r"])).node(pool.int("ceil_mode", 1));
    let graph = graph.node(node("Shape", &["p"], &["shape"])).node(node("Gather", &["shape", "zero"], &["n"]));
    let graph = graph.node(node("Unsqueeze", &["n"], &["n1"]).ints("axes", &[0]));
    let graph = graph.node(node("Concat", &["n1", "rest"], &["to"]).int("axis", 0));
    let graph = graph.node(node("Reshape", &["p", "to"], &["f"]));
    let matrix = float_tensor("", &[2, 18], &[0.25; 36]);
    let graph = graph.node(node("Constant", &[], &["m"]).tensor("value", &matrix));
    graph.node(node("Gemm", &["f", "m"], &["y"]).int("transB", 1)).output("y")
}

fn shapes() -> Model {
    let graph = model(13).input("x", "2,3,4").ints("starts", &[0, 1]).ints("ends", &[2, -1]).ints("axes", &[1, 2]);
    let graph = graph.node(node("Slice", &["x", "starts", "ends", "axes"], &["s"]));
    let graph = graph.node(node("Transpose", &["s"], &["t"]).ints("perm", &[2, 0, 1]));
    let graph = graph.node(node("Concat", &["t", "t"], &["c"]).int("axis", -1));
    let graph = graph.ints("sizes", &[1, 3]).node(node("Split", &["c", "sizes"], &["a", "b"]).int("axis", 2));
    let graph = graph.ints("all", &[2, 2, 3]).node(node("Expand", &["a", "all"], &["e"]));
    let graph = graph.node(node("Sub", &["e", "b"], &["d"])).node(node("Flatten", &["d"], &["f"]).int("axis", 1));
    let graph = graph.ints("pads", &[0, 1, 1, 0]).node(node("Pad", &["f", "pads"], &["p"]));
    graph.node(node("Squeeze", &["a"], &["q"])).node(node("Neg", &["q"], &["z"])).output("p").output("z")
}

fn attention() -> Model {
    let graph = model(17).input("x", "1,4,6").count("w", &[6, 6]).floats("scale", &[], &[0.4]);
    let graph = graph.floats("g", &[6], &[1.0, 0.5, 2.0, 1.0, 1.0, -1.0]).floats("b", &[6], &[0.1; 6]);
    let graph = graph.node(node("LayerNormalization", &["x", "g", "b"], &["n"]).float("epsilon", 1e-5));
    let graph = graph.node(node("MatMul", &["n", "w"], &["q"])).node(node("Mul", &["q", "scale"], &["r"]));
    let graph = graph.node(node("Softmax", &["r"], &["s"]).int("axis", -1)).node(node("Erf", &["s"], &["e"]));
    let graph = graph.node(node("ReduceMean", &["e"], &["m"]).ints("axes", &[1]).int("keepdims", 0));
    graph.node(node("Sigmoid", &["m"], &["y"])).output("y").output("s")
}

fn resizing() -> Model {
    let graph = model(13).input("x", "1,2,3,4").floats("scales", &[4], &[1.0, 1.0, 2.0, 1.5]);
    let up = node("Resize", &["x", "", "scales"], &["u"]).string("mode", "linear");
    let graph = graph.node(up.string("coordinate_transformation_mode", "half_pixel"));
    let graph = graph.ints("to", &[1, 2, 3, 3]).node(node("Resize", &["u", "", "", "to"], &["d"]));
    let pool = node("AveragePool", &["d"], &["p"]).ints("kernel_shape", &[2, 2]).ints("pads", &[1, 0, 0, 1]);
    let graph = graph.node(pool.int("count_include_pad", 1));
    graph.node(node("GlobalAveragePool", &["p"], &["y"])).output("y")
}

fn residual() -> Model {
    let graph = model(11).input("x", "1,4,6,6").count("w", &[4, 1, 3, 3]).count("v", &[4, 4, 1, 1]);
    let deep = node("Conv", &["x", "w"], &["d"]).int("group", 4).string("auto_pad", "SAME_UPPER");
    let graph = graph.node(deep.ints("dilations", &[1, 1]).ints("kernel_shape", &[3, 3]));
    let graph = graph.floats("s", &[4], &[0.5; 4]).floats("t", &[4], &[0.1; 4]).floats("m", &[4], &[0.0; 4]);
    let graph = graph.floats("k", &[4], &[1.0, 2.0, 3.0, 4.0]);
    let graph = graph.node(node("BatchNormalization", &["d", "s", "t", "m", "k"], &["n"]).float("epsilon", 1e-3));
    let graph = graph.node(node("Relu", &["n"], &["r"])).node(node("Conv", &["r", "v"], &["c"]));
    let graph =
        graph.node(node("Add", &["c", "x"], &["a"])).node(node("LeakyRelu", &["a"], &["y"]).float("alpha", 0.1));
    graph.node(node("HardSigmoid", &["a"], &["z"])).output("y").output("z")
}

fn folds() -> Model {
    let graph = model(18).input("x", "3,5").input("z", "3,5").ints("axes", &[0]).floats("two", &[], &[2.0]);
    let graph = graph.node(node("Max", &["x", "z", "two"], &["m"])).node(node("Min", &["m", "x"], &["n"]));
    let graph = graph.node(node("Pow", &["n", "two"], &["p"])).node(node("Sqrt", &["p"], &["q"]));
    let graph = graph.node(node("ReduceSum", &["q", "axes"], &["s"]).int("keepdims", 1));
    let graph = graph.node(node("ReduceLogSumExp", &["x", "axes"], &["l"])).node(node("Div", &["s", "l"], &["d"]));
    let graph = graph.node(node("Sum", &["d", "s", "l"], &["t"])).node(node("Elu", &["t"], &["u"]));
    graph.node(node("PRelu", &["u", "two"], &["v"])).node(node("Tanh", &["v"], &["y"])).output("y").output("d")
}

/// Everything is known when compiling, but for one sum.
fn constants() -> Model {
    let graph = model(13).input("x", "2,2").floats("a", &[2, 2], &[f32::NAN, f32::INFINITY, -0.0, 1e-40]);
    let half = tensor("h", 10, &[2], &[0x00, 0x3c, 0x00, 0x7c]);
    let graph = graph.graph(5, &half).node(node("Exp", &["a"], &["e"])).node(node("Mul", &["e", "h"], &["m"]));
    let filled = float_tensor("", &[1], &[0.5]);
    let graph = graph.ints("s", &[2, 1]).node(node("ConstantOfShape", &["s"], &["c"]).tensor("value", &filled));
    let graph = graph.node(node("Constant", &[], &["l"]).floats("value_floats", &[1.0, -2.0]));
    let graph = graph.node(node("Add", &["c", "l"], &["k"])).node(node("Transpose", &["m"], &["t"]));
    let graph = graph.node(node("Add", &["x", "t"], &["y"])).node(node("Add", &["x", "k"], &["z"]));
    graph.output("y").output("z").output("k")
}

/// Lists of every form, and arithmetic on integers.
fn integers() -> Model {
    let packed = Wire::default().bytes(1, &[4]).varint(2, 7).text(8, "p").bytes(7, &[1, 2, 3, 4]);
    let single = [1_i64, 0, 1, 0]
        .iter()
        .fold(Wire::default().varint(1, 4).varint(2, 9).text(8, "q"), |wire, value| wire.varint(5, *value));
    let graph = model(13).input("x", "2,12").graph(5, &packed).graph(5, &single);
    let graph = graph.graph(5, &int_tensor("i", &[2], &[0, 2])).graph(13, &value_info("d", 7, "2"));
    let graph = graph.node(node("Gather", &["p", "i"], &["g"])).node(node("Cast", &["q"], &["c"]).int("to", 7));
    let graph = graph.node(node("Mul", &["p", "c"], &["m"])).node(node("ReduceSum", &["x"], &["r"]).int("keepdims", 0));
    let graph = graph.int("a", 0).int("b", 6).int("by", 2).node(node("Range", &["a", "b", "by"], &["n"]));
    let graph = graph.node(node("Gather", &["x", "n"], &["e"]).int("axis", 1));
    let graph = graph.ints("three", &[3]).node(node("Concat", &["g", "three"], &["t"]).int("axis", 0));
    let graph = graph.ints("minus", &[-1, 2]).node(node("Reshape", &["x", "minus"], &["f"]));
    graph.node(node("Mul", &["e", "r"], &["y"])).output("y").output("f")
}
