//! Settings at the edge of what the operators allow: a module or a refusal, never a panic and never our own defect.

use ir::{AveragePool, Clamp, Code, Conv, Graph, MaxPool, Op, Padding, TensorType, Unary};
use wasmtube_conformance::inputs::Numbers;

const GRAPHS: u64 = 1500;

#[test]
fn extreme_settings_are_compiled_or_refused() {
    let (mut compiled, mut refused) = (0, 0);
    for seed in 0..GRAPHS {
        let mut random = Numbers::seeded(seed);
        let Some(graph) = extreme_graph(&mut random) else { continue };
        ir::verify(&graph).unwrap();
        match plan::plan(graph) {
            Ok(plan) => {
                plan::check(&plan).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", plan::print(&plan)));
                codegen::emit(&plan, codegen::Profile::Relaxed, None)
                    .unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", plan::print(&plan)));
                compiled += 1;
            }
            Err(reasons) => {
                reasons.reasons().iter().for_each(|reason| assert_ne!(reason.code, Code::Internal, "seed {seed}"));
                refused += 1;
            }
        }
    }
    assert!(compiled > 100 && refused > 10, "{compiled} compiled, {refused} refused: the settings are not at the edge");
}

/// Mostly small numbers, now and then a huge one.
fn size(random: &mut Numbers, small: usize) -> usize {
    match random.below(8) {
        0 => 1 << random.below(34),
        1 => (1 << random.below(34)) - 1,
        _ => random.below(small),
    }
}

fn padding(random: &mut Numbers) -> Padding {
    let mut side = || size(random, 3);
    Padding { top: side(), left: side(), bottom: side(), right: side() }
}

/// `None` where the settings do not make a graph.
fn extreme_graph(random: &mut Numbers) -> Option<Graph> {
    let mut graph = Graph::new("extreme");
    let side = |random: &mut Numbers| 1 + random.below(40);
    let channels = 1 + random.below(9);
    let shape = [1 + random.below(3), side(random), side(random), channels];
    let x = graph.input("x", TensorType::f32(shape));
    // Behind a node, the planner may give the value a border.
    let x = if random.below(2) == 0 { graph.push(Op::Unary(Unary::Neg), &[x], "neg").ok()? } else { x };
    let kernel = [1 + random.below(4), 1 + random.below(4)];
    let strides = [1 + size(random, 3), 1 + size(random, 3)];
    let op = match random.below(4) {
        0 => Op::MaxPool(MaxPool { kernel: kernel.map(|k| k * 9), strides, padding: padding(random) }),
        1 => {
            let (padding, count_padding) = (padding(random), random.below(2) == 0);
            Op::AveragePool(AveragePool { kernel, strides, padding, count_padding })
        }
        _ => Op::Conv(Conv {
            strides,
            dilations: [1 + size(random, 2), 1 + size(random, 2)],
            padding: padding(random),
            groups: [1, channels][random.below(2)],
            activation: Some(Clamp::RELU),
        }),
    };
    let inputs = match &op {
        Op::Conv(conv) => {
            let outputs = if conv.groups == 1 { 1 + random.below(12) } else { channels };
            let weights = random.tensor(&[kernel[0], kernel[1], channels / conv.groups, outputs]);
            let bias = random.tensor(&[outputs]);
            vec![x, graph.constant("w", weights), graph.constant("b", bias)]
        }
        _ => vec![x],
    };
    let output = graph.push(op, &inputs, "extreme").ok()?;
    // What only wastes memory is another test's.
    (graph[output].ty.elements() < 1 << 20).then_some(())?;
    graph.output("y", output);
    Some(graph)
}
