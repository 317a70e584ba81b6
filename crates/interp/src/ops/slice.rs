use ir::{Slice, Tensor};

use crate::elements::offsets;

pub(super) fn slice(op: &Slice, x: &Tensor) -> Tensor {
    let own = x.ty().strides();
    let start = op.starts.iter().zip(&own).map(|(start, stride)| start * stride).sum();
    let strides: Vec<usize> = op.steps.iter().zip(&own).map(|(step, stride)| step * stride).collect();
    let elements = offsets(start, &op.sizes, &strides).map(|offset| x.data()[offset]);
    Tensor::new(op.sizes.clone(), elements.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting};

    fn op(starts: &[usize], sizes: &[usize], steps: &[usize]) -> Op {
        Op::Slice(Slice { starts: starts.to_vec(), sizes: sizes.to_vec(), steps: steps.to_vec() })
    }

    #[test]
    fn cuts_a_rectangle() {
        check(op(&[1, 1], &[2, 2], &[1, 1]), &[&counting(&[3, 4], 0)], &[2, 2], &[5.0, 6.0, 9.0, 10.0]);
    }

    #[test]
    fn steps_skip_elements() {
        check(op(&[0, 1], &[2, 2], &[2, 2]), &[&counting(&[3, 4], 0)], &[2, 2], &[1.0, 3.0, 9.0, 11.0]);
    }
}
