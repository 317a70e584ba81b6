/// Offsets of the elements of a tensor of `shape`, in row-major order, where a step along axis `i` is `strides[i]` far
/// and the first element is at `start`. A stride of 0 repeats.
pub(crate) fn offsets<'a>(shape: &'a [usize], strides: &'a [usize], start: usize) -> impl Iterator<Item = usize> + 'a {
    let mut position = vec![0; shape.len()];
    let mut next = (!shape.contains(&0)).then_some(start);
    std::iter::from_fn(move || {
        let offset = next?;
        let mut following = offset;
        let mut axis = shape.len();
        next = loop {
            if axis == 0 {
                break None;
            }
            axis -= 1;
            position[axis] += 1;
            if position[axis] < shape[axis] {
                break Some(following + strides[axis]);
            }
            following -= strides[axis] * (shape[axis] - 1);
            position[axis] = 0;
        };
        Some(offset)
    })
}

/// Row-major strides.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The strides with which a tensor of `shape` is read as one of the broader shape `to`, which it broadcasts to.
pub(crate) fn broadcast_strides(shape: &[usize], to: &[usize]) -> Vec<usize> {
    let mut broad = vec![0; to.len()];
    let first = to.len() - shape.len();
    for (axis, stride) in strides(shape).into_iter().enumerate() {
        if shape[axis] != 1 {
            broad[first + axis] = stride;
        }
    }
    broad
}

/// The elements with reordered axes: axis `i` of the result is axis `permutation[i]` of `shape`.
pub(crate) fn permuted<T: Copy>(data: &[T], shape: &[usize], permutation: &[usize]) -> Vec<T> {
    let strides = strides(shape);
    let to: Vec<usize> = permutation.iter().map(|axis| shape[*axis]).collect();
    let by: Vec<usize> = permutation.iter().map(|axis| strides[*axis]).collect();
    offsets(&to, &by, 0).map(|offset| data[offset]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permuted_matrix_is_transposed() {
        assert_eq!(permuted(&[1, 2, 3, 4, 5, 6], &[2, 3], &[1, 0]), [1, 4, 2, 5, 3, 6]);
    }

    #[test]
    fn permuted_cube_follows_the_permutation() {
        let data: Vec<usize> = (0..24).collect();
        let result = permuted(&data, &[2, 3, 4], &[2, 0, 1]);
        let expect: Vec<usize> =
            (0..4).flat_map(|c| (0..2).flat_map(move |a| (0..3).map(move |b| a * 12 + b * 4 + c))).collect();
        assert_eq!(result, expect);
    }

    #[test]
    fn a_scalar_has_one_offset_and_an_empty_tensor_none() {
        assert_eq!(offsets(&[], &[], 5).collect::<Vec<_>>(), [5]);
        assert_eq!(offsets(&[2, 0], &[1, 1], 0).count(), 0);
    }

    #[test]
    fn broadcasting_repeats() {
        let strides = broadcast_strides(&[2, 1], &[3, 2, 2]);
        assert_eq!(offsets(&[3, 2, 2], &strides, 0).collect::<Vec<_>>(), [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
    }
}
