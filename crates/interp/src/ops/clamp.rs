use ir::{Clamp, Tensor};

pub(super) fn clamp(op: &Clamp, x: &Tensor) -> Tensor {
    Tensor::new(x.shape(), x.data().iter().map(|x| limited(op, *x)).collect::<Vec<_>>())
}

/// Applies an activation, if there is one.
pub(super) fn activate(activation: Option<Clamp>, y: &mut [f32]) {
    if let Some(clamp) = activation {
        for y in y {
            *y = limited(&clamp, *y);
        }
    }
}

fn limited(op: &Clamp, x: f32) -> f32 {
    let x = if x < op.low { op.low } else { x };
    if x > op.high { op.high } else { x }
}

#[cfg(test)]
mod tests {
    use ir::Op;

    use super::*;
    use crate::check::{check, tensor};

    #[test]
    fn limits_both_sides_and_keeps_nan() {
        let x = tensor(&[5], &[-1.0, 0.5, 7.0, f32::NAN, f32::INFINITY]);
        check(Op::Clamp(Clamp { low: 0.0, high: 6.0 }), &[&x], &[5], &[0.0, 0.5, 6.0, f32::NAN, 6.0]);
    }

    #[test]
    fn relu_has_no_upper_bound() {
        let x = tensor(&[3], &[f32::NEG_INFINITY, 1e30, f32::INFINITY]);
        check(Op::Clamp(Clamp::RELU), &[&x], &[3], &[0.0, 1e30, f32::INFINITY]);
    }

    #[test]
    fn upper_bound_wins_over_a_larger_lower_bound() {
        let x = tensor(&[3], &[0.0, 3.0, 9.0]);
        check(Op::Clamp(Clamp { low: 5.0, high: 2.0 }), &[&x], &[3], &[2.0, 2.0, 2.0]);
    }
}
