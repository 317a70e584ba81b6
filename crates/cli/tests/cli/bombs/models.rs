//! Models, as `docs/limits-models.md` says.

use std::time::Duration;

use crate::folder::Folder;
use crate::large::{Watched, watched};
use crate::onnx::{Dim, F32, I64, Node, graph, tensor};

/// Of a processor.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whatever the file says, and for each byte of it.
const FIXED: u64 = 1 << 30;
const BYTE: u64 = 12;

const SHAPE: &[Dim<'_>] = &[Dim::Size(2), Dim::Size(4)];

#[track_caller]
fn check(file: &[u8], builds: bool) {
    let folder = Folder::new();
    folder.write("m.onnx", file);
    let Watched { status, most, taken } = watched(folder.command(&["build", "m.onnx"]));
    println!("{taken:?}, {most} bytes for a file of {}", file.len());
    assert!(taken < PATIENCE, "took {taken:?}");
    assert!(most < FIXED + BYTE * file.len() as u64, "took {most} bytes for {}", file.len());
    assert!(matches!(status.code(), Some(0 | 1)), "ended with {status}");
    if status.success() != builds {
        let ran = folder.run(&["build", "m.onnx"]);
        panic!("ended with {status}: {ran:?}");
    }
    assert_eq!(folder.path("m.wasm").exists(), builds);
}

/// `x0` to `x{count}`.
fn names(count: usize) -> Vec<String> {
    (0..=count).map(|number| format!("x{number}")).collect()
}

/// A node of each operator in turn, each of what came before it and of `others`.
fn chain(count: usize, operators: &[&str], others: &[&str], tensors: &[Vec<u8>]) -> Vec<u8> {
    let names = names(count);
    let inputs: Vec<Vec<&str>> = names.iter().map(|name| [&[name.as_str()][..], others].concat()).collect();
    let outputs: Vec<[&str; 1]> = names.iter().skip(1).map(|name| [name.as_str()]).collect();
    let nodes: Vec<Node<'_>> = inputs
        .iter()
        .zip(&outputs)
        .zip(operators.iter().cycle())
        .map(|((inputs, output), operator)| (*operator, output[0], &inputs[..], &output[..]))
        .collect();
    graph(&[("x0", F32, SHAPE)], tensors, &nodes, &[(&names[count], F32, SHAPE)])
}

fn floats(name: &str, shape: &[u64], values: &[f32]) -> Vec<u8> {
    tensor(name, F32, shape, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

#[test]
fn chains_of_ten_and_sixty_thousand_nodes() {
    for count in [10_000, 60_000] {
        check(&chain(count, &["Tanh"], &[], &[]), true);
        check(&chain(count, &["Tanh", "Relu", "Neg", "Sigmoid"], &[], &[]), true);
    }
}

#[test]
fn chains_that_are_views_of_one_value() {
    for count in [10_000, 60_000] {
        check(&chain(count, &["Transpose"], &[], &[]), true);
        check(&chain(count, &["Flatten"], &[], &[]), true);
        check(&chain(count, &["Transpose", "Tanh", "Tanh", "Transpose"], &[], &[]), true);
    }
}

#[test]
fn chains_that_read_one_constant() {
    let matrix = floats("w", &[4, 4], &[0.25; 16]);
    let row = floats("b", &[4], &[0.5; 4]);
    for count in [10_000, 60_000] {
        check(&chain(count, &["MatMul"], &["w"], std::slice::from_ref(&matrix)), true);
        check(&chain(count, &["Add", "Mul", "Max"], &["b"], std::slice::from_ref(&row)), true);
    }
}

#[test]
fn ten_thousand_readers_of_one_value_and_one_reader_of_ten_thousand() {
    let names = names(10_000);
    let outputs: Vec<[&str; 1]> = names.iter().skip(1).map(|name| [name.as_str()]).collect();
    let mut nodes: Vec<Node<'_>> = outputs.iter().map(|output| ("Tanh", output[0], &["x0"][..], &output[..])).collect();
    let all: Vec<&str> = outputs.iter().map(|output| output[0]).collect();
    nodes.push(("Sum", "y", &all, &["y"]));
    check(&graph(&[("x0", F32, SHAPE)], &[], &nodes, &[("y", F32, SHAPE)]), true);
}

#[test]
fn a_cycle_of_ten_thousand_nodes() {
    let names = names(10_000);
    let pairs: Vec<[&str; 2]> =
        names.iter().zip(names.iter().cycle().skip(1)).map(|(from, to)| [from.as_str(), to.as_str()]).collect();
    let nodes: Vec<Node<'_>> = pairs.iter().map(|pair| ("Tanh", pair[1], &pair[..1], &pair[1..])).collect();
    check(&graph(&[], &[], &nodes, &[("x0", F32, SHAPE)]), false);
}

#[test]
fn more_nodes_than_may_be() {
    check(&chain(70_000, &["Tanh"], &[], &[]), false);
}

#[test]
fn a_hundred_thousand_constants_of_one_number() {
    let names = names(100_000);
    let tensors: Vec<Vec<u8>> = names.iter().map(|name| floats(name, &[1], &[0.5])).collect();
    check(&graph(&[("x", F32, SHAPE)], &tensors, &[("Add", "y", &["x", "x7"], &["y"])], &[("y", F32, SHAPE)]), true);
    let outputs: Vec<[String; 1]> = (0..30_000).map(|number| [format!("y{number}")]).collect();
    let inputs: Vec<[&str; 2]> = (0..30_000)
        .map(|number| [if number == 0 { "x" } else { outputs[number - 1][0].as_str() }, names[number].as_str()])
        .collect();
    let outputs: Vec<[&str; 1]> = outputs.iter().map(|output| [output[0].as_str()]).collect();
    let nodes: Vec<Node<'_>> =
        inputs.iter().zip(&outputs).map(|(inputs, output)| ("Max", output[0], &inputs[..], &output[..])).collect();
    check(&graph(&[("x", F32, SHAPE)], &tensors, &nodes, &[(outputs[29_999][0], F32, SHAPE)]), true);
}

#[test]
fn a_million_fields_that_mean_nothing() {
    let model = chain(1, &["Tanh"], &[], &[]);
    // Field 99, a number.
    check(&[&model[..], &b"\x98\x06\x07".repeat(1_000_000)].concat(), true);
}

/// `operator` makes a tensor of these sizes of `x`.
fn made(operator: &str, sizes: &[i64], shape: &[u64]) -> Vec<u8> {
    let sizes =
        tensor("s", I64, &[sizes.len() as u64], &sizes.iter().flat_map(|size| size.to_le_bytes()).collect::<Vec<u8>>());
    let shape: Vec<Dim<'_>> = shape.iter().map(|size| Dim::Size(*size)).collect();
    let nodes: &[Node<'_>] = &[(operator, "l", &["x", "s"], &["l"]), ("ReduceMax", "y", &["l"], &["y"])];
    graph(&[("x", F32, &[Dim::Size(1), Dim::Size(1)])], &[sizes], nodes, &[("y", F32, &shape)])
}

#[test]
fn a_number_that_becomes_very_many() {
    for side in [1 << 14, 1 << 16, 1 << 30, 1 << 62] {
        check(&made("Expand", &[side, side], &[1, 1]), false);
    }
}

/// A matrix product of these sizes, many times.
fn products(count: usize, side: u64) -> Vec<u8> {
    let weights = floats("w", &[side, side], &vec![0.0; (side * side) as usize]);
    let names = names(count);
    let nodes: Vec<([&str; 2], [&str; 1])> =
        names.windows(2).map(|pair| ([pair[0].as_str(), "w"], [pair[1].as_str()])).collect();
    let nodes: Vec<Node<'_>> =
        nodes.iter().map(|(inputs, output)| ("MatMul", output[0], &inputs[..], &output[..])).collect();
    let shape: &[Dim<'_>] = &[Dim::Size(side), Dim::Size(side)];
    graph(&[("x0", F32, shape)], &[weights], &nodes, &[(&names[count], F32, shape)])
}

#[test]
fn work_of_hours_is_not_done_while_compiling() {
    check(&products(2_000, 512), true);
}

#[test]
fn tensors_of_hundreds_of_megabytes() {
    for sides in [[1 << 13, 1 << 12], [3, 1 << 24], [1 << 26, 1]] {
        let shape = &sides.map(Dim::Size);
        for operators in [&["Tanh"][..], &["Tanh", "Transpose", "Tanh"], &["Softmax"]] {
            let names = names(operators.len());
            let pairs: Vec<[&str; 2]> = names.windows(2).map(|pair| [pair[0].as_str(), pair[1].as_str()]).collect();
            let mut nodes: Vec<Node<'_>> = pairs
                .iter()
                .zip(operators)
                .map(|(pair, operator)| (*operator, pair[1], &pair[..1], &pair[1..]))
                .collect();
            nodes.push(("ReduceMax", "y", std::slice::from_ref(&pairs[pairs.len() - 1][1]), &["y"]));
            check(&graph(&[("x0", F32, shape)], &[], &nodes, &[("y", F32, &[Dim::Size(1); 2])]), true);
        }
    }
}

#[test]
fn as_many_computed_constants_as_may_be() {
    for (side, builds) in [(1 << 11, true), (2800, true), (4000, false)] {
        let sizes = tensor("s", I64, &[2], &[side; 2].map(i64::to_le_bytes).concat());
        let nodes: &[Node<'_>] = &[
            ("ConstantOfShape", "c", &["s"], &["c"]),
            ("Transpose", "t", &["c"], &["t"]),
            ("MatMul", "m", &["x", "t"], &["m"]),
            ("MatMul", "n", &["m", "c"], &["n"]),
        ];
        let shape = &[Dim::Size(1), Dim::Size(side as u64)];
        check(&graph(&[("x", F32, shape)], &[sizes], nodes, &[("n", F32, shape)]), builds);
    }
}

#[test]
fn outputs_that_are_larger_than_what_they_are_made_of() {
    let (tall, wide): (&[_], &[_]) = (&[Dim::Size(16_320), Dim::Size(1)], &[Dim::Size(1), Dim::Size(8192)]);
    let both = &[Dim::Size(16_320), Dim::Size(8192)];
    let nodes: &[Node<'_>] = &[("Add", "y", &["x", "z"], &["y"])];
    check(&graph(&[("x", F32, tall), ("z", F32, wide)], &[], nodes, &[("y", F32, both)]), true);
}

#[test]
fn products_of_very_short_rows() {
    let weights = floats("w", &[1, 1, 70, 70], &[0.5; 4900]);
    let shape = &[Dim::Size(1), Dim::Size(1), Dim::Size(2069), Dim::Size(2069)];
    let result = &[Dim::Size(1), Dim::Size(1), Dim::Size(2000), Dim::Size(2000)];
    let nodes: &[Node<'_>] = &[("Conv", "y", &["x", "w"], &["y"])];
    check(&graph(&[("x", F32, shape)], &[weights], nodes, &[("y", F32, result)]), true);
}
