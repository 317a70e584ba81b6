//! Integers that are known when compiling, and the arithmetic on them.

use ir::{BinaryOp, ops::broadcast};

use super::refusal::{Refusal, Result};
use super::strided::{broadcast_strides, offsets, strides};

/// A tensor of integers; booleans are 0 and 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Vec<i64>,
}

impl Known {
    /// A tensor whose data fills its shape.
    pub(crate) fn new(shape: Vec<usize>, data: Vec<i64>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), data.len());
        Self { shape, data }
    }

    /// A list.
    pub(crate) fn list(data: Vec<i64>) -> Self {
        Self::new(vec![data.len()], data)
    }

    /// The only element, if there is one and no more.
    pub(crate) fn scalar(&self) -> Option<i64> {
        match self.data[..] {
            [value] => Some(value),
            _ => None,
        }
    }
}

/// The shape of [`binary`]'s result.
pub(crate) fn binary_shape(a: &Known, b: &Known) -> Result<Vec<usize>> {
    Ok(broadcast(&a.shape, &b.shape)?)
}

/// An operation on pairs, with broadcasting. Division truncates.
pub(crate) fn binary(op: BinaryOp, a: &Known, b: &Known, shape: Vec<usize>) -> Result<Known> {
    let (a_strides, b_strides) = (broadcast_strides(&a.shape, &shape), broadcast_strides(&b.shape, &shape));
    let pairs = offsets(&shape, &a_strides, 0).zip(offsets(&shape, &b_strides, 0));
    let data = pairs
        .map(|(i, j)| {
            let (a, b) = (a.data[i], b.data[j]);
            let result = match op {
                BinaryOp::Add => a.checked_add(b),
                BinaryOp::Sub => a.checked_sub(b),
                BinaryOp::Mul => a.checked_mul(b),
                BinaryOp::Div => a.checked_div(b),
                BinaryOp::Max => Some(a.max(b)),
                BinaryOp::Min => Some(a.min(b)),
            };
            result.ok_or_else(|| Refusal::input(format!("{} of {a} and {b} has no result", op.name())))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Known::new(shape, data))
}

/// Joins tensors along an axis; their other sizes are equal.
pub(crate) fn concat(inputs: &[&Known], axis: usize, shape: Vec<usize>) -> Known {
    let outer: usize = shape[..axis].iter().product();
    let mut data = Vec::with_capacity(shape.iter().product());
    for index in 0..outer {
        for input in inputs {
            let run = input.data.len() / outer;
            data.extend_from_slice(&input.data[index * run..(index + 1) * run]);
        }
    }
    Known::new(shape, data)
}

/// A regular part; the settings of [`ir::Slice`], which lie inside the tensor.
pub(crate) fn slice(input: &Known, part: &ir::Slice) -> Known {
    let strides = strides(&input.shape);
    let start =
        if part.sizes.contains(&0) { 0 } else { part.starts.iter().zip(&strides).map(|(at, by)| at * by).sum() };
    let by: Vec<usize> = part.steps.iter().zip(&strides).map(|(step, stride)| step.saturating_mul(*stride)).collect();
    let data = offsets(&part.sizes, &by, start).map(|offset| input.data[offset]).collect();
    Known::new(part.sizes.clone(), data)
}

/// For each index the part of `input` at that place of `axis`.
pub(crate) fn gather(input: &Known, axis: usize, indices: &[usize], shape: Vec<usize>) -> Known {
    let outer: usize = input.shape[..axis].iter().product();
    let inner: usize = input.shape[axis + 1..].iter().product();
    let size = input.shape[axis];
    let mut data = Vec::with_capacity(shape.iter().product());
    for block in 0..outer {
        for index in indices {
            let from = (block * size + index) * inner;
            data.extend_from_slice(&input.data[from..from + inner]);
        }
    }
    Known::new(shape, data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(data: &[i64]) -> Known {
        Known::list(data.to_vec())
    }

    #[test]
    fn binary_broadcasts_and_truncates() {
        let (a, b) = (list(&[-7, 7, 9]), Known::new(vec![], vec![2]));
        let shape = binary_shape(&a, &b).unwrap();
        assert_eq!(binary(BinaryOp::Div, &a, &b, shape).unwrap(), list(&[-3, 3, 4]));
    }

    #[test]
    fn overflow_and_division_by_zero_are_refused() {
        assert!(binary(BinaryOp::Add, &list(&[i64::MAX]), &list(&[1]), vec![1]).is_err());
        assert!(binary(BinaryOp::Div, &list(&[1]), &list(&[0]), vec![1]).is_err());
        assert!(binary(BinaryOp::Div, &list(&[i64::MIN]), &list(&[-1]), vec![1]).is_err());
    }

    #[test]
    fn concat_joins_inner_axes() {
        let a = Known::new(vec![2, 1], vec![1, 2]);
        let b = Known::new(vec![2, 2], vec![3, 4, 5, 6]);
        assert_eq!(concat(&[&a, &b], 1, vec![2, 3]).data, [1, 3, 4, 2, 5, 6]);
    }

    #[test]
    fn slice_takes_every_second() {
        let part = ir::Slice { starts: vec![1], sizes: vec![2], steps: vec![2] };
        assert_eq!(slice(&list(&[1, 2, 3, 4]), &part), list(&[2, 4]));
    }

    #[test]
    fn gather_picks_along_the_axis() {
        let input = Known::new(vec![2, 3], vec![1, 2, 3, 4, 5, 6]);
        assert_eq!(gather(&input, 1, &[2, 0], vec![2, 2]).data, [3, 1, 6, 4]);
    }
}
