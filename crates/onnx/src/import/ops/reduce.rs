use ir::{BinaryOp, Op, Reduce, ReduceKind, Unary};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::{Call, axes};
use crate::import::refusal::Result;
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.flag("keepdims", true)?;
    attributes.flag("noop_with_empty_axes", false)?;
    attributes.ints("axes")?;
    Ok(())
}

/// Folds the given axes, or all. The axes are an attribute in older operator sets and an input in newer ones.
pub(super) fn reduce(call: &Call<'_>, b: &mut Builder, kind: ReduceKind) -> Result<Vec<Value>> {
    fold(call, b, kind, call.input(0)?).map(|y| vec![y])
}

/// The sum of squares.
pub(super) fn sum_square(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let squares = b.binary(BinaryOp::Mul, x, x)?;
    fold(call, b, ReduceKind::Sum, &squares).map(|y| vec![y])
}

/// The root of the sum of squares.
pub(super) fn l2(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let sums = sum_square(call, b)?;
    Ok(vec![b.apply(Op::Unary(Unary::Sqrt), &sums.iter().collect::<Vec<_>>())?])
}

/// Folds `x` as the node says.
fn fold(call: &Call<'_>, b: &mut Builder, kind: ReduceKind, x: &Value) -> Result<Value> {
    let shape = b.shape(x).to_vec();
    let keep = call.attributes.flag("keepdims", true)?;
    let nothing = call.attributes.flag("noop_with_empty_axes", false)?;
    let axes = match call.ints("axes", 1)? {
        Some(given @ [_, ..]) => axes(given, shape.len())?,
        Some([]) | None if nothing => return Ok(x.clone()),
        Some([]) | None => (0..shape.len()).collect(),
    };
    let kept = (0..shape.len()).filter(|axis| !axes.contains(axis)).map(|axis| shape[axis]).collect();
    let y = b.apply(Op::Reduce(Reduce { kind, axes }), &[x])?;
    if keep { Ok(y) } else { b.reshape(&y, kept) }
}
