use crate::op::{InferError, arity};
use crate::tensor::TensorType;

/// A function of each element. Input: `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    /// Absolute value.
    Abs,
    /// `e^x`
    Exp,
    /// Natural logarithm.
    Log,
    /// `-x`
    Neg,
    /// Square root.
    Sqrt,
    /// `1 / (1 + e^-x)`
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
}

impl Unary {
    /// Every function.
    pub const ALL: [Self; 7] = [Self::Abs, Self::Exp, Self::Log, Self::Neg, Self::Sqrt, Self::Sigmoid, Self::Tanh];

    /// The name in the text form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Exp => "exp",
            Self::Log => "log",
            Self::Neg => "neg",
            Self::Sqrt => "sqrt",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
        }
    }

    pub(crate) fn infer(self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        Ok(x.clone())
    }
}
