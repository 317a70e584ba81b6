use crate::op::{InferError, arity, mismatch};
use crate::tensor::TensorType;

/// Inference-time batch normalization over the last axis.
///
/// Inputs: `x [.., c]`, `scale [c]`, `bias [c]`, `mean [c]`, `variance [c]`;
/// `y = (x - mean) / sqrt(variance + epsilon) * scale + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub epsilon: f32,
}

impl BatchNorm {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x, parameters @ ..] = arity::<5>(inputs, "5")?;
        let channels = x.shape.last().copied().ok_or(InferError::Axis { axis: 0, rank: 0 })?;
        match parameters.iter().find(|parameter| parameter.shape != [channels]) {
            Some(parameter) => Err(mismatch("parameter", &parameter.shape, &[channels])),
            None => Ok(x.clone()),
        }
    }
}
