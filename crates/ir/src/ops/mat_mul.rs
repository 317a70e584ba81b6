use super::Clamp;
use crate::op::{InferError, mismatch};
use crate::tensor::TensorType;

/// Matrix product with leading batch dimensions.
///
/// Inputs: `a [.., m, k]`, `b [k, n]` or `b [.., k, n]` with the batch dimensions of `a`, and, if fused, `bias [n]`;
/// `y[.., i, j] = activation(bias[j] + sum over p: a[.., i, p] * b[.., p, j])`.
#[derive(Debug, Clone, PartialEq)]
pub struct MatMul {
    /// Applied last.
    pub activation: Option<Clamp>,
}

impl MatMul {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let (a, b, bias) = match inputs {
            [a, b] => (a, b, None),
            [a, b, bias] => (a, b, Some(bias)),
            _ => return Err(InferError::Arity { expected: "2 or 3", found: inputs.len() }),
        };
        let ([batch @ .., m, k], [b_batch @ .., b_k, n]) = (&a.shape[..], &b.shape[..]) else {
            return Err(mismatch("matrix product", &a.shape, &b.shape));
        };
        if k != b_k || !(b_batch.is_empty() || b_batch == batch) {
            return Err(mismatch("matrix product", &a.shape, &b.shape));
        }
        if let Some(bias) = bias.filter(|bias| bias.shape != [*n]) {
            return Err(mismatch("bias", &bias.shape, &[*n]));
        }
        Ok(TensorType::f32([batch, &[*m, *n]].concat()))
    }
}
