//! Operands copied side by side.

use plan::View;

use super::copy;
use crate::functions::{Call, Functions};

pub(crate) fn calls(functions: &mut Functions, axis: usize, reads: &[&View], write: &View) -> Vec<Call> {
    let mut before = 0;
    reads
        .iter()
        .map(|read| {
            let mut starts = vec![0; write.shape.len()];
            starts[axis] = before;
            before += read.shape[axis];
            let part = copy::sliced(write, &starts, &vec![1; write.shape.len()], &read.shape);
            copy::call(functions, read, &part)
        })
        .collect()
}
