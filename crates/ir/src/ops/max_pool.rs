use super::Padding;
use super::window::positions;
use crate::op::{InferError, arity, rank};
use crate::tensor::TensorType;

/// Largest element of each window, channels last. Input: `x [n, h, w, c]`. Padding counts as minus infinity.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxPool {
    /// Height and width of a window.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub strides: [usize; 2],
    /// Rows and columns around the input.
    pub padding: Padding,
}

impl MaxPool {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        pooled(arity::<1>(inputs, "1")?[0], self.kernel, self.strides, self.padding)
    }
}

/// The shape after pooling. A window that lies wholly in the padding has no value and is refused.
pub(super) fn pooled(
    x: &TensorType,
    kernel: [usize; 2],
    strides: [usize; 2],
    padding: Padding,
) -> Result<TensorType, InferError> {
    let [n, h, w, c] = rank(x, "the input")?;
    let Padding { top, left, bottom, right } = padding;
    if top >= kernel[0] || bottom >= kernel[0] || left >= kernel[1] || right >= kernel[1] {
        return Err(InferError::Invalid {
            what: format!("padding {padding:?} must be smaller than the window {kernel:?}"),
        });
    }
    let ho = positions(h, (top, bottom), kernel[0], 1, strides[0])?;
    let wo = positions(w, (left, right), kernel[1], 1, strides[1])?;
    Ok(TensorType::f32([n, ho, wo, c]))
}
