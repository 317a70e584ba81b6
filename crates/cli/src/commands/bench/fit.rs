//! A straight line through measured costs.

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    /// Bytes of the argument.
    pub(super) bytes: f64,
    /// What the line is laid through, in nanoseconds.
    pub(super) cost: f64,
    /// The measured time that the cost is part of, in nanoseconds: noise is a share of it.
    pub(super) time: f64,
}

/// `constant + slope * bytes`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    /// Nanoseconds of a call with an argument of no bytes.
    pub(super) constant: f64,
    /// Nanoseconds a byte.
    pub(super) slope: f64,
}

/// The line with the smallest sum of squares of `(cost - line) / time`: sizes range over four powers of ten, and without
/// the weights only the largest would count. `None` where there are not two different sizes or a time is not above zero.
pub(super) fn line(points: &[Point]) -> Option<Line> {
    let [mut weights, mut x, mut y, mut xx, mut xy] = [0.0; 5];
    for point in points {
        let is_usable = point.time > 0.0 && [point.bytes, point.cost, point.time].iter().all(|value| value.is_finite());
        if !is_usable {
            return None;
        }
        let weight = point.time.powi(-2);
        weights += weight;
        x += weight * point.bytes;
        y += weight * point.cost;
        xx += weight * point.bytes * point.bytes;
        xy += weight * point.bytes * point.cost;
    }
    let first = points.first()?.bytes;
    if points.iter().all(|point| point.bytes.to_bits() == first.to_bits()) {
        return None;
    }
    let slope = (weights * xy - x * y) / (weights * xx - x * x);
    Some(Line { constant: (y - slope * x) / weights, slope })
}

#[cfg(test)]
mod tests {
    use super::{Line, Point, line};

    fn points(of: &[(f64, f64, f64)]) -> Vec<Point> {
        of.iter().map(|&(bytes, cost, time)| Point { bytes, cost, time }).collect()
    }

    #[track_caller]
    fn check(of: &[(f64, f64, f64)], constant: f64, slope: f64) {
        let found = line(&points(of)).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
        assert!(close(found.constant, constant) && close(found.slope, slope), "{found:?}");
    }

    #[test]
    fn a_line_is_found_again() {
        check(&[(0.0, 5.0, 1.0), (10.0, 25.0, 7.0)], 5.0, 2.0);
        check(&[(480.0, 580.0, 100.0), (4_800.0, 4_900.0, 900.0), (8e6, 8_000_100.0, 3e7)], 100.0, 1.0);
        check(&[(1.0, 3.0, 1.0), (2.0, 3.0, 1.0)], 3.0, 0.0);
        check(&[(1.0, -1.0, 1.0), (2.0, -2.0, 1.0)], 0.0, -1.0);
    }

    #[test]
    fn equal_weights_are_least_squares() {
        // Of (0, 0), (1, 1), (2, 1): slope 1/2, constant 1/6.
        check(&[(0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (2.0, 1.0, 1.0)], 1.0 / 6.0, 0.5);
    }

    #[test]
    fn what_takes_longer_counts_less() {
        let Line { constant, slope } = line(&points(&[(0.0, 10.0, 1.0), (1.0, 11.0, 1.0), (2.0, 1e6, 1e12)])).unwrap();
        assert!((constant - 10.0).abs() < 1e-3 && (slope - 1.0).abs() < 1e-3, "{constant} {slope}");
    }

    #[test]
    fn there_is_no_line_through_one_size() {
        for of in [&[][..], &[(1.0, 1.0, 1.0)], &[(1.0, 1.0, 1.0), (1.0, 2.0, 1.0)]] {
            assert_eq!(line(&points(of)), None);
        }
        assert_eq!(line(&points(&[(1.0, 1.0, 0.0), (2.0, 1.0, 1.0)])), None);
        assert_eq!(line(&points(&[(1.0, f64::NAN, 1.0), (2.0, 1.0, 1.0)])), None);
    }
}
