use ir::{Blend, Resize, Sampling, Tensor};

use crate::elements::accumulate;

pub(super) fn resize(op: &Resize, x: &Tensor, shape: &[usize]) -> Tensor {
    let (&[_, h, w, _], &[n, ho, wo, c]) = (x.shape(), shape) else { unreachable!("resizing is of rank 4") };
    let pixel = |b: usize, row: usize, column: usize| &x.data()[((b * h + row) * w + column) * c..][..c];
    let mut y = Vec::with_capacity(shape.iter().product());
    for b in 0..n {
        for i in 0..ho {
            for j in 0..wo {
                if let (Sampling::Nearest(rows), Sampling::Nearest(columns)) = (&op.rows, &op.columns) {
                    y.extend_from_slice(pixel(b, rows[i], columns[j]));
                    continue;
                }
                let mut sum = vec![0.0; c];
                for (row, u) in terms(&op.rows, i) {
                    for (column, v) in terms(&op.columns, j) {
                        accumulate(&mut sum, u * v, pixel(b, row, column));
                    }
                }
                y.extend(sum);
            }
        }
    }
    Tensor::new(shape, y)
}

/// Indices and weights of what one output is made of.
fn terms(sampling: &Sampling, output: usize) -> Vec<(usize, f32)> {
    match sampling {
        Sampling::Nearest(indices) => vec![(indices[output], 1.0)],
        Sampling::Linear(blends) => {
            let Blend { near, far, weight } = blends[output];
            vec![(near, 1.0 - weight), (far, weight)]
        }
    }
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    fn op(rows: Sampling, columns: Sampling) -> Op {
        Op::Resize(Resize { rows, columns })
    }

    fn nearest(indices: &[usize]) -> Sampling {
        Sampling::Nearest(indices.to_vec())
    }

    fn linear(blends: &[(usize, usize, f32)]) -> Sampling {
        Sampling::Linear(blends.iter().map(|&(near, far, weight)| Blend { near, far, weight }).collect())
    }

    #[test]
    fn nearest_pixels_are_copied() {
        let expect = [1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 3.0, 3.0, 4.0];
        check(op(nearest(&[0, 0, 1]), nearest(&[0, 0, 1])), &[&counting(&[1, 2, 2, 1], 1)], &[1, 3, 3, 1], &expect);
    }

    #[test]
    fn nearest_pixels_may_be_left_out() {
        check(op(nearest(&[1]), nearest(&[2, 0])), &[&counting(&[1, 2, 3, 1], 0)], &[1, 1, 2, 1], &[5.0, 3.0]);
    }

    #[test]
    fn rows_and_columns_are_blended() {
        let x = tensor(&[1, 2, 2, 1], &[0.0, 4.0, 8.0, 20.0]);
        let (rows, columns) = (linear(&[(0, 1, 0.0), (0, 1, 0.5)]), linear(&[(0, 0, 0.5), (0, 1, 0.25)]));
        check(op(rows, columns), &[&x], &[1, 2, 2, 1], &[0.0, 1.0, 4.0, 6.0]);
    }

    #[test]
    fn one_axis_may_be_blended_and_the_other_not() {
        let x = tensor(&[1, 2, 2, 1], &[0.0, 4.0, 8.0, 20.0]);
        check(op(nearest(&[1]), linear(&[(0, 1, 0.5)])), &[&x], &[1, 1, 1, 1], &[14.0]);
    }

    #[test]
    fn images_and_channels_stay_apart() {
        let expect = [2.0, 3.0, 0.0, 1.0, 6.0, 7.0, 4.0, 5.0];
        check(op(nearest(&[0]), nearest(&[1, 0])), &[&counting(&[2, 1, 2, 2], 0)], &[2, 1, 2, 2], &expect);
    }

    #[test]
    fn infinite_pixels_are_copied_and_not_multiplied() {
        let x = tensor(&[1, 1, 2, 1], &[f32::INFINITY, f32::NAN]);
        check(op(nearest(&[0]), nearest(&[0, 1])), &[&x], &[1, 1, 2, 1], &[f32::INFINITY, f32::NAN]);
    }
}
