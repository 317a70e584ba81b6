use super::window::positions;
use super::{Clamp, Padding};
use crate::op::{InferError, mismatch, rank};
use crate::tensor::TensorType;

/// Two-dimensional convolution, channels last.
///
/// Inputs: `x [n, h, w, c]`, `weights [kh, kw, c / groups, o]`, `bias [o]` and, if fused, `residual [n, ho, wo, o]`.
///
/// ```text
/// y[b, i, j, f] = activation(bias[f] + residual[b, i, j, f]
///     + sum over p, q, g: x[b, i*sh + p*dh - top, j*sw + q*dw - left, group(f)*(c/groups) + g] * weights[p, q, g, f])
/// ```
///
/// Elements outside `x` are zero; `group(f) = f / (o / groups)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conv {
    /// Steps between windows, rows then columns.
    pub strides: [usize; 2],
    /// Steps between the taps of a window.
    pub dilations: [usize; 2],
    /// Zeros around the input.
    pub padding: Padding,
    /// Number of groups that the channels are split into.
    pub groups: usize,
    /// Applied last.
    pub activation: Option<Clamp>,
}

impl Conv {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let (x, weights, bias, residual) = match inputs {
            [x, weights, bias] => (x, weights, bias, None),
            [x, weights, bias, residual] => (x, weights, bias, Some(residual)),
            _ => return Err(InferError::Arity { expected: "3 or 4", found: inputs.len() }),
        };
        let [n, h, w, c] = rank(x, "the input")?;
        let [kh, kw, per_group, o] = rank(weights, "the weights")?;
        if self.groups == 0 || c % self.groups != 0 || o % self.groups != 0 || c / self.groups != per_group {
            return Err(InferError::Invalid {
                what: format!(
                    "{c} input channels in {} groups do not fit weights for {per_group} to {o} channels",
                    self.groups
                ),
            });
        }
        if bias.shape != [o] {
            return Err(mismatch("bias", &bias.shape, &[o]));
        }
        let Padding { top, left, bottom, right } = self.padding;
        let ho = positions(h, (top, bottom), kh, self.dilations[0], self.strides[0])?;
        let wo = positions(w, (left, right), kw, self.dilations[1], self.strides[1])?;
        let shape = vec![n, ho, wo, o];
        if let Some(residual) = residual.filter(|residual| residual.shape != shape) {
            return Err(mismatch("residual", &residual.shape, &shape));
        }
        Ok(TensorType::f32(shape))
    }
}
