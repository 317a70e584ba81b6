use ir::{InferError, Op, Tensor, TensorType};

use crate::ops;

/// The result of one operator.
///
/// # Errors
/// What [`Op::infer`] says of the inputs.
pub fn fold(op: &Op, inputs: &[&Tensor]) -> Result<Tensor, InferError> {
    let types: Vec<TensorType> = inputs.iter().map(|tensor| tensor.ty()).collect();
    let ty = op.infer(&types.iter().collect::<Vec<_>>())?;
    ty.checked_elements()?;
    Ok(ops::apply(op, inputs, &ty.shape))
}

#[cfg(test)]
mod tests {
    use ir::{Softmax, Unary};

    use super::*;

    #[test]
    fn inputs_that_do_not_fit_are_refused() {
        let x = Tensor::splat([2], 1.0);
        let error = fold(&Op::Softmax(Softmax { axis: 1 }), &[&x]).unwrap_err();
        assert_eq!(error.to_string(), "axis 1 is out of range for a rank-1 tensor");
        assert!(fold(&Op::Unary(Unary::Neg), &[]).is_err());
    }
}
