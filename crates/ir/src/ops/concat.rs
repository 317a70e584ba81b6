use crate::op::{InferError, mismatch};
use crate::tensor::TensorType;

/// Joins its inputs, one or more, along an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Concat {
    /// The axis that grows.
    pub axis: usize,
}

impl Concat {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [first, rest @ ..] = inputs else { return Err(InferError::Arity { expected: "1 or more", found: 0 }) };
        let (axis, rank) = (self.axis, first.rank());
        if axis >= rank {
            return Err(InferError::Axis { axis, rank });
        }
        let mut shape = first.shape.clone();
        for next in rest {
            let fits = next.rank() == rank && (0..rank).all(|other| other == axis || next.shape[other] == shape[other]);
            if !fits {
                return Err(mismatch("concatenation", &first.shape, &next.shape));
            }
            shape[axis] = shape[axis]
                .checked_add(next.shape[axis])
                .ok_or_else(|| InferError::TooLarge { shape: next.shape.clone() })?;
        }
        Ok(TensorType::f32(shape))
    }
}
