//! How far tensors are apart, for people and for programs.

use compiler::Deviation;
use serde::Serialize;

/// The JSON of a deviation. Numbers that are not finite are `null`.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct DeviationJson {
    largest_error: f64,
    share: f64,
    position: usize,
    found: f32,
    expected: f32,
    finite: usize,
}

impl From<Deviation> for DeviationJson {
    fn from(deviation: Deviation) -> Self {
        let Deviation { largest_error, share, position, found, expected, finite } = deviation;
        Self { largest_error, share, position, found, expected, finite }
    }
}

/// `0`, `3.1e-7` or `infinite`.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.is_finite() { format!("{value:.1e}") } else { "infinite".into() }
}

/// Which element is worst, and how: `element 7 is 0.5 instead of 0.25`.
pub(crate) fn worst(deviation: &Deviation) -> String {
    format!("element {} is {} instead of {}", deviation.position, deviation.found, deviation.expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_read_by_people() {
        let deviation = Deviation::between(&[0.5, f32::NAN], &[0.25, 2.0]);
        assert_eq!([0.0, 3.14e-7, deviation.share].map(number), ["0", "3.1e-7", "infinite"]);
        assert_eq!(worst(&deviation), "element 1 is NaN instead of 2");
    }

    #[test]
    fn what_is_not_finite_is_null() {
        let json = serde_json::to_value(DeviationJson::from(Deviation::between(&[f32::NAN], &[2.0]))).unwrap();
        let expected = serde_json::json!({
            "largest_error": null, "share": null, "position": 0, "found": null, "expected": 2.0, "finite": 1
        });
        assert_eq!(json, expected);
    }
}
