use ir::{Binary, BinaryOp, Graph, Op, Tensor, Unary};

use crate::rewrite::{RewriteError, rewrite};

/// Writes every batch normalization as one product and one sum:
/// `x * s + t` with `s = scale / sqrt(variance + epsilon)` and `t = bias - mean * s`.
///
/// With constant parameters, `s` and `t` are constants after folding, and become part of a convolution before them.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, inputs| {
        let (Op::BatchNorm(op), &[x, scale, bias, mean, variance]) = (&node.op, inputs) else { return Ok(None) };
        let origin = &node.origin;
        let binary = |op| Op::Binary(Binary { op });
        let epsilon = rewriter.target.constant("epsilon", Tensor::new([], [op.epsilon]));
        let shifted = rewriter.push(binary(BinaryOp::Add), &[variance, epsilon], origin)?;
        let deviation = rewriter.push(Op::Unary(Unary::Sqrt), &[shifted], origin)?;
        let s = rewriter.push(binary(BinaryOp::Div), &[scale, deviation], origin)?;
        let center = rewriter.push(binary(BinaryOp::Mul), &[mean, s], origin)?;
        let t = rewriter.push(binary(BinaryOp::Sub), &[bias, center], origin)?;
        let scaled = rewriter.push(binary(BinaryOp::Mul), &[x, s], origin)?;
        rewriter.push(binary(BinaryOp::Add), &[scaled, t], origin).map(Some)
    })
}
