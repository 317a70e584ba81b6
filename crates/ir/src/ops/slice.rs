use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// A regular part of a tensor: along each axis `sizes` elements from `starts`, every `steps`-th. Input: `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// First element of each axis.
    pub starts: Vec<usize>,
    /// Number of elements of each axis.
    pub sizes: Vec<usize>,
    /// Distance between the elements of each axis, at least 1.
    pub steps: Vec<usize>,
}

impl Slice {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        for settings in [&self.starts, &self.sizes, &self.steps] {
            if settings.len() != x.rank() {
                return Err(InferError::Rank { input: "the slice", expected: x.rank(), found: settings.len() });
            }
        }
        for axis in 0..x.rank() {
            let (start, size, step) = (self.starts[axis], self.sizes[axis], self.steps[axis]);
            let last = size.saturating_sub(1).checked_mul(step).and_then(|reach| reach.checked_add(start));
            let inside = size == 0 || last.is_some_and(|last| last < x.shape[axis]);
            if step == 0 || !inside {
                return Err(InferError::Invalid {
                    what: format!(
                        "axis {axis}: {size} elements from {start} by {step} leave a size of {}",
                        x.shape[axis]
                    ),
                });
            }
        }
        Ok(TensorType::f32(self.sizes.clone()))
    }
}
