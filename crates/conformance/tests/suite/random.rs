//! Random graphs through planner, plan checker and emitter: whatever the operators and however values are shared, the
//! plan is sound and the module computes what the interpreter does.

use ir::{
    AveragePool, Binary, BinaryOp, Blend, Clamp, Concat, Conv, Graph, MaxPool, Op, Pad, Padding, Reduce, ReduceKind,
    Reshape, Resize, Sampling, Slice, Softmax, Tensor, TensorType, Transpose, Unary, ValueId,
};
use wasmtube_conformance::inputs::Numbers;

use crate::harness::compare;

const GRAPHS: u64 = 150;
const NODES: usize = 12;
/// Errors add up along a chain.
const BOUND: f32 = 1e-4;

#[test]
fn random_graphs_compute_what_the_interpreter_does() {
    for seed in 0..GRAPHS {
        let graph = random_graph(seed);
        if let Err(reason) = compare(&graph, BOUND) {
            panic!("seed {seed}: {reason}\n{}", ir::text::print(&graph));
        }
    }
}

/// The same after all passes.
#[test]
fn optimized_random_graphs_compute_what_the_interpreter_does() {
    for seed in GRAPHS..2 * GRAPHS {
        let graph = passes::optimize(random_graph(seed)).unwrap();
        if let Err(reason) = compare(&graph, BOUND) {
            panic!("seed {seed}: {reason}\n{}", ir::text::print(&graph));
        }
    }
}

fn random_graph(seed: u64) -> Graph {
    let mut random = Numbers::seeded(seed);
    let mut graph = Graph::new("random");
    let shape: Vec<usize> = [1 + random.below(2), 2 + random.below(7), 2 + random.below(7), 1 + random.below(9)].into();
    let mut values = vec![graph.input("x", TensorType::f32(shape))];
    while graph.nodes().len() < NODES {
        // Newer values are likelier, so that graphs are deep; older ones are shared now and then.
        let reach = 1 + random.below(4);
        let back = random.below(values.len().min(reach));
        let x = values[values.len() - 1 - back];
        let other = values[random.below(values.len())];
        let (op, inputs) = random_op(&mut random, &mut graph, x, other);
        // What does not fit is not pushed.
        if let Ok(value) = graph.push(op, &inputs, "node") {
            values.push(value);
        }
    }
    for (index, value) in values.iter().enumerate() {
        if index + 1 == values.len() || random.below(5) == 0 {
            graph.output(format!("y{index}"), *value);
        }
    }
    graph
}

