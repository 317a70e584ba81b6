use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// Folds whole axes, which stay with size 1. Input: `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduce {
    /// What is folded.
    pub kind: ReduceKind,
    /// Which axes, ascending, each once.
    pub axes: Vec<usize>,
}

/// The foldings of [`Reduce`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReduceKind {
    /// Arithmetic mean.
    Mean,
    /// Sum.
    Sum,
    /// Largest element.
    Max,
}

impl ReduceKind {
    /// Every folding.
    pub const ALL: [Self; 3] = [Self::Mean, Self::Sum, Self::Max];

    /// The name in the text form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "reduce_mean",
            Self::Sum => "reduce_sum",
            Self::Max => "reduce_max",
        }
    }
}

impl Reduce {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        let rank = x.rank();
        if let Some(axis) = self.axes.iter().copied().find(|axis| *axis >= rank) {
            return Err(InferError::Axis { axis, rank });
        }
        if !self.axes.is_sorted_by(|a, b| a < b) {
            return Err(InferError::Invalid { what: format!("axes {:?} must ascend", self.axes) });
        }
        let mut shape = x.shape.clone();
        for axis in &self.axes {
            if shape[*axis] == 0 {
                return Err(InferError::Invalid {
                    what: format!("axis {axis} is empty and has no {}", self.kind.name()),
                });
            }
            shape[*axis] = 1;
        }
        Ok(TensorType::f32(shape))
    }
}
