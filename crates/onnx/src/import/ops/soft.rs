//! `Softplus` and `Softsign`.

use ir::{BinaryOp, Clamp, Op, Unary};

use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::Result;
use crate::import::value::Value;

/// `log(1 + exp(x))`, as `max(x, 0) + log(1 + exp(-|x|))`, which overflows nowhere.
pub(super) fn softplus(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let one = b.scalar(1.0);
    let above = b.apply(Op::Clamp(Clamp::RELU), &[x])?;
    let size = b.apply(Op::Unary(Unary::Abs), &[x])?;
    let size = b.apply(Op::Unary(Unary::Neg), &[&size])?;
    let power = b.apply(Op::Unary(Unary::Exp), &[&size])?;
    let power = b.binary(BinaryOp::Add, &power, &one)?;
    let rest = b.apply(Op::Unary(Unary::Log), &[&power])?;
    Ok(vec![b.binary(BinaryOp::Add, &above, &rest)?])
}

/// `x / (1 + |x|)`
pub(super) fn softsign(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let one = b.scalar(1.0);
    let size = b.apply(Op::Unary(Unary::Abs), &[x])?;
    let divisor = b.binary(BinaryOp::Add, &size, &one)?;
    Ok(vec![b.binary(BinaryOp::Div, x, &divisor)?])
}
