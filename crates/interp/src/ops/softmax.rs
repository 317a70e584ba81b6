use ir::{Softmax, Tensor};

use crate::elements::{around, larger};

pub(super) fn softmax(op: &Softmax, x: &Tensor) -> Tensor {
    let [outer, size, inner] = around(x.shape(), op.axis);
    let mut y = x.data().to_vec();
    for first in (0..outer).flat_map(|row| (0..inner).map(move |column| row * size * inner + column)) {
        let line = || (0..size).map(|index| first + index * inner);
        let max = line().map(|at| y[at]).fold(f32::NEG_INFINITY, larger);
        let mut sum = 0.0;
        for at in line() {
            y[at] = libm::expf(y[at] - max);
            sum += y[at];
        }
        for at in line() {
            y[at] /= sum;
        }
    }
    Tensor::new(x.shape(), y)
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, check_within, tensor};

    #[test]
    fn equal_elements_share() {
        let x = tensor(&[1, 4], &[1e30, 1e30, 1e30, 1e30]);
        check(Op::Softmax(Softmax { axis: 1 }), &[&x], &[1, 4], &[0.25, 0.25, 0.25, 0.25]);
    }

    #[test]
    fn ratios_are_exponentials() {
        // exp(ln 3) = 3 times as much.
        let x = tensor(&[2], &[0.0, 1.098_612_3]);
        check_within(1e-6, Op::Softmax(Softmax { axis: 0 }), &[&x], &[2], &[0.25, 0.75]);
    }

    #[test]
    fn outer_axis_sums_to_one_for_each_column() {
        let x = tensor(&[2, 2], &[0.0, 200.0, 0.0, 0.0]);
        check(Op::Softmax(Softmax { axis: 0 }), &[&x], &[2, 2], &[0.5, 1.0, 0.5, 0.0]);
    }

    #[test]
    fn nan_spoils_its_line_only() {
        let x = tensor(&[2, 2], &[f32::NAN, 0.0, 3.0, 3.0]);
        check(Op::Softmax(Softmax { axis: 1 }), &[&x], &[2, 2], &[f32::NAN, f32::NAN, 0.5, 0.5]);
    }
}
