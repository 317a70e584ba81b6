//! Logarithmic axes between powers of ten.

/// Maps values to places, one power of ten after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    /// The exponents at both ends.
    low: i32,
    high: i32,
    /// Places of the ends.
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis from `from` to `to` that has room for all values above zero.
    pub(super) fn around(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            least = least.min(value);
            most = most.max(value);
        }
        if most <= 0.0 {
            (least, most) = (1.0, 10.0);
        }
        let low = exponent(least.log10().floor());
        Self { low, high: exponent(most.log10().ceil()).max(low + 1), from, to }
    }

    /// Where a value stands; what is too small for the axis stands at its beginning.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        self.from + share * (self.to - self.from)
    }

    /// The powers of ten and their places.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, f64)> {
        (self.low..=self.high).map(|exponent| 10_f64.powi(exponent)).map(|value| (value, self.place(value)))
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the logarithm of a finite number lies between -324 and 309")]
fn exponent(logarithm: f64) -> i32 {
    logarithm as i32
}

#[cfg(test)]
mod tests {
    use super::Axis;

    #[test]
    fn powers_of_ten_are_as_far_apart() {
        let axis = Axis::around([20.0, 5_000.0].into_iter(), 0.0, 300.0);
        let ticks: Vec<(f64, f64)> = axis.ticks().collect();
        assert_eq!(ticks, [(10.0, 0.0), (100.0, 100.0), (1_000.0, 200.0), (10_000.0, 300.0)]);
        assert_eq!([1.0, 0.0, -5.0, 1e9].map(|value| axis.place(value)), [0.0, 0.0, 0.0, 300.0]);
    }

    #[test]
    fn an_axis_turned_around_and_one_of_nothing() {
        let down = Axis::around([1.0, 10.0].into_iter(), 100.0, 0.0);
        assert_eq!([down.place(1.0), down.place(10.0)], [100.0, 0.0]);
        let nothing = Axis::around([0.0, f64::NAN, -1.0].into_iter(), 0.0, 1.0);
        assert_eq!(nothing.ticks().collect::<Vec<_>>(), [(1.0, 0.0), (10.0, 1.0)]);
        let one = Axis::around([100.0].into_iter(), 0.0, 1.0);
        assert_eq!(one.ticks().count(), 2);
    }
}
