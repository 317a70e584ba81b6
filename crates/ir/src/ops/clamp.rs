use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// Limits every element: `min(max(x, low), high)`, NaN stays NaN. Input: `x`. Relu is `[0, inf]`, Relu6 `[0, 6]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clamp {
    /// Lower bound, possibly minus infinity, never NaN.
    pub low: f32,
    /// Upper bound, possibly infinity, never NaN.
    pub high: f32,
}

impl Clamp {
    /// `max(x, 0)`
    pub const RELU: Self = Self { low: 0.0, high: f32::INFINITY };

    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        if self.low.is_nan() || self.high.is_nan() {
            return Err(InferError::Invalid { what: "a bound of clamp is NaN".into() });
        }
        Ok(x.clone())
    }
}
