use super::Padding;
use super::max_pool::pooled;
use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// Mean of each window, channels last. Input: `x [n, h, w, c]`. Padding adds nothing to the sum.
#[derive(Debug, Clone, PartialEq)]
pub struct AveragePool {
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Rows and columns around the input.
    pub padding: Padding,
    /// Whether the sum is divided by the size of the window, or only by the number of elements inside the input.
    pub count_padding: bool,
}

impl AveragePool {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        pooled(arity::<1>(inputs, "1")?[0], self.kernel, self.strides, self.padding)
    }
}
