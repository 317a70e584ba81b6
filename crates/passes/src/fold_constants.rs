use ir::{Graph, Op, Tensor, TensorType};

use crate::rewrite::{RewriteError, fold, rewrite};

/// Work that one run may spend, in elements read, written and multiplied.
const WORK: usize = 1 << 30;

/// A result may have this many elements, or as many as the inputs.
const ELEMENTS: usize = 1 << 20;

/// Computes nodes whose inputs are all constants, as long as that costs little and makes the file no larger.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    let mut budget = WORK;
    rewrite(graph, |rewriter, node, inputs| {
        let Some(tensors) = inputs.iter().map(|id| rewriter.tensor(*id)).collect::<Option<Vec<&Tensor>>>() else {
            return Ok(None);
        };
        let ty = rewriter.type_in_source(node.output);
        let read = tensors.iter().map(|tensor| tensor.data().len()).sum();
        if ty.elements() > ELEMENTS.max(read) {
            return Ok(None);
        }
        let Some(rest) = budget.checked_sub(read.saturating_add(work(&node.op, &tensors, ty))) else {
            return Ok(None);
        };
        if rewriter.target.allowance < ty.elements() {
            return Ok(None);
        }
        budget = rest;
        let tensor = fold(&node.op, &tensors, &node.origin)?;
        rewriter.target.spend(ty.elements());
        Ok(Some(rewriter.target.constant(&node.origin, tensor)))
    })
}

/// Elements written, times the elements that each is summed from.
fn work(op: &Op, inputs: &[&Tensor], ty: &TensorType) -> usize {
    let terms = match op {
        Op::Conv(_) => inputs[1].shape()[..3].iter().product(),
        Op::MatMul(_) => inputs[0].shape().last().copied().unwrap_or(1),
        Op::MaxPool(op) => op.kernel[0].saturating_mul(op.kernel[1]),
        Op::AveragePool(op) => op.kernel[0].saturating_mul(op.kernel[1]),
        Op::Resize(op) => op.rows.terms() * op.columns.terms(),
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
        | Op::Unary(_) => 1,
    };
    ty.elements().saturating_mul(terms)
}
