use ir::{BinaryOp, Clamp, Op, Reduce, ReduceKind, Unary};

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

/// The logarithm of the sum of powers, as `m + log(sum(exp(x - m)))` with the largest element `m`, which overflows
/// nowhere.
pub(super) fn log_sum_exp(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let Some(axes) = folded(call, b.shape(x).len())? else { return Ok(vec![x.clone()]) };
    let reduce = |kind| Op::Reduce(Reduce { kind, axes: axes.clone() });
    let largest = b.apply(reduce(ReduceKind::Max), &[x])?;
    // A difference of infinities has no value.
    let largest = b.apply(Op::Clamp(Clamp { low: f32::MIN, high: f32::MAX }), &[&largest])?;
    let below = b.binary(BinaryOp::Sub, x, &largest)?;
    let powers = b.apply(Op::Unary(Unary::Exp), &[&below])?;
    let sum = b.apply(reduce(ReduceKind::Sum), &[&powers])?;
    let logarithm = b.apply(Op::Unary(Unary::Log), &[&sum])?;
    let y = b.binary(BinaryOp::Add, &logarithm, &largest)?;
    squeezed(call, b, y, &axes).map(|y| vec![y])
}

/// Folds `x` as the node says.
fn fold(call: &Call<'_>, b: &mut Builder, kind: ReduceKind, x: &Value) -> Result<Value> {
    let Some(axes) = folded(call, b.shape(x).len())? else { return Ok(x.clone()) };
    let y = b.apply(Op::Reduce(Reduce { kind, axes: axes.clone() }), &[x])?;
    squeezed(call, b, y, &axes)
}

/// The axes that the node folds, or `None` where it folds nothing.
fn folded(call: &Call<'_>, rank: usize) -> Result<Option<Vec<usize>>> {
    let nothing = call.attributes.flag("noop_with_empty_axes", false)?;
    match call.ints("axes", 1)? {
        Some(given @ [_, ..]) => axes(given, rank).map(Some),
        Some([]) | None if nothing => Ok(None),
        Some([]) | None => Ok(Some((0..rank).collect())),
    }
}

/// `y` without the folded axes, if the node does not keep them.
fn squeezed(call: &Call<'_>, b: &mut Builder, y: Value, axes: &[usize]) -> Result<Value> {
    if call.attributes.flag("keepdims", true)? {
        return Ok(y);
    }
    let sizes = b.shape(&y).iter().enumerate();
    let kept = sizes.filter(|(axis, _)| !axes.contains(axis)).map(|(_, size)| *size).collect();
    b.reshape(&y, kept)
}
