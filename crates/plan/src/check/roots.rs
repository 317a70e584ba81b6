//! Which written element each element of a value is: an alias stands for elements of the values it was made of.

use std::ops::Range;

use ir::{Graph, Node, Op, ValueId};

use crate::Plan;

/// Consecutive elements of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) value: u32,
    pub(super) start: u32,
    pub(super) length: u32,
}

/// What the values without a step are made of, by value.
pub(super) struct Roots {
    aliases: Vec<Option<Alias>>,
}

enum Alias {
    /// The elements of another value, in their order.
    Same(u32),
    Joined(Joined),
}

/// A concatenation: blocks of its parts in turn.
struct Joined {
    parts: Vec<Part>,
    /// Elements of one block of every part.
    round: u32,
}

#[derive(Clone, Copy)]
struct Part {
    value: u32,
    /// Elements of a round before this part.
    before: u32,
    block: u32,
}

impl Roots {
    pub(super) fn of(plan: &Plan) -> Self {
        let graph = &plan.graph;
        let is_alias = super::aliases(plan, graph);
        let mut aliases: Vec<Option<Alias>> = graph.values().iter().map(|_| None).collect();
        for node in graph.nodes().iter().filter(|node| is_alias[node.output.index()]) {
            aliases[node.output.index()] = Some(match &node.op {
                Op::Concat(concat) => Alias::Joined(Joined::of(graph, node, concat.axis)),
                // Any other alias has the elements of its first input.
                _ => Alias::Same(narrow(node.inputs[0].index())),
            });
        }
        Self { aliases }
    }

    /// Some elements of a value, in row-major order, as elements of values that a step writes, or the host.
    pub(super) fn runs(&self, value: ValueId, elements: Range<usize>) -> impl Iterator<Item = Run> {
        // The last one is the next.
        let mut open = vec![];
        if !elements.is_empty() {
            let (start, length) = (narrow(elements.start), narrow(elements.len()));
            open.push(Run { value: narrow(value.index()), start, length });
        }
        std::iter::from_fn(move || {
            loop {
                let run = open.pop()?;
                match &self.aliases[run.value as usize] {
                    None => return Some(run),
                    Some(Alias::Same(value)) => open.push(Run { value: *value, ..run }),
                    Some(Alias::Joined(joined)) => {
                        let first = joined.first(run);
                        if first.length < run.length {
                            let (start, length) = (run.start + first.length, run.length - first.length);
                            open.push(Run { start, length, ..run });
                        }
                        open.push(first);
                    }
                }
            }
        })
    }
}

impl Joined {
    fn of(graph: &Graph, node: &Node, axis: usize) -> Self {
        let inner: usize = graph[node.output].ty.shape[axis + 1..].iter().product();
        let mut round = 0;
        let mut parts = vec![];
        for part in &node.inputs {
            let block = narrow(graph[*part].ty.shape[axis] * inner);
            parts.push(Part { value: narrow(part.index()), before: round, block });
            round += block;
        }
        Self { parts, round }
    }

    /// The elements with which `run` begins, as far as they are those of one part.
    fn first(&self, run: Run) -> Run {
        let (rounds, at) = (run.start / self.round, run.start % self.round);
        let Part { value, before, block } = self.parts[self.parts.partition_point(|part| part.before <= at) - 1];
        let within = at - before;
        Run { value, start: rounds * block + within, length: run.length.min(block - within) }
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("graphs are limited to fewer values and elements")
}
