use ir::{Op, Reduce, ReduceKind};

use crate::import::builder::Builder;
use crate::import::call::Call;
use crate::import::refusal::{Refusal, Result};
use crate::import::value::Value;

/// Folds all axes but batch and channels, which stay where they are.
pub(super) fn global_pool(call: &Call<'_>, b: &mut Builder, kind: ReduceKind) -> Result<Vec<Value>> {
    let x = call.input(0)?;
    let rank = b.shape(x).len();
    if rank < 3 {
        return Err(Refusal::input(format!("an input of rank {rank} has no spatial axes")));
    }
    Ok(vec![b.apply(Op::Reduce(Reduce { kind, axes: (2..rank).collect() }), &[x])?])
}
