//! Known answers: what the reference interpreter computes from a seeded input with the graph as it was imported.

use abi::{Golden, GoldenOutput};
use ir::{Diagnostics, Graph, Node, Tensor, ValueId};

use crate::pipeline::internal;

const SEED: u64 = 0x7761_736d_7475_6265;
/// Largest error as a share of the largest output.
const TOLERANCE: f32 = 1e-4;
/// More multiply-accumulates than this take the reference interpreter too long.
const MACS_MAX: u64 = 20_000_000_000;
/// Probed elements of an output.
const PROBES: usize = 16;

/// The known answers of a graph, or why there are none. `observe` is told which share has been computed.
pub(crate) fn golden(graph: &Graph, observe: &mut dyn FnMut(f64)) -> Result<Result<Golden, String>, Diagnostics> {
    let macs = graph.nodes().iter().fold(0_u64, |macs, node| macs.saturating_add(graph.macs(node)));
    if macs > MACS_MAX {
        return Ok(Err(format!(
            "no known answers: {macs} multiply-accumulates are too many for the reference interpreter"
        )));
    }
    let mut golden = Golden { seed: SEED, scale: 1.0, offset: 0.0, tolerance: TOLERANCE, outputs: vec![] };
    let work = |node: &Node| graph.macs(node).saturating_add(graph[node.output].ty.elements() as u64) as f64;
    let all: f64 = graph.nodes().iter().map(work).sum();
    let mut done = 0.0;
    let outputs = interp::evaluate_observed(graph, &seeded(graph, &golden), &mut |node| {
        observe(done / all);
        done += work(node);
    });
    let outputs = outputs.map_err(internal)?;
    golden.outputs = outputs.iter().map(probe).collect();
    if golden.outputs.iter().all(|output| output.positions.is_empty()) {
        return Ok(Err("no known answers: on seeded inputs no output is a finite number".into()));
    }
    Ok(Ok(golden))
}

/// Inputs of a trial: from `[-1, 1)`, and for every fourth seed from `[0, 1)`, where more functions have finite values.
pub(crate) fn recipe(seed: u64) -> Golden {
    let (scale, offset) = if seed.is_multiple_of(4) { (0.5, 0.5) } else { (1.0, 0.0) };
    Golden { seed, scale, offset, tolerance: TOLERANCE, outputs: vec![] }
}

/// The inputs of a graph that `golden` describes.
pub(crate) fn seeded(graph: &Graph, golden: &Golden) -> Vec<Tensor> {
    let input = |(index, id): (u64, &ValueId)| {
        let ty = &graph[*id].ty;
        Tensor::new(ty.shape.clone(), golden.input(index).take(ty.elements()).collect::<Vec<f32>>())
    };
    (0..).zip(graph.inputs()).map(input).collect()
}

/// The largest element and others at equal distances, of those that are finite.
fn probe(output: &Tensor) -> GoldenOutput {
    let data = output.data();
    let finite: Vec<usize> = (0..data.len()).filter(|position| data[*position].is_finite()).collect();
    let largest = finite.iter().fold(0.0_f32, |largest, position| largest.max(data[*position].abs()));
    let peak = finite.iter().copied().find(|position| data[*position].abs() == largest);
    let count = PROBES.min(finite.len());
    let mut positions: Vec<usize> = (0..count).map(|probe| finite[probe * finite.len() / count]).chain(peak).collect();
    positions.sort_unstable();
    positions.dedup();
    GoldenOutput {
        largest,
        values: positions.iter().map(|position| data[*position]).collect(),
        positions: positions.iter().map(|position| *position as u64).collect(),
    }
}
