use crate::ops::{
    AveragePool, BatchNorm, Binary, Clamp, Concat, Conv, MatMul, MaxPool, Pad, Reduce, Reshape, Resize, Slice, Softmax,
    Transpose, Unary,
};
use crate::tensor::TensorType;

/// The closed set of operators. Each variant's struct says what it computes from which inputs.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// See [`AveragePool`].
    AveragePool(AveragePool),
    /// See [`BatchNorm`].
    BatchNorm(BatchNorm),
    /// See [`Binary`].
    Binary(Binary),
    /// See [`Clamp`].
    Clamp(Clamp),
    /// See [`Concat`].
    Concat(Concat),
    /// See [`Conv`].
    Conv(Conv),
    /// See [`MatMul`].
    MatMul(MatMul),
    /// See [`MaxPool`].
    MaxPool(MaxPool),
    /// See [`Pad`].
    Pad(Pad),
    /// See [`Reduce`].
    Reduce(Reduce),
    /// See [`Reshape`].
    Reshape(Reshape),
    /// See [`Resize`].
    Resize(Resize),
    /// See [`Slice`].
    Slice(Slice),
    /// See [`Softmax`].
    Softmax(Softmax),
    /// See [`Transpose`].
    Transpose(Transpose),
    /// See [`Unary`].
    Unary(Unary),
}

impl Op {
    /// The name in the text form.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AveragePool(_) => "average_pool",
            Self::BatchNorm(_) => "batch_norm",
            Self::Binary(binary) => binary.op.name(),
            Self::Clamp(_) => "clamp",
            Self::Concat(_) => "concat",
            Self::Conv(_) => "conv",
            Self::MatMul(_) => "mat_mul",
            Self::MaxPool(_) => "max_pool",
            Self::Pad(_) => "pad",
            Self::Reduce(reduce) => reduce.kind.name(),
            Self::Reshape(_) => "reshape",
            Self::Resize(_) => "resize",
            Self::Slice(_) => "slice",
            Self::Softmax(_) => "softmax",
            Self::Transpose(_) => "transpose",
            Self::Unary(unary) => unary.name(),
        }
    }

    /// The type of the output, from the types of the inputs.
    ///
    /// # Errors
    /// Every way in which the inputs do not fit the operator.
    pub fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        match self {
            Self::AveragePool(op) => op.infer(inputs),
            Self::BatchNorm(op) => op.infer(inputs),
            Self::Binary(op) => op.infer(inputs),
            Self::Clamp(op) => op.infer(inputs),
            Self::Concat(op) => op.infer(inputs),
            Self::Conv(op) => op.infer(inputs),
            Self::MatMul(op) => op.infer(inputs),
            Self::MaxPool(op) => op.infer(inputs),
            Self::Pad(op) => op.infer(inputs),
            Self::Reduce(op) => op.infer(inputs),
            Self::Reshape(op) => op.infer(inputs),
            Self::Resize(op) => op.infer(inputs),
            Self::Slice(op) => op.infer(inputs),
            Self::Softmax(op) => op.infer(inputs),
            Self::Transpose(op) => op.infer(inputs),
            Self::Unary(op) => op.infer(inputs),
        }
    }
}

/// Inputs that do not fit an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// Another number of inputs.
    #[error("takes {expected} inputs, not {found}")]
    Arity {
        /// What the operator takes.
        expected: &'static str,
        /// What it was given.
        found: usize,
    },
    /// An input has another rank.
    #[error("{input} must have rank {expected}, not {found}")]
    Rank {
        /// Which input.
        input: &'static str,
        /// Rank that the operator needs.
        expected: usize,
        /// Rank that it has.
        found: usize,
    },
    /// An axis lies outside the shape.
    #[error("axis {axis} is out of range for a rank-{rank} tensor")]
    Axis {
        /// The axis.
        axis: usize,
        /// The rank.
        rank: usize,
    },
    /// Two shapes do not go together.
    #[error("{what}: {left:?} does not fit {right:?}")]
    Mismatch {
        /// What was compared.
        what: &'static str,
        /// One shape.
        left: Vec<usize>,
        /// The other.
        right: Vec<usize>,
    },
    /// A setting that makes no sense for these shapes.
    #[error("{what}")]
    Invalid {
        /// What is wrong.
        what: String,
    },
    /// A size of zero: graphs compute on tensors with elements only.
    #[error("a tensor of shape {shape:?} has no elements")]
    Empty {
        /// The shape.
        shape: Vec<usize>,
    },
    /// More elements than [`crate::MAX_ELEMENTS`].
    #[error("a tensor of shape {shape:?} has more than 2^30 elements")]
    TooLarge {
        /// The shape.
        shape: Vec<usize>,
    },
}

/// The inputs as an array, if there are as many.
pub(crate) fn arity<'t, const N: usize>(
    inputs: &[&'t TensorType],
    expected: &'static str,
) -> Result<[&'t TensorType; N], InferError> {
    inputs.try_into().map_err(|_| InferError::Arity { expected, found: inputs.len() })
}

/// The shape as an array, if it has that rank.
pub(crate) fn rank<const N: usize>(ty: &TensorType, input: &'static str) -> Result<[usize; N], InferError> {
    ty.shape[..].try_into().map_err(|_| InferError::Rank { input, expected: N, found: ty.rank() })
}

pub(crate) fn mismatch(what: &'static str, left: &[usize], right: &[usize]) -> InferError {
    InferError::Mismatch { what, left: left.to_vec(), right: right.to_vec() }
}
