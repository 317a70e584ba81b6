use ir::{Tensor, Transpose};

use crate::elements::offsets;

pub(super) fn transpose(op: &Transpose, x: &Tensor, shape: &[usize]) -> Tensor {
    let own = x.ty().strides();
    let strides: Vec<usize> = op.permutation.iter().map(|axis| own[*axis]).collect();
    Tensor::new(shape, offsets(0, shape, &strides).map(|offset| x.data()[offset]).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting};

    fn op(permutation: &[usize]) -> Op {
        Op::Transpose(Transpose { permutation: permutation.to_vec() })
    }

    #[test]
    fn matrix() {
        check(op(&[1, 0]), &[&counting(&[2, 3], 0)], &[3, 2], &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    }

    #[test]
    fn axis_of_the_output_comes_from_the_permutation() {
        let expect = [0.0, 2.0, 4.0, 1.0, 3.0, 5.0];
        check(op(&[2, 0, 1]), &[&counting(&[1, 3, 2], 0)], &[2, 1, 3], &expect);
    }

    #[test]
    fn channels_go_last() {
        let expect = [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0];
        check(op(&[0, 2, 3, 1]), &[&counting(&[1, 2, 2, 2], 0)], &[1, 2, 2, 2], &expect);
    }
}
