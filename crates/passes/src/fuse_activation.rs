use ir::{Clamp, Conv, Graph, MatMul, Op};

use crate::clamps::compose;
use crate::rewrite::{RewriteError, rewrite};

/// Lets a convolution or matrix product limit its own results.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, _| {
        let Op::Clamp(clamp) = &node.op else { return Ok(None) };
        let Some(producer) = rewriter.sole_producer(node.inputs[0]) else { return Ok(None) };
        let Some(op) = activated(&producer.op, *clamp) else { return Ok(None) };
        let (inputs, origin) = (producer.inputs.clone(), producer.origin.clone());
        rewriter.push(op, &inputs, &origin).map(Some)
    })
}

fn activated(op: &Op, clamp: Clamp) -> Option<Op> {
    let joined = |activation: Option<Clamp>| Some(activation.map_or(clamp, |first| compose(first, clamp)));
    match op {
        Op::Conv(conv) => Some(Op::Conv(Conv { activation: joined(conv.activation), ..conv.clone() })),
        Op::MatMul(product) => Some(Op::MatMul(MatMul { activation: joined(product.activation) })),
        Op::AveragePool(_)
        | Op::BatchNorm(_)
        | Op::Binary(_)
        | Op::Clamp(_)
        | Op::Concat(_)
        | Op::MaxPool(_)
        | Op::Pad(_)
        | Op::Reduce(_)
        | Op::Reshape(_)
        | Op::Resize(_)
        | Op::Slice(_)
        | Op::Softmax(_)
        | Op::Transpose(_)
        | Op::Unary(_) => None,
    }
}
