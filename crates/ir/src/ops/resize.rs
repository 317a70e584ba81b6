use crate::op::{InferError, arity, rank};
use crate::tensor::TensorType;

/// Other numbers of rows and columns, channels last. Input: `x [n, h, w, c]`. Each output pixel is a weighted sum of
/// the pixels in the rows of its row's [`Sampling`] and in the columns of its column's:
/// `y[b, i, j] = sum of u v x[b, p, q]` over every `(p, u)` of `rows` at `i` and `(q, v)` of `columns` at `j`.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    /// What each row of the output is made of.
    pub rows: Sampling,
    /// What each column of the output is made of.
    pub columns: Sampling,
}

/// What the outputs along one axis are made of, an entry for each.
#[derive(Debug, Clone, PartialEq)]
pub enum Sampling {
    /// The element at an index, as it is.
    Nearest(Vec<usize>),
    /// Two elements blended.
    Linear(Vec<Blend>),
}

/// `(1 - weight) x[near] + weight x[far]`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blend {
    /// Index of one element.
    pub near: usize,
    /// Index of the other.
    pub far: usize,
    /// Share of the other, from 0 to 1.
    pub weight: f32,
}

impl Sampling {
    /// Each of `size` elements once.
    #[must_use]
    pub fn identity(size: usize) -> Self {
        Self::Nearest((0..size).collect())
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        match self {
            Self::Nearest(indices) => indices.len(),
            Self::Linear(blends) => blends.len(),
        }
    }

    /// How many elements each output is made of.
    #[must_use]
    pub fn terms(&self) -> usize {
        match self {
            Self::Nearest(_) => 1,
            Self::Linear(_) => 2,
        }
    }

    /// How often each of `size` elements is repeated, if it is each in order and each equally often.
    #[must_use]
    pub fn repeats(&self, size: usize) -> Option<usize> {
        let Self::Nearest(indices) = self else { return None };
        let times = indices.len().checked_div(size).filter(|times| times * size == indices.len() && *times > 0)?;
        indices.iter().enumerate().all(|(output, index)| *index == output / times).then_some(times)
    }

    /// Whether every entry makes sense on an axis of that size.
    fn check(&self, what: &str, size: usize) -> Result<(), InferError> {
        let wrong = match self {
            Self::Nearest(indices) => indices.iter().position(|index| *index >= size),
            Self::Linear(blends) => blends
                .iter()
                .position(|Blend { near, far, weight }| *near >= size || *far >= size || !(0.0..=1.0).contains(weight)),
        };
        match wrong {
            None => Ok(()),
            Some(output) => {
                Err(InferError::Invalid { what: format!("{what} {output} is no mean of elements of a size of {size}") })
            }
        }
    }
}

impl Resize {
    pub(crate) fn infer(&self, inputs: &[&TensorType]) -> Result<TensorType, InferError> {
        let [x] = arity(inputs, "1")?;
        let [n, h, w, c] = rank(x, "the input")?;
        self.rows.check("row", h)?;
        self.columns.check("column", w)?;
        Ok(TensorType::f32([n, self.rows.outputs(), self.columns.outputs(), c]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_repeats(indices: &[usize], size: usize, expect: Option<usize>) {
        assert_eq!(Sampling::Nearest(indices.to_vec()).repeats(size), expect);
    }

    #[test]
    fn elements_in_order_and_equally_often_are_repeated() {
        check_repeats(&[0, 1, 2], 3, Some(1));
        check_repeats(&[0, 0, 1, 1], 2, Some(2));
        check_repeats(&[0, 0, 0], 1, Some(3));
    }

    #[test]
    fn other_selections_are_no_repetition() {
        check_repeats(&[0, 0, 1], 2, None);
        check_repeats(&[0, 1, 1, 0], 2, None);
        check_repeats(&[0, 0, 1, 1], 3, None);
        check_repeats(&[0, 0, 1, 1], 4, None);
        check_repeats(&[], 2, None);
        assert_eq!(Sampling::Linear(vec![Blend { near: 0, far: 0, weight: 0.0 }]).repeats(1), None);
    }
}
