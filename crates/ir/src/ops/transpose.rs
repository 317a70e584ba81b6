use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// Reorders the axes: axis `i` of the output is axis `permutation[i]` of the input. Input: `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Transpose {
    /// Each axis of the input once.
    pub permutation: Vec<usize>,
}

impl Transpose {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        let mut sorted = self.permutation.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.rank()) {
            return Err(InferError::Invalid {
                what: format!("{:?} is not a permutation of {} axes", self.permutation, x.rank()),
            });
        }
        Ok(TensorType::f32(self.permutation.iter().map(|axis| x.shape[*axis]).collect::<Vec<_>>()))
    }
}
