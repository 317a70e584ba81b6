//! Known answers: what the reference interpreter computes from a seeded input with the graph as it was imported.

use abi::{Golden, GoldenOutput};
use ir::{AveragePool, Diagnostics, Graph, MaxPool, Node, Op, Tensor, ValueId};

use crate::pipeline::internal;

const SEED: u64 = 0x7761_736d_7475_6265;
/// Largest error as a share of the largest output.
const TOLERANCE: f32 = 1e-4;
/// More multiply-accumulates than this take the reference interpreter too long.
const MACS_MAX: u64 = 20_000_000_000;
/// So does visiting more elements than this.
const ELEMENTS_MAX: u64 = 1 << 31;
/// More elements at one time take too much memory.
const LIVE_MAX: u64 = 1 << 27;
/// Probed elements of an output.
const PROBES: usize = 16;

/// The known answers of a graph, or why there are none. `observe` is told which share has been computed.
pub(crate) fn golden(graph: &Graph, observe: &mut dyn FnMut(f64)) -> Result<Result<Golden, String>, Diagnostics> {
    let sum = |of: &dyn Fn(&Node) -> u64| graph.nodes().iter().fold(0_u64, |sum, node| sum.saturating_add(of(node)));
    let (macs, elements, live) = (sum(&|node| graph.macs(node)), sum(&|node| visits(graph, node)), most_live(graph));
    let too_much = [
        (macs, MACS_MAX, "multiply-accumulates are too many"),
        (elements, ELEMENTS_MAX, "elements are too many to visit"),
        (live, LIVE_MAX, "elements at one time are too many"),
    ];
    if let Some((count, _, what)) = too_much.into_iter().find(|(count, most, _)| count > most) {
        return Ok(Err(format!("no known answers: {count} {what} for the reference interpreter")));
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

/// Elements that a node reads and writes, with those of windows counted for each window.
fn visits(graph: &Graph, node: &Node) -> u64 {
    let terms = match &node.op {
        Op::MaxPool(MaxPool { kernel, .. }) | Op::AveragePool(AveragePool { kernel, .. }) => {
            kernel[0].saturating_mul(kernel[1])
        }
        Op::Resize(op) => op.rows.terms() * op.columns.terms(),
        Op::BatchNorm(_)
        | Op::Binary(_)
        | Op::Clamp(_)
        | Op::Concat(_)
        | Op::Conv(_)
        | Op::MatMul(_)
        | Op::Pad(_)
        | Op::Reduce(_)
        | Op::Reshape(_)
        | Op::Slice(_)
        | Op::Softmax(_)
        | Op::Transpose(_)
        | Op::Unary(_) => 1,
    };
    let elements = |id: &ValueId| graph[*id].ty.elements() as u64;
    let read: u64 = node.inputs.iter().map(elements).sum();
    elements(&node.output).saturating_mul(terms as u64).saturating_add(read)
}

/// The most elements that are held at one time: of the inputs, and of what is computed until its last use.
fn most_live(graph: &Graph) -> u64 {
    let elements = |id: &ValueId| graph[*id].ty.elements() as u64;
    let mut uses = graph.use_counts();
    // Inputs stay.
    graph.inputs().iter().for_each(|id| uses[id.index()] += 1);
    let mut live: u64 = graph.inputs().iter().map(elements).sum();
    let mut most = live;
    for node in graph.nodes() {
        live += elements(&node.output);
        most = most.max(live);
        for id in &node.inputs {
            uses[id.index()] -= 1;
            if uses[id.index()] == 0 && graph[*id].constant.is_none() {
                live -= elements(id);
            }
        }
        if uses[node.output.index()] == 0 {
            live -= elements(&node.output);
        }
    }
    most
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
