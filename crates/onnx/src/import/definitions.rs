//! Which name is defined where, and an order of the nodes in which definitions come before uses.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::proto::GraphProto;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Definition {
    Input,
    Initializer,
    Node(usize),
}

#[derive(Debug)]
pub(super) struct Definitions<'m> {
    pub(super) by_name: HashMap<&'m str, Definition>,
    /// Names with more than one definition, in the order of the file. The first definition holds.
    pub(super) duplicates: Vec<&'m str>,
    /// The nodes, as near to the order of the file as definitions and uses allow, without those that depend on a cycle.
    pub(super) order: Vec<usize>,
    /// A circle of nodes, if there is one.
    pub(super) cycle: Option<Vec<usize>>,
    /// How often each value is read, by nodes and as an output of the graph.
    uses: HashMap<&'m str, usize>,
}

impl<'m> Definitions<'m> {
    pub(super) fn new(graph: &'m GraphProto<'m>) -> Self {
        let mut by_name = HashMap::new();
        let mut duplicates = vec![];
        let sparse = graph.sparse_initializer.iter().filter_map(|sparse| sparse.values.as_ref());
        for tensor in graph.initializer.iter().chain(sparse) {
            if by_name.insert(tensor.name, Definition::Initializer).is_some() {
                duplicates.push(tensor.name);
            }
        }
        for input in &graph.input {
            match by_name.get(input.name) {
                // An input may name its default value.
                Some(Definition::Initializer) => {}
                Some(_) => duplicates.push(input.name),
                None => {
                    by_name.insert(input.name, Definition::Input);
                }
            }
        }
        for (index, node) in graph.node.iter().enumerate() {
            for output in node.output.iter().copied().filter(|output| !output.is_empty()) {
                if by_name.contains_key(output) {
                    duplicates.push(output);
                } else {
                    by_name.insert(output, Definition::Node(index));
                }
            }
        }
        let mut uses = HashMap::new();
        let inputs = graph.node.iter().flat_map(|node| node.input.iter().copied());
        for name in inputs.chain(graph.output.iter().map(|output| output.name)) {
            *uses.entry(name).or_insert(0) += 1;
        }
        let (order, cycle) = order(graph, &by_name);
        Self { by_name, duplicates, order, cycle, uses }
    }

    /// Whether a node or the graph reads the value.
    pub(super) fn is_used(&self, name: &str) -> bool {
        !name.is_empty() && self.uses.contains_key(name)
    }

    /// Counts one reading; whether it was the last.
    pub(super) fn used_up(&mut self, name: &str) -> bool {
        let Some(left) = self.uses.get_mut(name) else { return true };
        *left -= 1;
        if *left == 0 {
            self.uses.remove(name);
            return true;
        }
        false
    }
}

/// The nodes that the inputs of a node come from, once for each input.
fn producers<'a>(
    graph: &'a GraphProto<'a>,
    by_name: &'a HashMap<&str, Definition>,
    node: usize,
) -> impl Iterator<Item = usize> + 'a {
    graph.node[node].input.iter().filter_map(|name| match by_name.get(name) {
        Some(Definition::Node(producer)) => Some(*producer),
        Some(Definition::Input | Definition::Initializer) | None => None,
    })
}

/// Kahn's algorithm, taking the first node of the file that is ready.
fn order(graph: &GraphProto<'_>, by_name: &HashMap<&str, Definition>) -> (Vec<usize>, Option<Vec<usize>>) {
    let count = graph.node.len();
    let mut missing: Vec<usize> = (0..count).map(|node| producers(graph, by_name, node).count()).collect();
    let mut consumers = vec![vec![]; count];
    for node in 0..count {
        producers(graph, by_name, node).for_each(|producer| consumers[producer].push(node));
    }
    let mut ready: BinaryHeap<_> = (0..count).filter(|node| missing[*node] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for consumer in std::mem::take(&mut consumers[node]) {
            missing[consumer] -= 1;
            if missing[consumer] == 0 {
                ready.push(Reverse(consumer));
            }
        }
    }
    let blocked = |node: &usize| missing[*node] > 0;
    let cycle = (0..count).find(blocked).map(|start| {
        // Every blocked node has a blocked producer, so walking back runs into a circle.
        let mut seen_at = HashMap::new();
        let mut path = vec![];
        let mut node = start;
        while !seen_at.contains_key(&node) {
            seen_at.insert(node, path.len());
            path.push(node);
            match producers(graph, by_name, node).find(blocked) {
                Some(producer) => node = producer,
                None => break,
            }
        }
        let mut cycle = path.split_off(seen_at[&node]);
        cycle.reverse();
        cycle
    });
    (order, cycle)
}
