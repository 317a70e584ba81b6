//! How the operators' tests state a case.

use ir::{Op, Tensor};

use crate::fold;

pub(crate) fn tensor(shape: &[usize], data: &[f32]) -> Tensor {
    Tensor::new(shape, data)
}

/// The elements `first, first + 1, ..`.
pub(crate) fn counting(shape: &[usize], first: usize) -> Tensor {
    let elements = shape.iter().product::<usize>();
    Tensor::new(shape, (first..first + elements).map(|value| value as f32).collect::<Vec<_>>())
}

/// Equal up to the sign of zero; NaN equals NaN.
#[track_caller]
pub(crate) fn check(op: Op, inputs: &[&Tensor], shape: &[usize], expect: &[f32]) {
    check_within(0.0, op, inputs, shape, expect);
}

/// Each element within an absolute bound; NaN equals NaN.
#[track_caller]
pub(crate) fn check_within(bound: f32, op: Op, inputs: &[&Tensor], shape: &[usize], expect: &[f32]) {
    let found = fold(&op, inputs).unwrap();
    assert_eq!(found.shape(), shape);
    let near = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= bound;
    assert_eq!(found.data().len(), expect.len());
    assert!(found.data().iter().zip(expect).all(near), "{:?} is not {expect:?} within {bound}", found.data());
}
