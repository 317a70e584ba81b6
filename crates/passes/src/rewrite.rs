//! The walk that the passes share: node by node from a source graph to a target graph.

use std::collections::HashMap;

use ir::{Graph, InferError, Node, Op, Tensor, TensorType, ValueId};

use crate::eliminate_dead;

/// A node that a pass built wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{op} at `{origin}`")]
pub struct RewriteError {
    /// Name of the operator.
    pub op: &'static str,
    /// Origin of the node.
    pub origin: String,
    /// What does not fit.
    #[source]
    pub source: InferError,
}

/// Walks over the nodes of `source`, whose constants go over to the target. For each, `step` is given the node and its inputs in the target graph, and answers
/// the value of the target graph that stands for the node's output; `None` copies the node. What nobody reads in the
/// end is left out.
pub(crate) fn rewrite(
    mut source: Graph,
    mut step: impl FnMut(&mut Rewriter<'_>, &Node, &[ValueId]) -> Result<Option<ValueId>, RewriteError>,
) -> Result<Graph, RewriteError> {
    let constants = source.value_ids().map(|id| source.take_elements(id)).collect();
    let source = &source;
    let mut rewriter = Rewriter::new(source, constants);
    for node in source.nodes() {
        let inputs: Vec<ValueId> = node.inputs.iter().map(|id| rewriter.value(*id)).collect();
        let known = rewriter.target.values().len();
        let value = match step(&mut rewriter, node, &inputs)? {
            Some(value) => value,
            None => rewriter.push(node.op.clone(), &inputs, &node.origin)?,
        };
        if value.index() >= known {
            rewriter.target.rename(value, &source[node.output].name);
        }
        rewriter.define(node.output, value);
    }
    for output in source.outputs() {
        let value = rewriter.value(output.value);
        rewriter.target.output(&output.name, value);
    }
    eliminate_dead::run(rewriter.target)
}

/// Adds a node to a graph.
pub(crate) fn push(graph: &mut Graph, op: Op, inputs: &[ValueId], origin: &str) -> Result<ValueId, RewriteError> {
    let name = op.name();
    graph.push(op, inputs, origin).map_err(|source| RewriteError { op: name, origin: origin.to_owned(), source })
}

/// The result of one operator on constants.
pub(crate) fn fold(op: &Op, inputs: &[&Tensor], origin: &str) -> Result<Tensor, RewriteError> {
    interp::fold(op, inputs).map_err(|source| RewriteError { op: op.name(), origin: origin.to_owned(), source })
}

/// The target graph and how it corresponds to the source graph.
pub(crate) struct Rewriter<'g> {
    source: &'g Graph,
    /// What is written.
    pub(crate) target: Graph,
    values: Vec<Option<ValueId>>,
    /// The constants of the source that nobody has asked for yet, by index.
    constants: Vec<Option<Tensor>>,
    /// How often each constant of the target that comes from the source is read there.
    constant_uses: HashMap<ValueId, usize>,
    producers: HashMap<ValueId, usize>,
    uses: Vec<usize>,
}

impl<'g> Rewriter<'g> {
    fn new(source: &'g Graph, constants: Vec<Option<Tensor>>) -> Self {
        let mut rewriter = Self {
            source,
            target: Graph::new(&source.name),
            values: vec![None; source.values().len()],
            constants,
            constant_uses: HashMap::new(),
            producers: HashMap::new(),
            uses: source.use_counts(),
        };
        rewriter.target.allowance = source.allowance;
        for id in source.inputs() {
            let input = rewriter.target.input(&source[*id].name, source[*id].ty.clone());
            rewriter.define(*id, input);
        }
        rewriter
    }

    fn define(&mut self, source: ValueId, target: ValueId) {
        self.values[source.index()] = Some(target);
    }

    /// The target's value for a value of the source; constants go over when they are first asked for.
    fn value(&mut self, id: ValueId) -> ValueId {
        if let Some(value) = self.values[id.index()] {
            return value;
        }
        let tensor = self.constants[id.index()].take();
        let tensor = tensor.expect("a verified graph defines every value before it is read");
        let value = self.target.constant(&self.source[id].name, tensor);
        self.constant_uses.insert(value, self.uses[id.index()]);
        self.define(id, value);
        value
    }

    /// Adds a node to the target.
    pub(crate) fn push(&mut self, op: Op, inputs: &[ValueId], origin: &str) -> Result<ValueId, RewriteError> {
        let output = push(&mut self.target, op, inputs, origin)?;
        self.producers.insert(output, self.target.nodes().len() - 1);
        Ok(output)
    }

    /// The type of a value of the source.
    pub(crate) fn type_in_source(&self, id: ValueId) -> &'g TensorType {
        &self.source[id].ty
    }

    /// Gives up the elements of a constant that nobody else reads, once its only reader is replaced.
    pub(crate) fn release(&mut self, id: ValueId) {
        if self.constant_uses.get(&id) == Some(&1) {
            self.target.take_elements(id);
        }
    }

    /// The elements of a value of the target, if it is a constant.
    pub(crate) fn tensor(&self, id: ValueId) -> Option<&Tensor> {
        self.target[id].constant.as_ref()
    }

    /// The node of the target that computes a value of the target.
    pub(crate) fn producer(&self, id: ValueId) -> Option<&Node> {
        self.producers.get(&id).map(|index| &self.target.nodes()[*index])
    }

    /// The node of the target that computes a value of the *source*, if that value is read exactly once, so that the
    /// reader may replace the node. Only for steps that answer a new value each time.
    pub(crate) fn sole_producer(&self, source: ValueId) -> Option<&Node> {
        let target = self.values[source.index()]?;
        if self.uses[source.index()] == 1 { self.producer(target) } else { None }
    }
}
