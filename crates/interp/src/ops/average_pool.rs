use ir::{AveragePool, Tensor};

use super::max_pool::windows;

pub(super) fn average_pool(op: &AveragePool, x: &Tensor, shape: &[usize]) -> Tensor {
    let channels = shape[3];
    let mut y = vec![0.0; shape.iter().product()];
    windows(x.shape(), shape, op.kernel, op.strides, op.padding, |at, taps| {
        let y = &mut y[at..][..channels];
        for tap in taps {
            for (sum, x) in y.iter_mut().zip(&x.data()[*tap..]) {
                *sum += x;
            }
        }
        let count = if op.count_padding { op.kernel[0] as f32 * op.kernel[1] as f32 } else { taps.len() as f32 };
        for sum in y {
            *sum /= count;
        }
    });
    Tensor::new(shape, y)
}

#[cfg(test)]
mod tests {
    use ir::{Op, Padding};

    use super::*;
    use crate::check::{check, counting};

    fn pool(padding: Padding, count_padding: bool) -> Op {
        Op::AveragePool(AveragePool { kernel: [2, 2], strides: [2, 2], padding, count_padding })
    }

    #[test]
    fn mean_of_each_window() {
        // Rows 1..4, 5..8.
        check(pool(Padding::ZERO, false), &[&counting(&[1, 2, 4, 1], 1)], &[1, 1, 2, 1], &[3.5, 5.5]);
    }

    #[test]
    fn channels_stay_apart() {
        check(pool(Padding::ZERO, false), &[&counting(&[1, 2, 2, 2], 0)], &[1, 1, 1, 2], &[3.0, 4.0]);
    }

    #[test]
    fn padding_counts_only_where_asked() {
        let x = counting(&[1, 2, 2, 1], 1);
        let padding = Padding { top: 1, left: 1, bottom: 1, right: 1 };
        check(pool(padding, false), &[&x], &[1, 2, 2, 1], &[1.0, 2.0, 3.0, 4.0]);
        check(pool(padding, true), &[&x], &[1, 2, 2, 1], &[0.25, 0.5, 0.75, 1.0]);
    }

    #[test]
    fn batches_stay_apart() {
        check(pool(Padding::ZERO, true), &[&counting(&[2, 2, 2, 1], 0)], &[2, 1, 1, 1], &[1.5, 5.5]);
    }
}
