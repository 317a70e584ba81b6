use ir::{AveragePool, Binary, BinaryOp, Clamp, Graph, MaxPool, Node, Op, Padding, Reshape, ValueId};

use crate::clamps::compose;
use crate::rewrite::{RewriteError, Rewriter, rewrite};

/// Leaves out nodes that change nothing, joins consecutive reshapes and consecutive clamps, and writes the larger or
/// smaller of a value and one number as a clamp.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, inputs| {
        if changes_nothing(rewriter, node, inputs) {
            return Ok(Some(inputs[0]));
        }
        match &node.op {
            Op::Reshape(op) => reshape(rewriter, node, op, inputs[0]),
            Op::Clamp(op) => clamp(rewriter, node, *op, inputs[0]),
            Op::Binary(Binary { op: BinaryOp::Max | BinaryOp::Min }) => limit(rewriter, node, inputs),
            Op::AveragePool(_)
            | Op::BatchNorm(_)
            | Op::Binary(_)
            | Op::Concat(_)
            | Op::Conv(_)
            | Op::MatMul(_)
            | Op::MaxPool(_)
            | Op::Pad(_)
            | Op::Reduce(_)
            | Op::Resize(_)
            | Op::Slice(_)
            | Op::Softmax(_)
            | Op::Transpose(_)
            | Op::Unary(_) => Ok(None),
        }
    })
}

/// Whether the output is the first input, element by element.
fn changes_nothing(rewriter: &Rewriter<'_>, node: &Node, inputs: &[ValueId]) -> bool {
    let shape = |id: &ValueId| &rewriter.target[*id].ty.shape;
    match &node.op {
        Op::AveragePool(AveragePool { kernel, strides, padding, .. })
        | Op::MaxPool(MaxPool { kernel, strides, padding }) => {
            *kernel == [1, 1] && *strides == [1, 1] && *padding == Padding::ZERO
        }
        Op::Clamp(op) => op.low == f32::NEG_INFINITY && op.high == f32::INFINITY,
        Op::Concat(_) => inputs.len() == 1,
        Op::Pad(op) => op.before.iter().chain(&op.after).all(|size| *size == 0),
        Op::Reduce(op) => op.axes.iter().all(|axis| shape(&inputs[0])[*axis] == 1),
        Op::Reshape(op) => op.shape == *shape(&inputs[0]),
        Op::Resize(op) => {
            let input = shape(&inputs[0]);
            op.rows.repeats(input[1]) == Some(1) && op.columns.repeats(input[2]) == Some(1)
        }
        // A slice of the same size starts at 0 with a step of 1, or has at most one element along the axis.
        Op::Slice(op) => op.sizes == *shape(&inputs[0]),
        Op::Transpose(op) => op.permutation.is_sorted(),
        Op::BatchNorm(_) | Op::Binary(_) | Op::Conv(_) | Op::MatMul(_) | Op::Softmax(_) | Op::Unary(_) => false,
    }
}

fn reshape(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: &Reshape,
    x: ValueId,
) -> Result<Option<ValueId>, RewriteError> {
    let Some(Node { op: Op::Reshape(_), inputs, .. }) = rewriter.producer(x) else { return Ok(None) };
    let first = inputs[0];
    if rewriter.target[first].ty.shape == op.shape {
        return Ok(Some(first));
    }
    rewriter.push(node.op.clone(), &[first], &node.origin).map(Some)
}

fn clamp(rewriter: &mut Rewriter<'_>, node: &Node, op: Clamp, x: ValueId) -> Result<Option<ValueId>, RewriteError> {
    let Some(Node { op: Op::Clamp(first), inputs, .. }) = rewriter.producer(x) else { return Ok(None) };
    let (joined, first) = (compose(*first, op), inputs[0]);
    rewriter.push(Op::Clamp(joined), &[first], &node.origin).map(Some)
}

/// `max(x, number)` and `min(x, number)`.
fn limit(rewriter: &mut Rewriter<'_>, node: &Node, inputs: &[ValueId]) -> Result<Option<ValueId>, RewriteError> {
    let Op::Binary(Binary { op }) = node.op else { return Ok(None) };
    for (x, number) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
        let Some(bound) = rewriter.tensor(number).and_then(|tensor| tensor.scalar()).filter(|bound| !bound.is_nan())
        else {
            continue;
        };
        if rewriter.target[number].ty.rank() > rewriter.target[x].ty.rank() {
            continue;
        }
        let limits = match op {
            BinaryOp::Max => Clamp { low: bound, high: f32::INFINITY },
            BinaryOp::Min => Clamp { low: f32::NEG_INFINITY, high: bound },
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => return Ok(None),
        };
        return match clamp(rewriter, node, limits, x)? {
            Some(joined) => Ok(Some(joined)),
            None => rewriter.push(Op::Clamp(limits), &[x], &node.origin).map(Some),
        };
    }
    Ok(None)
}
