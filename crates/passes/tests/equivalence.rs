//! Random graphs compute the same before and after every pass.

use std::collections::HashSet;

use ir::{Graph, Op, Tensor, TensorType, ValueId};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use wasmtube_passes::{PASSES, optimize, run_until};

use self::random_graph::{Transposes, random_graph};

#[path = "equivalence/random_graph.rs"]
mod random_graph;

/// Largest difference, relative to the largest output or 1.
const BOUND: f32 = 1e-4;

fn for_random_graphs(cases: u32, transposes: Transposes, check: fn(&Graph) -> Result<(), String>) {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&vec(any::<u16>(), 0..250), |choices| {
        let graph = random_graph(&choices, transposes);
        ir::verify(&graph).map_err(|error| TestCaseError::fail(format!("the generator is wrong: {error}")))?;
        check(&graph).map_err(|message| TestCaseError::fail(format!("{message}\n{}", ir::text::print(&graph))))
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn inputs(graph: &Graph) -> Vec<Tensor> {
    let mut seed = 1_u32;
    let mut next = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut tensor =
        |ty: &TensorType| Tensor::new(ty.shape.clone(), (0..ty.elements()).map(|_| next()).collect::<Vec<_>>());
    graph.inputs().iter().map(|id| tensor(&graph[*id].ty)).collect()
}

fn same_outputs(what: &str, before: &Graph, after: &Graph) -> Result<(), String> {
    let inputs = inputs(before);
    let expect = interp::evaluate(before, &inputs).map_err(|error| error.to_string())?;
    let found = interp::evaluate(after, &inputs).map_err(|error| error.to_string())?;
    for ((output, expect), found) in before.outputs().iter().zip(&expect).zip(&found) {
        if expect.shape() != found.shape() {
            return Err(format!("{what}: `{}` has shape {:?}, not {:?}", output.name, found.shape(), expect.shape()));
        }
        let largest = expect.data().iter().fold(1.0_f32, |largest, value| largest.max(value.abs()));
        for (expect, found) in expect.data().iter().zip(found.data()) {
            let near = (expect - found).abs() <= BOUND * largest || (expect.is_nan() && found.is_nan());
            if !near {
                return Err(format!("{what}: `{}` has {found}, not {expect}\n{}", output.name, ir::text::print(after)));
            }
        }
    }
    Ok(())
}

#[test]
fn every_pass_alone_keeps_the_outputs() {
    for_random_graphs(400, Transposes::Anywhere, |graph| {
        for pass in PASSES {
            let after = (pass.run)(graph.clone()).map_err(|error| format!("{}: {error:?}", pass.name))?;
            ir::verify(&after).map_err(|error| format!("{}: {error:?}", pass.name))?;
            same_outputs(pass.name, graph, &after)?;
        }
        Ok(())
    });
}

#[test]
fn passes_in_order_keep_the_outputs() {
    for_random_graphs(400, Transposes::Anywhere, |graph| {
        for pass in PASSES {
            let after = run_until(graph.clone(), Some(pass.name)).map_err(|error| format!("{error:?}"))?;
            same_outputs(pass.name, graph, &after)?;
        }
        Ok(())
    });
}

#[test]
fn optimizing_again_changes_no_number_of_nodes() {
    for_random_graphs(1000, Transposes::AsImported, |graph| {
        let once = optimize(graph.clone()).map_err(|error| format!("{error:?}"))?;
        let twice = optimize(once.clone()).map_err(|error| format!("{error:?}"))?;
        if once.nodes().len() == twice.nodes().len() {
            return Ok(());
        }
        Err(format!("once:\n{}twice:\n{}", ir::text::print(&once), ir::text::print(&twice)))
    });
}

#[test]
fn transposes_stand_only_where_an_order_is_needed() {
    for_random_graphs(400, Transposes::Anywhere, |graph| {
        let after = optimize(graph.clone()).map_err(|error| format!("{error:?}"))?;
        let transposed: HashSet<ValueId> =
            after.nodes().iter().filter(|node| matches!(node.op, Op::Transpose(_))).map(|node| node.output).collect();
        let reader = after
            .nodes()
            .iter()
            .find(|node| any_order(&node.op) && node.inputs.iter().any(|input| transposed.contains(input)));
        match reader {
            Some(node) => Err(format!("{} reads a transpose\n{}", node.op.name(), ir::text::print(&after))),
            None => Ok(()),
        }
    });
}

/// Whether an operator can be applied to a reordered tensor as well.
fn any_order(op: &Op) -> bool {
    match op {
        Op::Clamp(_) | Op::Pad(_) | Op::Reduce(_) | Op::Slice(_) | Op::Softmax(_) | Op::Transpose(_) | Op::Unary(_) => {
            true
        }
        Op::AveragePool(_)
        | Op::BatchNorm(_)
        | Op::Binary(_)
        | Op::Concat(_)
        | Op::Conv(_)
        | Op::MatMul(_)
        | Op::MaxPool(_)
        | Op::Reshape(_)
        | Op::Resize(_) => false,
    }
}
