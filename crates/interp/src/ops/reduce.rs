use ir::{Reduce, ReduceKind, Tensor, TensorType};

use crate::elements::{larger, offsets};

pub(super) fn reduce(op: &Reduce, x: &Tensor, shape: &[usize]) -> Tensor {
    let (start, combine): (f32, fn(f32, f32) -> f32) = match op.kind {
        ReduceKind::Mean | ReduceKind::Sum => (0.0, |sum, x| sum + x),
        ReduceKind::Max => (f32::NEG_INFINITY, larger),
    };
    let mut strides = TensorType::f32(shape).strides();
    for axis in &op.axes {
        strides[*axis] = 0;
    }
    let mut y = vec![start; shape.iter().product()];
    for (at, x) in offsets(0, x.shape(), &strides).zip(x.data()) {
        y[at] = combine(y[at], *x);
    }
    if op.kind == ReduceKind::Mean {
        let count = op.axes.iter().map(|axis| x.shape()[*axis]).product::<usize>() as f32;
        for y in &mut y {
            *y /= count;
        }
    }
    Tensor::new(shape, y)
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    fn op(kind: ReduceKind, axes: &[usize]) -> Op {
        Op::Reduce(Reduce { kind, axes: axes.to_vec() })
    }

    #[test]
    fn one_axis() {
        let x = counting(&[2, 3], 0);
        check(op(ReduceKind::Sum, &[1]), &[&x], &[2, 1], &[3.0, 12.0]);
        check(op(ReduceKind::Mean, &[0]), &[&x], &[1, 3], &[1.5, 2.5, 3.5]);
        check(op(ReduceKind::Max, &[1]), &[&x], &[2, 1], &[2.0, 5.0]);
    }

    #[test]
    fn spatial_axes() {
        let x = counting(&[1, 2, 2, 2], 0);
        check(op(ReduceKind::Mean, &[1, 2]), &[&x], &[1, 1, 1, 2], &[3.0, 4.0]);
        check(op(ReduceKind::Sum, &[0, 3]), &[&x], &[1, 2, 2, 1], &[1.0, 5.0, 9.0, 13.0]);
    }

    #[test]
    fn no_axes_change_nothing() {
        let x = counting(&[3], 4);
        check(op(ReduceKind::Mean, &[]), &[&x], &[3], &[4.0, 5.0, 6.0]);
    }

    #[test]
    fn nan_reaches_the_result() {
        let x = tensor(&[2, 2], &[f32::NAN, 1.0, -3.0, -2.0]);
        check(op(ReduceKind::Max, &[1]), &[&x], &[2, 1], &[f32::NAN, -2.0]);
        check(op(ReduceKind::Mean, &[1]), &[&x], &[2, 1], &[f32::NAN, -2.5]);
    }
}
