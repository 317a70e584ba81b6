//! Orders of axes: axis `i` of the result is axis `permutation[i]` of the argument.

/// The order that changes nothing.
pub(super) fn identity(rank: usize) -> Vec<usize> {
    (0..rank).collect()
}

/// `first`, then `second`.
pub(super) fn compose(first: &[usize], second: &[usize]) -> Vec<usize> {
    second.iter().map(|axis| first[*axis]).collect()
}

/// The order that undoes another.
pub(super) fn inverse(permutation: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; permutation.len()];
    for (to, from) in permutation.iter().enumerate() {
        inverse[*from] = to;
    }
    inverse
}

/// One size or setting per axis, reordered.
pub(super) fn permuted(values: &[usize], permutation: &[usize]) -> Vec<usize> {
    permutation.iter().map(|axis| values[*axis]).collect()
}

/// Whether only axes of size 1 move, so that the elements keep their places in memory.
pub(super) fn keeps_elements(shape: &[usize], permutation: &[usize]) -> bool {
    permutation.iter().filter(|axis| shape[**axis] != 1).is_sorted()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_undoes() {
        let permutation = [2, 0, 3, 1];
        assert_eq!(compose(&permutation, &inverse(&permutation)), identity(4));
        assert_eq!(compose(&inverse(&permutation), &permutation), identity(4));
    }

    #[test]
    fn composition_applies_the_first_first() {
        let shape = [10, 20, 30];
        let (first, second) = ([1, 2, 0], [1, 0, 2]);
        let step_by_step = permuted(&permuted(&shape, &first), &second);
        assert_eq!(permuted(&shape, &compose(&first, &second)), step_by_step);
    }

    #[test]
    fn moving_ones_keeps_elements() {
        assert!(keeps_elements(&[1, 1, 5, 7], &[0, 2, 3, 1]));
        assert!(keeps_elements(&[2, 1, 1, 7], &[0, 3, 1, 2]));
        assert!(!keeps_elements(&[1, 3, 5, 7], &[0, 2, 3, 1]));
    }
}
