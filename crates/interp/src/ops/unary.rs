use ir::{Tensor, Unary};

pub(super) fn unary(op: Unary, x: &Tensor) -> Tensor {
    let compute: fn(f32) -> f32 = match op {
        Unary::Abs => f32::abs,
        Unary::Exp => libm::expf,
        Unary::Log => libm::logf,
        Unary::Neg => |x| -x,
        Unary::Sqrt => libm::sqrtf,
        Unary::Sigmoid => |x| 1.0 / (1.0 + libm::expf(-x)),
        Unary::Tanh => libm::tanhf,
    };
    Tensor::new(x.shape(), x.data().iter().map(|x| compute(*x)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{E, LN_2};

    use ir::Op;

    use super::*;
    use crate::check::{check_within, tensor};

    #[track_caller]
    fn check_unary(op: Unary, x: [f32; 4], expect: [f32; 4]) {
        check_within(1e-6, Op::Unary(op), &[&tensor(&[2, 2], &x)], &[2, 2], &expect);
    }

    const INF: f32 = f32::INFINITY;

    #[test]
    fn abs() {
        check_unary(Unary::Abs, [-2.5, 0.0, 3.0, -INF], [2.5, 0.0, 3.0, INF]);
    }

    #[test]
    fn exp() {
        check_unary(Unary::Exp, [0.0, 1.0, -INF, 100.0], [1.0, E, 0.0, INF]);
    }

    #[test]
    fn log() {
        check_unary(Unary::Log, [1.0, 2.0, 0.0, -1.0], [0.0, LN_2, -INF, f32::NAN]);
    }

    #[test]
    fn neg() {
        check_unary(Unary::Neg, [1.0, -2.0, INF, 0.0], [-1.0, 2.0, -INF, 0.0]);
    }

    #[test]
    fn sqrt() {
        check_unary(Unary::Sqrt, [4.0, 2.25, 0.0, -1.0], [2.0, 1.5, 0.0, f32::NAN]);
    }

    #[test]
    fn sigmoid() {
        check_unary(Unary::Sigmoid, [0.0, LN_2, -200.0, 200.0], [0.5, 2.0 / 3.0, 0.0, 1.0]);
    }

    #[test]
    fn tanh() {
        // tanh(ln 2) = (4 - 1) / (4 + 1).
        check_unary(Unary::Tanh, [0.0, LN_2, -50.0, f32::NAN], [0.0, 0.6, -1.0, f32::NAN]);
    }
}
