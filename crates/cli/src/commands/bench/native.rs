//! The same functions without Wasm: each does, line for line, what the guest that it stands beside does.

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// Mean and median.
pub(super) type Stats = [f64; 2];

/// As `stats` of the guest `plain-stats`.
#[allow(clippy::cast_precision_loss, reason = "as in the guest")]
pub(super) fn integers(values: &[i64]) -> anyhow::Result<Stats> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle).context("there are no values")?;
    let lower = if sorted.len().is_multiple_of(2) { sorted[middle - 1] } else { upper };
    let sum: i128 = values.iter().copied().map(i128::from).sum();
    Ok([sum as f64 / values.len() as f64, f64::midpoint(lower as f64, upper as f64)])
}

/// As `calc-stats` of the component `room`.
#[allow(clippy::cast_precision_loss, reason = "as in the guest")]
pub(super) fn floats(values: &[f64]) -> anyhow::Result<Stats> {
    let mut sorted = values.to_vec();
    let count = sorted.len();
    anyhow::ensure!(count > 0, "there are no values");
    let mean = sorted.iter().sum::<f64>() / count as f64;
    sorted.sort_by(f64::total_cmp);
    Ok([mean, f64::midpoint(sorted[(count - 1) / 2], sorted[count / 2])])
}

/// `{"values":[127,71,110]}`: the paper's form.
#[derive(Deserialize)]
struct Sample {
    values: Vec<i32>,
}

#[derive(Serialize)]
struct Whole {
    mean: i64,
    median: i32,
}

/// As `noop` of the guest `stats-v1`: the argument is read all the same.
pub(super) fn json_noop(text: &str) -> anyhow::Result<String> {
    serde_json::from_str::<Sample>(text)?;
    Ok(serde_json::to_string(&Whole { mean: 0, median: 0 })?)
}

/// As `calc_stats` of the guest `stats-v1`.
pub(super) fn json(text: &str) -> anyhow::Result<String> {
    let mut sorted = serde_json::from_str::<Sample>(text)?.values;
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    Ok(serde_json::to_string(&Whole { mean: mean(&sorted)?, median })?)
}

#[derive(Serialize)]
struct Largest {
    mean: i64,
    largest: i32,
}

/// As `calc_stats` of the guest `classic-c`.
pub(super) fn json_largest(text: &str) -> anyhow::Result<String> {
    let values = serde_json::from_str::<Sample>(text)?.values;
    let largest = *values.iter().max().context("there are no values")?;
    Ok(serde_json::to_string(&Largest { mean: mean(&values)?, largest })?)
}

#[derive(Serialize)]
struct Fractions {
    mean: f64,
    median: f64,
}

/// As `calc-stats` of the component `room` on JSON.
pub(super) fn json_floats(text: &str) -> anyhow::Result<String> {
    let [mean, median] = floats(&serde_json::from_str::<Vec<f64>>(text)?)?;
    Ok(serde_json::to_string(&Fractions { mean, median })?)
}

/// Truncated toward zero.
fn mean(values: &[i32]) -> anyhow::Result<i64> {
    let sum: i64 = values.iter().copied().map(i64::from).sum();
    Ok(sum.checked_div(i64::try_from(values.len())?).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(integers(&[4, 1, 3, 2]).unwrap(), [2.5, 2.5]);
        assert_eq!(floats(&[4.0, 1.0, 3.5, 2.0]).unwrap(), [2.625, 2.75]);
        let text = r#"{"values":[4,1,3,2]}"#;
        assert_eq!(json(text).unwrap(), r#"{"mean":2,"median":3}"#);
        assert_eq!(json_noop(text).unwrap(), r#"{"mean":0,"median":0}"#);
        assert_eq!(json_largest(text).unwrap(), r#"{"mean":2,"largest":4}"#);
        assert_eq!(json_floats("[4,1,3,2]").unwrap(), r#"{"mean":2.5,"median":2.5}"#);
    }

    #[test]
    fn nothing_has_no_statistics() {
        assert!(integers(&[]).is_err() && floats(&[]).is_err() && json_largest(r#"{"values":[]}"#).is_err());
    }
}
