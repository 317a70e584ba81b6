/// How far one tensor is from another, the expected one.
///
/// Elements that are not finite agree with themselves: NaN with NaN, an infinity with the infinity of its sign. Against
/// anything else they are infinitely far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// Largest absolute error of an element.
    pub largest_error: f64,
    /// [`Self::largest_error`] as a share of the largest finite absolute value that is expected; 0 without an error,
    /// infinite where an error meets nothing but zeros.
    pub share: f64,
    /// The element with the largest error, in row-major order; the first of several.
    pub position: usize,
    /// What is there.
    pub found: f32,
    /// What is expected there.
    pub expected: f32,
    /// How many expected elements are finite. Without any, agreement says little.
    pub finite: usize,
}

impl Deviation {
    /// Between tensors of one size.
    ///
    /// # Panics
    /// If the sizes differ.
    #[must_use]
    pub fn between(found: &[f32], expected: &[f32]) -> Self {
        assert_eq!(found.len(), expected.len(), "tensors that are compared have one size");
        let finite = || expected.iter().filter(|value| value.is_finite());
        let largest = finite().fold(0.0_f64, |largest, value| largest.max(f64::from(value.abs())));
        let (mut position, mut largest_error) = (0, 0.0);
        for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
            let error = error(*found, *expected);
            if error > largest_error {
                (position, largest_error) = (index, error);
            }
        }
        let at = |values: &[f32]| values.get(position).copied().unwrap_or(0.0);
        Self {
            largest_error,
            share: if largest_error == 0.0 { 0.0 } else { largest_error / largest },
            position,
            found: at(found),
            expected: at(expected),
            finite: finite().count(),
        }
    }

    /// Whether the share is more than `bound`.
    #[must_use]
    pub fn exceeds(&self, bound: f64) -> bool {
        self.share > bound
    }
}

fn error(found: f32, expected: f32) -> f64 {
    if found.is_finite() && expected.is_finite() {
        return (f64::from(found) - f64::from(expected)).abs();
    }
    if found == expected || (found.is_nan() && expected.is_nan()) { 0.0 } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::Deviation;

    const NAN: f32 = f32::NAN;
    const INFINITE: f32 = f32::INFINITY;

    #[track_caller]
    fn check(found: &[f32], expected: &[f32], error: f64, share: f64, position: usize) {
        let deviation = Deviation::between(found, expected);
        assert_eq!((deviation.largest_error, deviation.share, deviation.position), (error, share, position));
    }

    #[test]
    fn error_is_a_share_of_the_largest_expected() {
        check(&[1.0, -3.0, 0.0], &[1.0, -4.0, 0.0], 1.0, 0.25, 1);
        check(&[1.0, 8.0], &[1.0, 4.0], 4.0, 1.0, 1);
        check(&[2.0, 3.0], &[1.0, 4.0], 1.0, 0.25, 0);
        check(&[-4.0], &[-4.0], 0.0, 0.0, 0);
    }

    #[test]
    fn zeros_allow_no_error() {
        check(&[0.0, -0.0], &[-0.0, 0.0], 0.0, 0.0, 0);
        check(&[0.0, 0.5], &[0.0, 0.0], 0.5, f64::INFINITY, 1);
    }

    #[test]
    fn what_is_not_finite_agrees_with_itself_only() {
        check(&[NAN, INFINITE, -INFINITE, 1.0], &[NAN, INFINITE, -INFINITE, 1.0], 0.0, 0.0, 0);
        for (found, expected) in [(NAN, 1.0), (1.0, NAN), (INFINITE, -INFINITE), (INFINITE, 3e38), (NAN, INFINITE)] {
            check(&[2.0, found], &[2.0, expected], f64::INFINITY, f64::INFINITY, 1);
        }
        assert_eq!(Deviation::between(&[NAN, 1.0, 2.0], &[NAN, 1.0, 2.0]).finite, 2);
    }

    #[test]
    fn nothing_beyond_the_bound_is_accepted() {
        let exceeds = |found| Deviation::between(&[found, 1.0], &[0.0, 1.0]).exceeds(0.25);
        assert_eq!([0.0, 0.25, 0.5, NAN].map(exceeds), [false, false, true, true]);
    }
}
