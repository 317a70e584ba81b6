//! Walks over the elements of a strided view.

/// Offsets of the elements of a view of `shape` in row-major order: the element at `i` lies at
/// `start + sum of i[axis] * strides[axis]`.
pub(crate) fn offsets(start: usize, shape: &[usize], strides: &[usize]) -> impl Iterator<Item = usize> + use<> {
    let (inner, stride) = match (shape.last(), strides.last()) {
        (Some(size), Some(stride)) => (*size, *stride),
        _ => (1, 0),
    };
    let outer = shape.len().saturating_sub(1);
    let mut rows = if shape.contains(&0) { vec![] } else { vec![start] };
    for (size, stride) in shape[..outer].iter().zip(strides) {
        rows = rows.iter().flat_map(|row| (0..*size).map(move |index| row + index * stride)).collect();
    }
    rows.into_iter().flat_map(move |row| (0..inner).map(move |index| row + index * stride))
}

/// Sizes before, at and after an axis, multiplied.
pub(crate) fn around(shape: &[usize], axis: usize) -> [usize; 3] {
    [shape[..axis].iter().product(), shape[axis], shape[axis + 1..].iter().product()]
}

/// The larger; NaN if one is NaN.
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if a.is_nan() || a > b { a } else { b }
}

/// The smaller; NaN if one is NaN.
pub(crate) fn smaller(a: f32, b: f32) -> f32 {
    if a.is_nan() || a < b { a } else { b }
}

/// `y += a * x`, element by element.
pub(crate) fn accumulate(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * *x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_offsets(start: usize, shape: &[usize], strides: &[usize], expect: &[usize]) {
        assert_eq!(offsets(start, shape, strides).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn scalar_has_one_offset() {
        check_offsets(3, &[], &[], &[3]);
    }

    #[test]
    fn strided_view_is_row_major() {
        check_offsets(1, &[2, 3], &[10, 2], &[1, 3, 5, 11, 13, 15]);
    }

    #[test]
    fn stretched_axis_repeats() {
        check_offsets(0, &[2, 2, 2], &[0, 5, 1], &[0, 1, 5, 6, 0, 1, 5, 6]);
    }

    #[test]
    fn empty_axis_has_no_offsets() {
        check_offsets(0, &[2, 0], &[1, 1], &[]);
        check_offsets(0, &[0, 2], &[1, 1], &[]);
    }
}
