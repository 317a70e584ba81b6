use ir::{Concat, Tensor};

use crate::elements::around;

pub(super) fn concat(op: &Concat, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let [outer, _, _] = around(shape, op.axis);
    let mut y = Vec::with_capacity(shape.iter().product());
    for row in 0..outer {
        for x in inputs {
            let [_, size, inner] = around(x.shape(), op.axis);
            y.extend_from_slice(&x.data()[row * size * inner..][..size * inner]);
        }
    }
    Tensor::new(shape, y)
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    #[test]
    fn first_axis_appends() {
        let (a, b) = (counting(&[1, 2], 0), counting(&[2, 2], 10));
        check(Op::Concat(Concat { axis: 0 }), &[&a, &b], &[3, 2], &[0.0, 1.0, 10.0, 11.0, 12.0, 13.0]);
    }

    #[test]
    fn inner_axis_interleaves() {
        let (a, b) = (counting(&[2, 1, 2], 0), counting(&[2, 2, 2], 10));
        let expect = [0.0, 1.0, 10.0, 11.0, 12.0, 13.0, 2.0, 3.0, 14.0, 15.0, 16.0, 17.0];
        check(Op::Concat(Concat { axis: 1 }), &[&a, &b], &[2, 3, 2], &expect);
    }

    #[test]
    fn empty_input_adds_nothing() {
        let (a, b) = (tensor(&[2, 0], &[]), counting(&[2, 1], 5));
        check(Op::Concat(Concat { axis: 1 }), &[&a, &b, &b], &[2, 2], &[5.0, 5.0, 6.0, 6.0]);
    }
}
