//! What the two versions of the statistics function must answer, computed here once more.

use serde::Deserialize;

/// Version 1.0.0: mean and median of integers.
pub(super) const FIRST: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/stats-v1.wasm"));
/// Version 2.0.0: fractions, and the standard deviation.
pub(super) const SECOND: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guests/prebuilt/stats-v2.wasm"));
/// The function of both.
pub(super) const FUNCTION: &str = "calc_stats";

/// Relative error that rounding may cause.
const TOLERANCE: f64 = 1e-9;

/// The answer of either version.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    pub(super) mean: f64,
    pub(super) median: f64,
    /// Of version 2 only.
    pub(super) standard_deviation: Option<f64>,
}

/// `{"values":[1,2,3]}`.
pub(super) fn argument(values: &[i32]) -> String {
    let values: Vec<String> = values.iter().map(i32::to_string).collect();
    format!("{{\"values\":[{}]}}", values.join(","))
}

/// Version 1: the mean truncated toward zero, the upper of two middle values.
pub(super) fn first(values: &[i32]) -> Answer {
    let sorted = sorted(values);
    Answer {
        mean: mean(&sorted).trunc(),
        median: sorted.get(sorted.len() / 2).copied().unwrap_or(0.0),
        standard_deviation: None,
    }
}

/// Version 2: the mean, the mean of two middle values, the standard deviation of the population. For one value or more.
pub(super) fn second(values: &[i32]) -> Answer {
    let sorted = sorted(values);
    let mean = mean(&sorted);
    let [lower, upper] = [sorted.len().saturating_sub(1) / 2, sorted.len() / 2];
    let middle = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    let squares: Vec<f64> = sorted.iter().map(|value| (value - mean) * (value - mean)).collect();
    Answer {
        mean,
        median: f64::midpoint(middle(lower), middle(upper)),
        standard_deviation: Some(self::mean(&squares).sqrt()),
    }
}

/// Whether the text is the answer, up to rounding.
pub(super) fn agrees(text: &str, expected: Answer) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * b.abs().max(1.0);
    serde_json::from_str::<Answer>(text).is_ok_and(|found| {
        let deviations = match (found.standard_deviation, expected.standard_deviation) {
            (Some(found), Some(expected)) => close(found, expected),
            (None, None) => true,
            _ => false,
        };
        close(found.mean, expected.mean) && close(found.median, expected.median) && deviations
    })
}

fn sorted(values: &[i32]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().map(f64::from).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[allow(clippy::cast_precision_loss, reason = "a window of readings")]
fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_by_hand() {
        let answer = |mean, median, standard_deviation| Answer { mean, median, standard_deviation };
        assert_eq!(first(&[4, 1, 3, 2]), answer(2.0, 3.0, None));
        assert_eq!(second(&[4, 1, 3, 2]), answer(2.5, 2.5, Some(1.25_f64.sqrt())));
        assert_eq!(first(&[-1, -2]), answer(-1.0, -1.0, None));
        assert_eq!(second(&[7]), answer(7.0, 7.0, Some(0.0)));
    }

    #[test]
    fn answers_are_compared_by_value() {
        assert!(agrees(r#"{"mean":2,"median":3}"#, first(&[4, 1, 3, 2])));
        assert!(!agrees(r#"{"mean":2,"median":2}"#, first(&[4, 1, 3, 2])));
        assert!(!agrees(r#"{"mean":2,"median":3,"standard_deviation":1}"#, first(&[4, 1, 3, 2])));
        assert!(!agrees("", first(&[4, 1, 3, 2])));
    }
}
