use ir::{MatMul, Op, ops::broadcast};

use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// NumPy's product: a vector counts as a row on the left and a column on the right, batch dimensions broadcast.
pub(super) fn mat_mul(call: &Call<'_>, b: &mut Builder) -> Result<Vec<Value>> {
    let (left, row) = as_matrix(b, call.input(0)?, |k| vec![1, k])?;
    let (mut right, column) = as_matrix(b, call.input(1)?, |k| vec![k, 1])?;
    let left_shape = b.shape(&left).to_vec();
    let right_shape = b.shape(&right).to_vec();
    let (left_batch, left_matrix) = left_shape.split_at(left_shape.len() - 2);
    let (right_batch, right_matrix) = right_shape.split_at(right_shape.len() - 2);

    let mut left = left;
    if right_batch.iter().all(|size| *size == 1) && right_batch.len() <= left_batch.len() {
        right = b.reshape(&right, right_matrix.to_vec())?;
    } else if left_batch != right_batch {
        let batch = broadcast(left_batch, right_batch)?;
        left = b.expand(&left, &[&batch[..], left_matrix].concat())?;
        right = b.expand(&right, &[&batch[..], right_matrix].concat())?;
    }
    let y = b.apply(Op::MatMul(MatMul { activation: None }), &[&left, &right])?;

    let mut shape = b.shape(&y).to_vec();
    if column {
        shape.pop();
    }
    if row {
        let at = shape.len() - if column { 1 } else { 2 };
        shape.remove(at);
    }
    Ok(vec![b.reshape(&y, shape)?])
}

/// The value with at least two axes, and whether it was a vector.
fn as_matrix(b: &mut Builder, value: &Value, shape: impl Fn(usize) -> Vec<usize>) -> Result<(Value, bool)> {
    match *b.shape(value) {
        [] => Err(Refusal::input("a scalar is not a matrix")),
        [k] => Ok((b.reshape(value, shape(k))?, true)),
        _ => Ok((value.clone(), false)),
    }
}
