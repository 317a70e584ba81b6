use ir::{Binary, BinaryOp, Tensor};

use crate::elements::{larger, offsets, smaller};

pub(super) fn binary(op: &Binary, a: &Tensor, b: &Tensor, shape: &[usize]) -> Tensor {
    let compute: fn(f32, f32) -> f32 = match op.op {
        BinaryOp::Add => |a, b| a + b,
        BinaryOp::Sub => |a, b| a - b,
        BinaryOp::Mul => |a, b| a * b,
        BinaryOp::Div => |a, b| a / b,
        BinaryOp::Max => larger,
        BinaryOp::Min => smaller,
    };
    let pairs = stretched(a, shape).zip(stretched(b, shape));
    Tensor::new(shape, pairs.map(|(a, b)| compute(a, b)).collect::<Vec<_>>())
}

/// The elements of `x` as if it had that `shape`.
fn stretched(x: &Tensor, shape: &[usize]) -> impl Iterator<Item = f32> {
    let missing = shape.len() - x.shape().len();
    let own = x.shape().iter().zip(x.ty().strides()).map(|(size, stride)| if *size == 1 { 0 } else { stride });
    let strides: Vec<usize> = std::iter::repeat_n(0, missing).chain(own).collect();
    offsets(0, shape, &strides).map(|offset| x.data()[offset])
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, counting, tensor};

    fn op(op: BinaryOp) -> Op {
        Op::Binary(Binary { op })
    }

    #[test]
    fn every_operation() {
        let (a, b) = (tensor(&[3], &[6.0, -1.0, 2.0]), tensor(&[3], &[3.0, 4.0, 2.0]));
        for (kind, expect) in [
            (BinaryOp::Add, [9.0, 3.0, 4.0]),
            (BinaryOp::Sub, [3.0, -5.0, 0.0]),
            (BinaryOp::Mul, [18.0, -4.0, 4.0]),
            (BinaryOp::Div, [2.0, -0.25, 1.0]),
            (BinaryOp::Max, [6.0, 4.0, 2.0]),
            (BinaryOp::Min, [3.0, -1.0, 2.0]),
        ] {
            check(op(kind), &[&a, &b], &[3], &expect);
        }
    }

    #[test]
    fn both_operands_stretch() {
        let (a, b) = (tensor(&[2, 1], &[10.0, 20.0]), tensor(&[3], &[1.0, 2.0, 3.0]));
        check(op(BinaryOp::Add), &[&a, &b], &[2, 3], &[11.0, 12.0, 13.0, 21.0, 22.0, 23.0]);
    }

    #[test]
    fn scalar_stretches_on_the_left() {
        check(op(BinaryOp::Sub), &[&tensor(&[], &[1.0]), &counting(&[2, 2], 0)], &[2, 2], &[1.0, 0.0, -1.0, -2.0]);
    }

    #[test]
    fn middle_axis_stretches() {
        let (a, b) = (counting(&[2, 2, 2], 0), tensor(&[2, 1, 2], &[0.0, 10.0, 20.0, 30.0]));
        check(op(BinaryOp::Add), &[&a, &b], &[2, 2, 2], &[0.0, 11.0, 2.0, 13.0, 24.0, 35.0, 26.0, 37.0]);
    }

    #[test]
    fn max_and_min_keep_nan_from_either_side() {
        let (a, b) = (tensor(&[2], &[f32::NAN, 1.0]), tensor(&[2], &[1.0, f32::NAN]));
        check(op(BinaryOp::Max), &[&a, &b], &[2], &[f32::NAN, f32::NAN]);
        check(op(BinaryOp::Min), &[&a, &b], &[2], &[f32::NAN, f32::NAN]);
    }
}
