use ir::Tensor;

pub(super) fn reshape(x: &Tensor, shape: &[usize]) -> Tensor {
    x.reshaped(shape)
}

#[cfg(test)]
mod tests {
    use ir::{Op, Reshape};

    use crate::check::{check, counting};

    #[test]
    fn elements_keep_their_order() {
        let op = Op::Reshape(Reshape { shape: vec![3, 1, 2] });
        check(op, &[&counting(&[2, 3], 0)], &[3, 1, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn one_element_becomes_a_scalar() {
        check(Op::Reshape(Reshape { shape: vec![] }), &[&counting(&[1, 1], 7)], &[], &[7.0]);
    }
}
