use ir::{Graph, ValueId};

use crate::rewrite::{RewriteError, push};

/// Leaves out nodes and constants that no output depends on. Inputs stay.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    let live = live(&graph);
    let mut target = Graph::new(&graph.name);
    target.allowance = graph.allowance;
    let mut values: Vec<Option<ValueId>> = vec![None; graph.values().len()];
    for id in graph.inputs() {
        values[id.index()] = Some(target.input(&graph[*id].name, graph[*id].ty.clone()));
    }
    for id in graph.value_ids().filter(|id| live[id.index()]) {
        if let Some(tensor) = &graph[id].constant {
            values[id.index()] = Some(target.constant(&graph[id].name, tensor.clone()));
        }
    }
    let defined = |values: &[Option<ValueId>], id: ValueId| {
        values[id.index()].expect("a verified graph defines every value before it is read")
    };
    for node in graph.nodes().iter().filter(|node| live[node.output.index()]) {
        let inputs: Vec<ValueId> = node.inputs.iter().map(|id| defined(&values, *id)).collect();
        let output = push(&mut target, node.op.clone(), &inputs, &node.origin)?;
        target.rename(output, &graph[node.output].name);
        values[node.output.index()] = Some(output);
    }
    for output in graph.outputs() {
        target.output(&output.name, defined(&values, output.value));
    }
    Ok(target)
}

/// Which values the outputs depend on, by index.
fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.values().len()];
    for output in graph.outputs() {
        live[output.value.index()] = true;
    }
    for node in graph.nodes().iter().rev() {
        if live[node.output.index()] {
            for id in &node.inputs {
                live[id.index()] = true;
            }
        }
    }
    live
}
