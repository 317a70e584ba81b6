use ir::{BinaryOp, MatMul, Op, Tensor};

use crate::import::attributes::Attributes;
use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

pub(super) fn settings(attributes: &Attributes<'_>) -> Result<()> {
    attributes.float("alpha")?;
    attributes.float("beta")?;
    attributes.flag("transA", false)?;
    attributes.flag("transB", false)?;
    Ok(())
}

/// `alpha A' B' + beta C`, as a product with a bias where C is a constant row.
pub(super) fn gemm(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let alpha = call.attributes.float("alpha")?.unwrap_or(1.0);
    let beta = call.attributes.float("beta")?.unwrap_or(1.0);
    let left = matrix(b, call.input(0)?, call.attributes.flag("transA", false)?)?;
    let mut right = matrix(b, call.input(1)?, call.attributes.flag("transB", false)?)?;
    let (m, n) = (b.shape(&left)[0], b.shape(&right)[1]);

    let mut scale_product = alpha != 1.0;
    if scale_product && let Some(tensor) = b.tensor(&right).cloned() {
        right = scaled(b, &tensor, alpha)?;
        scale_product = false;
    }
    let addend = call.optional(2).filter(|_| beta != 0.0);
    if let Some(addend) = addend {
        let shape = ir::ops::broadcast(b.shape(addend), &[m, n])?;
        if shape != [m, n] {
            return Err(Refusal::input(format!("C of shape {:?} does not fit [{m}, {n}]", b.shape(addend))));
        }
    }
    let op = Op::MatMul(MatMul { activation: None });
    if !scale_product
        && let Some(addend) = addend
        && let Some(row) = row(b, addend, beta, n)?
    {
        return Ok(vec![b.apply(op, &[&left, &right, &row])?]);
    }
    let mut y = b.apply(op, &[&left, &right])?;
    if scale_product {
        let alpha = b.scalar(alpha);
        y = b.binary(BinaryOp::Mul, &y, &alpha)?;
    }
    if let Some(addend) = addend {
        let addend = if beta == 1.0 {
            addend.clone()
        } else {
            let beta = b.scalar(beta);
            b.binary(BinaryOp::Mul, addend, &beta)?
        };
        y = b.binary(BinaryOp::Add, &y, &addend)?;
    }
    Ok(vec![y])
}

fn matrix(b: &mut Builder, value: &Value, transposed: bool) -> Result<Value> {
    match b.shape(value).len() {
        2 if transposed => b.transpose(value, &[1, 0]),
        2 => Ok(value.clone()),
        rank => Err(Refusal::input(format!("A and B must have rank 2, not {rank}"))),
    }
}

/// C times beta as one row of `n`, if it is constant and the same for every row.
fn row(b: &mut Builder, addend: &Value, beta: f32, n: usize) -> Result<Option<Value>> {
    let Some(tensor) = b.tensor(addend).cloned() else { return Ok(None) };
    let row = match tensor.scalar() {
        Some(_) if n == 1 => b.reshape(addend, vec![1])?,
        Some(value) => return b.splat(vec![n], value * beta).map(Some),
        None if tensor.data().len() == n && tensor.shape().last() == Some(&n) => b.reshape(addend, vec![n])?,
        None => return Ok(None),
    };
    match b.tensor(&row).cloned() {
        Some(tensor) if beta != 1.0 => scaled(b, &tensor, beta).map(Some),
        _ => Ok(Some(row)),
    }
}

fn scaled(b: &mut Builder, tensor: &Tensor, factor: f32) -> Result<Value> {
    b.charge(tensor.data().len())?;
    let data: Vec<f32> = tensor.data().iter().map(|value| value * factor).collect();
    Ok(b.derived(Tensor::new(tensor.shape(), data)))
}
