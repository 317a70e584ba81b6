use ir::{BinaryOp, Op, Unary};

use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// A constant exponent of 0.5, 1 or 2.
pub(super) fn pow(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let (x, exponent) = (call.input(0)?, call.input(1)?);
    if !b.is_constant(exponent) {
        return Err(Refusal::not_constant("the exponent"));
    }
    let unchanged = ir::ops::broadcast(b.shape(x), b.shape(exponent))? == b.shape(x);
    let Some(exponent) = b.number(exponent).filter(|_| unchanged) else {
        return Err(Refusal::shape("an exponent for each element is not supported", "use one exponent for all"));
    };
    if exponent == 2.0 {
        Ok(vec![b.binary(BinaryOp::Mul, x, x)?])
    } else if exponent == 0.5 {
        Ok(vec![b.apply(Op::Unary(Unary::Sqrt), &[x])?])
    } else if exponent == 1.0 {
        Ok(vec![x.clone()])
    } else {
        Err(Refusal::setting(
            format!("an exponent of {exponent:?} is not supported"),
            "use 0.5, 1 or 2, or Mul, Sqrt, Exp and Log",
        ))
    }
}
