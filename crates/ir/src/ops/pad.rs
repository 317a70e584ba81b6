use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// Adds elements of one value around a tensor. Input: `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Pad {
    /// How many before the first, for each axis.
    pub before: Vec<usize>,
    /// How many after the last, for each axis.
    pub after: Vec<usize>,
    /// The value that is added.
    pub value: f32,
}

impl Pad {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        if self.before.len() != x.rank() || self.after.len() != x.rank() {
            let found = self.before.len().max(self.after.len());
            return Err(InferError::Rank { input: "the padding", expected: x.rank(), found });
        }
        let padded = |axis: usize| x.shape[axis].checked_add(self.before[axis])?.checked_add(self.after[axis]);
        let shape = (0..x.rank()).map(padded).collect::<Option<Vec<_>>>();
        shape.map(TensorType::f32).ok_or_else(|| InferError::TooLarge { shape: x.shape.clone() })
    }
}
