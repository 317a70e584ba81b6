//! Which written element each element of a value is: an alias stands for elements of the values it was made of.

use std::rc::Rc;

use ir::{Graph, Node, Op, ValueId};

use crate::Plan;

/// Consecutive elements of a value that are consecutive elements of one that a step writes, or the host.
#[derive(Debug, Clone, Copy)]
struct Run {
    root: u32,
    start: u32,
    length: u32,
}

/// The runs of every value.
pub(super) struct Roots(Vec<Rc<[Run]>>);

impl Roots {
    pub(super) fn of(plan: &Plan) -> Self {
        let graph = &plan.graph;
        let is_alias = super::aliases(plan, graph);
        let own = |(index, value): (usize, &ir::Value)| -> Rc<[Run]> {
            Rc::new([Run { root: narrow(index), start: 0, length: narrow(value.ty.elements()) }])
        };
        let mut runs: Vec<Rc<[Run]>> = graph.values().iter().enumerate().map(own).collect();
        for node in graph.nodes().iter().filter(|node| is_alias[node.output.index()]) {
            runs[node.output.index()] = match &node.op {
                Op::Concat(concat) => joined(graph, node, concat.axis, &runs).into(),
                // Any other alias has the elements of its first input.
                _ => Rc::clone(&runs[node.inputs[0].index()]),
            };
        }
        Self(runs)
    }

    /// Root and element there of each element of a value, in row-major order.
    pub(super) fn elements(&self, value: ValueId) -> impl Iterator<Item = (u32, u32)> + use<> {
        let runs = Rc::clone(&self.0[value.index()]);
        let count = runs.len();
        (0..count).flat_map(move |index| {
            let Run { root, start, length } = runs[index];
            (start..start + length).map(move |element| (root, element))
        })
    }
}

/// The runs of a concatenation: blocks of its parts in turn.
fn joined(graph: &Graph, node: &Node, axis: usize, runs: &[Rc<[Run]>]) -> Vec<Run> {
    let shape = &graph[node.output].ty.shape;
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    let mut cursors: Vec<Cursor<'_>> = node
        .inputs
        .iter()
        .map(|part| Cursor { runs: &runs[part.index()], used: 0, block: narrow(graph[*part].ty.shape[axis] * inner) })
        .collect();
    let mut joined = vec![];
    for _ in 0..outer {
        cursors.iter_mut().for_each(|cursor| cursor.take_block(&mut joined));
    }
    joined
}

struct Cursor<'r> {
    runs: &'r [Run],
    /// Elements of the first run that were taken.
    used: u32,
    /// Elements of one block.
    block: u32,
}

impl Cursor<'_> {
    fn take_block(&mut self, joined: &mut Vec<Run>) {
        let mut wanted = self.block;
        while let Some((run, rest)) = self.runs.split_first().filter(|_| wanted > 0) {
            let length = wanted.min(run.length - self.used);
            joined.push(Run { root: run.root, start: run.start + self.used, length });
            wanted -= length;
            self.used += length;
            if self.used == run.length {
                (self.runs, self.used) = (rest, 0);
            }
        }
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("graphs are limited to fewer values and elements")
}
