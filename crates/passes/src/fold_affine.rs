use ir::{Binary, BinaryOp, Conv, Graph, MatMul, Node, Op, Tensor, ValueId};

use crate::rewrite::{RewriteError, Rewriter, fold, rewrite};

/// Takes products and sums with one constant per channel into the weights and the bias of the convolution or matrix
/// product before them, so that a batch normalization, a scale or a bias costs nothing.
pub(crate) fn run(graph: Graph) -> Result<Graph, RewriteError> {
    rewrite(graph, |rewriter, node, inputs| {
        let Op::Binary(Binary { op }) = &node.op else { return Ok(None) };
        let orders: &[(usize, usize)] = match op {
            BinaryOp::Add | BinaryOp::Mul => &[(0, 1), (1, 0)],
            BinaryOp::Sub | BinaryOp::Div => &[(0, 1)],
            BinaryOp::Max | BinaryOp::Min => &[],
        };
        for (value, constant) in orders {
            let Some(folded) = folded(rewriter, *op, node.inputs[*value], inputs[*constant])? else {
                continue;
            };
            return folded.push(rewriter).map(Some);
        }
        Ok(None)
    })
}

/// A convolution or matrix product with other weights or another bias.
struct Folded {
    op: Op,
    x: ValueId,
    weights: Parameter,
    bias: Option<Parameter>,
    origin: String,
    /// What the replaced node read as weights.
    former: ValueId,
}

enum Parameter {
    Kept(ValueId),
    New { name: String, tensor: Tensor },
}

impl Folded {
    fn push(self, rewriter: &mut Rewriter<'_>) -> Result<ValueId, RewriteError> {
        if let Parameter::New { .. } = self.weights {
            rewriter.release(self.former);
        }
        let mut inputs = vec![self.x];
        for parameter in [Some(self.weights), self.bias].into_iter().flatten() {
            inputs.push(match parameter {
                Parameter::Kept(id) => id,
                Parameter::New { name, tensor } => {
                    rewriter.target.spend(tensor.data().len());
                    rewriter.target.constant(name, tensor)
                }
            });
        }
        rewriter.push(self.op, &inputs, &self.origin)
    }
}

fn folded(
    rewriter: &Rewriter<'_>,
    op: BinaryOp,
    value: ValueId,
    constant: ValueId,
) -> Result<Option<Folded>, RewriteError> {
    let (Some(constant), Some(producer)) = (rewriter.tensor(constant), rewriter.sole_producer(value)) else {
        return Ok(None);
    };
    let Some((x, weights, bias)) = linear(producer) else { return Ok(None) };
    let shape = &rewriter.target[producer.output].ty.shape;
    let Some(channels) = shape.last().copied() else { return Ok(None) };
    let Some(operand) = per_channel(constant, shape.len(), channels) else { return Ok(None) };

    let origin = &producer.origin;
    let compute = |parameter: &Tensor| fold(&Op::Binary(Binary { op }), &[parameter, &operand], origin);
    let name = |id: ValueId| rewriter.target[id].name.clone();

    let new_bias = match (bias, op) {
        (None, BinaryOp::Mul | BinaryOp::Div) => None,
        (None, _) => {
            let tensor = compute(&Tensor::splat([channels], 0.0))?;
            Some(Parameter::New { name: format!("{origin}.bias"), tensor })
        }
        (Some(id), _) => {
            let Some(bias) = rewriter.tensor(id) else { return Ok(None) };
            Some(Parameter::New { name: name(id), tensor: compute(bias)? })
        }
    };
    let new_weights = match op {
        BinaryOp::Mul | BinaryOp::Div => {
            let Some(tensor) = rewriter.tensor(weights) else { return Ok(None) };
            if rewriter.target.allowance < tensor.data().len() {
                return Ok(None);
            }
            Parameter::New { name: name(weights), tensor: compute(tensor)? }
        }
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Max | BinaryOp::Min => Parameter::Kept(weights),
    };
    let finite = |parameter: &Parameter| match parameter {
        Parameter::Kept(_) => true,
        Parameter::New { tensor, .. } => tensor.data().iter().all(|value| value.is_finite()),
    };
    // An infinite weight would turn a product with zero into NaN.
    if !finite(&new_weights) || !new_bias.as_ref().is_none_or(finite) {
        return Ok(None);
    }
    let op = producer.op.clone();
    Ok(Some(Folded { op, x, weights: new_weights, bias: new_bias, origin: origin.clone(), former: weights }))
}

/// Input, weights and bias of a node that does nothing after its sum.
fn linear(node: &Node) -> Option<(ValueId, ValueId, Option<ValueId>)> {
    match (&node.op, &node.inputs[..]) {
        (Op::Conv(Conv { activation: None, .. }) | Op::MatMul(MatMul { activation: None }), [x, weights, bias]) => {
            Some((*x, *weights, Some(*bias)))
        }
        (Op::MatMul(MatMul { activation: None }), [x, weights]) => Some((*x, *weights, None)),
        _ => None,
    }
}

/// `constant` as `[channels]`, if it is the same along every other axis and does not stretch a tensor of that rank.
fn per_channel(constant: &Tensor, rank: usize, channels: usize) -> Option<Tensor> {
    if constant.shape().len() > rank {
        return None;
    }
    match constant.shape().split_last() {
        Some((last, outer)) if outer.iter().all(|size| *size == 1) && *last == channels => {
            Some(constant.reshaped([channels]))
        }
        _ => constant.scalar().map(|value| Tensor::splat([channels], value)),
    }
}
