use ir::{MaxPool, Padding, Tensor};

use crate::elements::larger;

pub(super) fn max_pool(op: &MaxPool, x: &Tensor, shape: &[usize]) -> Tensor {
    let channels = shape[3];
    let mut y = vec![f32::NEG_INFINITY; shape.iter().product()];
    windows(x.shape(), shape, op.kernel, op.strides, op.padding, |at, taps| {
        for tap in taps {
            for (y, x) in y[at..][..channels].iter_mut().zip(&x.data()[*tap..]) {
                *y = larger(*y, *x);
            }
        }
    });
    Tensor::new(shape, y)
}

/// Tells `visit` of every window: the offset of its result, and the offsets of those of its pixels that lie inside `x`.
pub(super) fn windows(
    x: &[usize],
    y: &[usize],
    kernel: [usize; 2],
    strides: [usize; 2],
    padding: Padding,
    mut visit: impl FnMut(usize, &[usize]),
) {
    let (&[_, h, w, c], &[n, ho, wo, _]) = (x, y) else { unreachable!("pooling is of rank 4") };
    let inside = |first: usize, kernel: usize, padding: usize, size: usize| {
        first.saturating_sub(padding)..(first + kernel).saturating_sub(padding).min(size)
    };
    let mut at = 0;
    let mut taps = vec![];
    for b in 0..n {
        for i in 0..ho {
            for j in 0..wo {
                taps.clear();
                for row in inside(i * strides[0], kernel[0], padding.top, h) {
                    for column in inside(j * strides[1], kernel[1], padding.left, w) {
                        taps.push(((b * h + row) * w + column) * c);
                    }
                }
                visit(at, &taps);
                at += c;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    fn pool(kernel: [usize; 2], strides: [usize; 2], padding: Padding) -> Op {
        Op::MaxPool(MaxPool { kernel, strides, padding })
    }

    #[test]
    fn largest_of_each_window() {
        let x = tensor(&[1, 2, 4, 1], &[1.0, 5.0, 2.0, 0.0, 4.0, 3.0, -1.0, 9.0]);
        check(pool([2, 2], [2, 2], Padding::ZERO), &[&x], &[1, 1, 2, 1], &[5.0, 9.0]);
    }

    #[test]
    fn windows_overlap_and_leave_a_rest() {
        // Rows 0..4, 5..9, 10..14: windows at columns 0 and 2, the last row is a rest.
        let x = counting(&[1, 3, 5, 1], 0);
        check(pool([2, 3], [2, 2], Padding::ZERO), &[&x], &[1, 1, 2, 1], &[7.0, 9.0]);
    }

    #[test]
    fn padding_is_minus_infinity() {
        let x = tensor(&[1, 2, 2, 1], &[-1.0, -2.0, -3.0, -4.0]);
        let padding = Padding { top: 1, left: 0, bottom: 0, right: 1 };
        check(pool([2, 2], [1, 1], padding), &[&x], &[1, 2, 2, 1], &[-1.0, -2.0, -1.0, -2.0]);
    }

    #[test]
    fn nan_wins_in_its_channel() {
        let x = tensor(&[1, 1, 2, 2], &[f32::NAN, 1.0, 2.0, 3.0]);
        check(pool([1, 2], [1, 1], Padding::ZERO), &[&x], &[1, 1, 1, 2], &[f32::NAN, 3.0]);
    }
}
