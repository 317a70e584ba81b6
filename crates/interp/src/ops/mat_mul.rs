use ir::{MatMul, Tensor};

use super::clamp::activate;
use crate::elements::accumulate;

/// Each output starts as its bias or zero; then come the products in order.
pub(super) fn mat_mul(op: &MatMul, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let (a, b) = (inputs[0], inputs[1]);
    let ([.., m, n], Some(k)) = (shape, a.shape().last()) else { unreachable!("a product has rank 2 or more") };
    let rows: usize = shape[..shape.len() - 1].iter().product();
    let mut y = match inputs.get(2) {
        Some(bias) => bias.data().repeat(rows),
        None => vec![0.0; rows * n],
    };
    let batched = b.shape().len() > 2;
    if !y.is_empty() {
        for (row, y) in y.chunks_exact_mut(*n).enumerate() {
            let matrix = if batched { row / m } else { 0 };
            let b = &b.data()[matrix * k * n..][..k * n];
            for (a, b) in a.data()[row * k..][..*k].iter().zip(b.chunks_exact(*n)) {
                accumulate(y, *a, b);
            }
        }
    }
    activate(op.activation, &mut y);
    Tensor::new(shape, y)
}

#[cfg(test)]
mod tests {
    use ir::{Clamp, Op};

    use super::*;
    use crate::check::{check, counting, tensor};

    const PLAIN: Op = Op::MatMul(MatMul { activation: None });

    #[test]
    fn product_of_two_matrices() {
        let (a, b) = (counting(&[2, 3], 1), counting(&[3, 2], 1));
        check(PLAIN, &[&a, &b], &[2, 2], &[22.0, 28.0, 49.0, 64.0]);
    }

    #[test]
    fn one_matrix_for_every_batch() {
        let (a, b) = (counting(&[2, 1, 2], 1), counting(&[2, 2], 1));
        check(PLAIN, &[&a, &b], &[2, 1, 2], &[7.0, 10.0, 15.0, 22.0]);
    }

    #[test]
    fn a_matrix_for_each_batch() {
        let (a, b) = (counting(&[2, 1, 2], 1), counting(&[2, 2, 1], 1));
        check(PLAIN, &[&a, &b], &[2, 1, 1], &[5.0, 25.0]);
    }

    #[test]
    fn bias_and_activation() {
        let (a, b, bias) = (counting(&[1, 2], 1), counting(&[2, 2], 1), tensor(&[2], &[-8.0, 0.5]));
        check(Op::MatMul(MatMul { activation: Some(Clamp::RELU) }), &[&a, &b, &bias], &[1, 2], &[0.0, 10.5]);
    }

    #[test]
    fn empty_sum_is_the_bias() {
        let (a, b) = (tensor(&[2, 0], &[]), tensor(&[0, 1], &[]));
        check(PLAIN, &[&a, &b], &[2, 1], &[0.0, 0.0]);
        check(PLAIN, &[&a, &b, &tensor(&[1], &[3.0])], &[2, 1], &[3.0, 3.0]);
    }

    #[test]
    fn nan_stays_in_its_row() {
        let (a, b) = (tensor(&[2, 1], &[f32::NAN, 2.0]), tensor(&[1, 1], &[3.0]));
        check(PLAIN, &[&a, &b], &[2, 1], &[f32::NAN, 6.0]);
    }
}
