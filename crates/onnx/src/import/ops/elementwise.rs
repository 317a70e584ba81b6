//! Functions of each element and operations on pairs: `Abs`, `Exp`, ..; `Add`, `Sub`, `Mul`, `Div`; `Max`, `Min`, `Sum`.

use ir::{BinaryOp, Op, Unary};

use crate::import::builder::{Builder, elements};
use crate::import::call::Call;
use crate::import::known;
use crate::import::refusal::Result;
use crate::import::value::Value;

pub(super) fn unary(call: &Call<'_>, b: &mut Builder, unary: Unary) -> Result<Vec<Value>> {
    Ok(vec![b.apply(Op::Unary(unary), &[call.input(0)?])?])
}

pub(super) fn binary(call: &Call<'_>, b: &mut Builder, op: BinaryOp) -> Result<Vec<Value>> {
    Ok(vec![pair(b, op, call.input(0)?, call.input(1)?)?])
}

/// `1 / x`
pub(super) fn reciprocal(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let one = b.scalar(1.0);
    Ok(vec![b.binary(BinaryOp::Div, &one, call.input(0)?)?])
}

/// An operation on any number of operands, from the left.
pub(super) fn fold(call: &Call<'_>, b: &mut Builder, op: BinaryOp) -> Result<Vec<Value>> {
    let mut result = call.input(0)?.clone();
    for next in &call.list()?[1..] {
        result = pair(b, op, &result, next)?;
    }
    Ok(vec![result])
}

fn pair(b: &mut Builder, op: BinaryOp, left: &Value, right: &Value) -> Result<Value> {
    match (left.as_known(), right.as_known()) {
        (Some(left), Some(right)) => {
            let shape = known::binary_shape(left, right)?;
            b.charge(elements(&shape)?)?;
            known::binary(op, left, right, shape).map(Value::known)
        }
        _ => b.binary(op, left, right),
    }
}
