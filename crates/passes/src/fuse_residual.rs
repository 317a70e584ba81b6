use ir::{Binary, BinaryOp, Conv, Graph, Op, ValueId};

use crate::rewrite::{RewriteError, Rewriter, rewrite};

/// Lets a convolution add the other branch of a residual block. The convolution moves to the place of the addition,
/// where the other branch is known.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, inputs| {
        let Op::Binary(Binary { op: BinaryOp::Add }) = &node.op else { return Ok(None) };
        let shape = |id: ValueId| &rewriter.target[id].ty.shape;
        if shape(inputs[0]) != shape(inputs[1]) || inputs.iter().any(|id| rewriter.tensor(*id).is_some()) {
            return Ok(None);
        }
        // Of two convolutions the later one, so that the earlier one need not wait.
        let later_first = if inputs[0] > inputs[1] { [0, 1] } else { [1, 0] };
        let Some(at) = later_first.into_iter().find(|at| is_plain_conv(rewriter, node.inputs[*at])) else {
            return Ok(None);
        };
        let Some(conv) = rewriter.sole_producer(node.inputs[at]) else { return Ok(None) };
        let (op, origin) = (conv.op.clone(), conv.origin.clone());
        let with_residual = [&conv.inputs[..], &[inputs[1 - at]]].concat();
        rewriter.push(op, &with_residual, &origin).map(Some)
    })
}

/// Whether a value of the source is read once and computed by a convolution with neither residual nor activation.
fn is_plain_conv(rewriter: &Rewriter<'_>, value: ValueId) -> bool {
    rewriter
        .sole_producer(value)
        .is_some_and(|node| matches!(node.op, Op::Conv(Conv { activation: None, .. })) && node.inputs.len() == 3)
}
