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

/// Elements that a node reads and writes, with those of windows counted for each window, and an operand of products for
/// each row of results that it adds to.
fn visits(graph: &Graph, node: &Node) -> u64 {
    let elements = |id: &ValueId| graph[*id].ty.elements() as u64;
    let made = elements(&node.output);
    let windows = |kernel: &[usize; 2]| made.saturating_mul(kernel[0].saturating_mul(kernel[1]) as u64);
    // In a row are the results that one operand is multiplied for.
    let rows = |length: usize| graph.macs(node) / length.max(1) as u64;
    let visited = match &node.op {
        Op::MaxPool(MaxPool { kernel, .. }) | Op::AveragePool(AveragePool { kernel, .. }) => windows(kernel),
        Op::Resize(op) => made.saturating_mul((op.rows.terms() * op.columns.terms()) as u64),
        Op::Conv(op) => made.saturating_add(rows(graph[node.output].ty.shape[3] / op.groups)),
        Op::MatMul(_) => made.saturating_add(rows(graph[node.output].ty.shape.last().copied().unwrap_or(1))),
        Op::BatchNorm(_)
        | Op::Binary(_)
        | Op::Clamp(_)
        | Op::Concat(_)
        | Op::Pad(_)
        | Op::Reduce(_)
        | Op::Reshape(_)
        | Op::Slice(_)
        | Op::Softmax(_)
        | Op::Transpose(_)
        | Op::Unary(_) => made,
    };
    visited.saturating_add(node.inputs.iter().map(elements).sum())
}

/// The most elements that are held at one time: of the inputs, and of what is computed until its last use, twice while it
/// becomes a tensor.
fn most_live(graph: &Graph) -> u64 {
    let elements = |id: &ValueId| graph[*id].ty.elements() as u64;
    let mut uses = graph.use_counts();
    // Inputs stay.
    graph.inputs().iter().for_each(|id| uses[id.index()] += 1);
    let mut live: u64 = graph.inputs().iter().map(elements).sum();
    let mut most = live;
    for node in graph.nodes() {
        live += elements(&node.output);
        most = most.max(live + elements(&node.output));
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

/// The largest element and others at equal distances, of those that are finite. Their positions are counted and not
/// kept, as there may be as many as elements.
fn probe(output: &Tensor) -> GoldenOutput {
    let data = output.data();
    let finite = || (0..data.len()).filter(|position| data[*position].is_finite());
    let number = finite().count();
    let largest = finite().fold(0.0_f32, |largest, position| largest.max(data[position].abs()));
    let peak = finite().find(|position| data[*position].abs() == largest);
    let count = PROBES.min(number);
    let mut ranks = (0..count).map(|probe| probe * number / count).peekable();
    let at_ranks = finite().enumerate().filter(|(rank, _)| ranks.next_if_eq(rank).is_some());
    let mut positions: Vec<usize> = at_ranks.map(|(_, position)| position).chain(peak).collect();
    positions.sort_unstable();
    positions.dedup();
    GoldenOutput {
        largest,
        values: positions.iter().map(|position| data[*position]).collect(),
        positions: positions.iter().map(|position| *position as u64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use ir::{Conv, MatMul, Padding, TensorType};

    use super::*;

    #[track_caller]
    fn check_probe(data: &[f32], largest: f32, positions: &[u64]) {
        let found = probe(&Tensor::new([data.len()], data));
        assert_eq!((found.largest, &found.positions[..]), (largest, positions));
        let values: Vec<f32> = positions.iter().map(|position| data[*position as usize]).collect();
        assert_eq!(found.values, values);
    }

    #[test]
    fn probes_are_at_equal_distances_among_what_is_finite() {
        check_probe(&[], 0.0, &[]);
        check_probe(&[f32::NAN, f32::INFINITY], 0.0, &[]);
        check_probe(&[f32::NAN, 1.0, -2.0], 2.0, &[1, 2]);
        let mut data = [0.5; 33];
        data[0] = f32::INFINITY;
        data[6] = -3.0;
        check_probe(&data, 3.0, &[1, 3, 5, 6, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31]);
    }

    /// What is said of one operation on an input of this shape and a constant of that one.
    #[track_caller]
    fn check_visits(op: impl Fn(&mut Graph, ValueId, ValueId) -> ValueId, x: &[usize], w: &[usize], expected: u64) {
        let mut graph = Graph::new("g");
        let x = graph.input("x", TensorType::f32(x));
        let w = graph.constant("w", Tensor::splat(w, 0.0));
        op(&mut graph, x, w);
        assert_eq!(visits(&graph, &graph.nodes()[0]), expected);
    }

    #[test]
    fn products_of_short_rows_visit_more() {
        let product =
            |graph: &mut Graph, x, w| graph.push(Op::MatMul(MatMul { activation: None }), &[x, w], "m").unwrap();
        check_visits(product, &[100, 50], &[50, 200], 20_000 + 100 * 50 + 5_000 + 10_000);
        check_visits(product, &[100, 50], &[50, 1], 100 + 100 * 50 + 5_000 + 50);
        let conv = |groups| {
            move |graph: &mut Graph, x, w| {
                let bias = graph.constant("b", Tensor::splat([4], 0.0));
                let op = Conv { strides: [1, 1], dilations: [1, 1], padding: Padding::ZERO, groups, activation: None };
                graph.push(Op::Conv(op), &[x, w, bias], "c").unwrap()
            }
        };
        check_visits(conv(1), &[1, 10, 10, 4], &[3, 3, 4, 4], 256 + 64 * 9 * 4 + 400 + 144 + 4);
        check_visits(conv(4), &[1, 10, 10, 4], &[3, 3, 1, 4], 256 + 64 * 9 * 4 + 400 + 36 + 4);
    }
}
