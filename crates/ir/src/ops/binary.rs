use crate::op::{InferError, arity, mismatch};
use crate::tensor::TensorType;

/// An operation on pairs of elements, with the broadcasting of NumPy. Inputs: `a`, `b`.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// Which operation.
    pub op: BinaryOp,
}

/// The operations of [`Binary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// The larger; NaN if one is NaN.
    Max,
    /// The smaller; NaN if one is NaN.
    Min,
}

impl BinaryOp {
    /// Every operation.
    pub const ALL: [Self; 6] = [Self::Add, Self::Sub, Self::Mul, Self::Div, Self::Max, Self::Min];

    /// The name in the text form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Sub => "sub",
            Self::Mul => "mul",
            Self::Div => "div",
            Self::Max => "max",
            Self::Min => "min",
        }
    }
}

impl Binary {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [a, b] = arity(inputs, "2")?;
        broadcast(&a.shape, &b.shape).map(TensorType::f32)
    }
}

/// The common shape of two operands: aligned at the last axis, a size of 1 stretches.
///
/// # Errors
/// [`InferError::Mismatch`] where two sizes differ and neither is 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, InferError> {
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (a, b) if a == b => Ok(a),
            (1, size) | (size, 1) => Ok(size),
            _ => Err(mismatch("broadcasting", a, b)),
        })
        .collect()
}
