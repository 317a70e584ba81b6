use crate::op::{InferError, arity, mismatch};
use crate::tensor::TensorType;

/// The same elements in row-major order under another shape. Input: `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reshape {
    /// The new shape.
    pub shape: Vec<usize>,
}

impl Reshape {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        let ty = TensorType::f32(self.shape.clone());
        if ty.checked_elements()? != x.checked_elements()? {
            return Err(mismatch("reshape", &x.shape, &self.shape));
        }
        Ok(ty)
    }
}