fn random_op(random: &mut Numbers, graph: &mut Graph, x: ValueId, other: ValueId) -> (Op, Vec<ValueId>) {
    let shape = graph[x].ty.shape.clone();
    let rank = shape.len();
    let axis = random.below(rank.max(1));
    match random.below(15) {
        0..3 => random_conv(random, graph, x, other),
        3 => (Op::Unary([Unary::Neg, Unary::Abs, Unary::Sigmoid, Unary::Tanh][random.below(4)]), vec![x]),
        4 => {
            let op = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Max, BinaryOp::Min][random.below(5)];
            (Op::Binary(Binary { op }), vec![x, other])
        }
        5 => (Op::Clamp(Clamp { low: -0.5, high: 0.75 }), vec![x]),
        6 => (Op::Concat(Concat { axis }), [vec![x, other], vec![x, x, other], vec![other]][random.below(3)].clone()),
        7 => {
            let (kernel, strides) = ([1 + random.below(3); 2], [1 + random.below(2); 2]);
            let padding = Padding { top: random.below(kernel[0]), left: 0, bottom: 0, right: random.below(kernel[1]) };
            let mean = AveragePool { kernel, strides, padding, count_padding: random.below(2) == 0 };
            let max = MaxPool { kernel, strides, padding };
            (if random.below(2) == 0 { Op::MaxPool(max) } else { Op::AveragePool(mean) }, vec![x])
        }
        8 => {
            let mut permutation: Vec<usize> = (0..rank).collect();
            (0..rank).for_each(|axis| permutation.swap(axis, axis + random.below(rank - axis)));
            (Op::Transpose(Transpose { permutation }), vec![x])
        }
        9 => {
            let elements: usize = shape.iter().product();
            let first = (1..=elements.min(8)).rev().find(|size| elements.is_multiple_of(*size)).unwrap_or(1);
            let shapes = [vec![elements], vec![1, first, elements / first, 1], vec![first, elements / first]];
            (Op::Reshape(Reshape { shape: shapes[random.below(3)].clone() }), vec![x])
        }
        10 => {
            let starts: Vec<usize> = shape.iter().map(|size| random.below((*size).max(1))).collect();
            let steps: Vec<usize> = shape.iter().map(|_| 1 + random.below(2)).collect();
            let sizes = (0..rank).map(|axis| (shape[axis] - starts[axis]).div_ceil(steps[axis])).collect();
            (Op::Slice(Slice { starts, sizes, steps }), vec![x])
        }
        11 => {
            let mut sides = || shape.iter().map(|_| random.below(3)).collect();
            (Op::Pad(Pad { before: sides(), after: sides(), value: 0.25 }), vec![x])
        }
        12 => {
            let kind = ReduceKind::ALL[random.below(3)];
            (Op::Reduce(Reduce { kind, axes: (0..rank).filter(|_| random.below(2) == 0).collect() }), vec![x])
        }
        13 if rank == 4 => {
            let (rows, columns) = (random_sampling(random, shape[1]), random_sampling(random, shape[2]));
            (Op::Resize(Resize { rows, columns }), vec![x])
        }
        _ => (Op::Softmax(Softmax { axis }), vec![x]),
    }
}

fn random_sampling(random: &mut Numbers, size: usize) -> Sampling {
    let outputs = 1 + random.below(6);
    match random.below(4) {
        0 => Sampling::identity(size),
        1 => Sampling::Nearest((0..2 * size.min(6)).map(|output| output / 2).collect()),
        2 => Sampling::Nearest((0..outputs).map(|_| random.below(size)).collect()),
        _ => {
            let blend = |_| {
                let weight = random.below(5) as f32 / 4.0;
                Blend { near: random.below(size), far: random.below(size), weight }
            };
            Sampling::Linear((0..outputs).map(blend).collect())
        }
    }
}

fn random_conv(random: &mut Numbers, graph: &mut Graph, x: ValueId, other: ValueId) -> (Op, Vec<ValueId>) {
    let Some(depth) = graph[x].ty.shape.last().copied().filter(|depth| *depth > 0) else {
        return (Op::Unary(Unary::Neg), vec![x]);
    };
    let (channels, groups) = match random.below(3) {
        0 => (depth, depth),
        _ => (1 + random.below(12), 1),
    };
    let kernel = [[1, 1], [3, 3], [1, 3], [2, 2]][random.below(4)];
    let padding =
        Padding { top: random.below(2), left: random.below(2), bottom: random.below(2), right: random.below(2) };
    let strides = [1 + random.below(2); 2];
    let dilations = [1 + random.below(2); 2];
    // Small weights keep the numbers of a deep graph near one.
    let scale = 1.5 / (kernel[0] * kernel[1] * depth / groups) as f32;
    let weights = random.tensor(&[kernel[0], kernel[1], depth / groups, channels]);
    let weights = Tensor::new(weights.shape(), weights.data().iter().map(|value| value * scale).collect::<Vec<_>>());
    let weights = graph.constant("weights", weights);
    let bias = graph.constant("bias", random.tensor(&[channels]));
    let activation = (random.below(2) == 0).then_some(Clamp { low: 0.0, high: 1.5 });
    let op = Op::Conv(Conv { strides, dilations, padding, groups, activation });
    let residual = (random.below(3) == 0).then_some(other);
    (op, [x, weights, bias].into_iter().chain(residual).collect())
}
