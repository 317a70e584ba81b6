use std::collections::HashMap;

use ir::{Graph, ValueId};

use crate::rewrite::{RewriteError, rewrite};

/// Computes the same operator on the same inputs once.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    // The debug form of an operator names every setting, and numbers exactly.
    let mut known: HashMap<(String, Vec<ValueId>), ValueId> = HashMap::new();
    rewrite(graph, |rewriter, node, inputs| {
        let key = (format!("{:?}", node.op), inputs.to_vec());
        if let Some(value) = known.get(&key) {
            return Ok(Some(*value));
        }
        let value = rewriter.push(node.op.clone(), inputs, &node.origin)?;
        known.insert(key, value);
        Ok(Some(value))
    })
}
