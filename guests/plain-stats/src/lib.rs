//! Mean and median of numbers that cross as they lie in memory.
#![deny(unsafe_code)]

use wasmtube_guest::{Error, Record};

wasmtube_guest::module! { name: "plain-stats", version: "1.0.0", state: stateless }

/// What is computed.
#[derive(Debug, PartialEq, Record)]
pub struct Stats {
    /// Arithmetic mean.
    pub mean: f64,
    /// The middle value, or the mean of the two in the middle.
    pub median: f64,
}

/// Values at equal distances.
#[derive(Debug, Record)]
pub struct Ramp {
    /// The first value.
    pub from: f64,
    /// The last value, if there are at least two.
    pub to: f64,
    /// How many there are.
    pub count: u64,
}

const COUNT_MAX: u64 = 1 << 20;

/// Mean and median of integers.
#[wasmtube_guest::function(plain)]
pub fn stats(values: &[i64]) -> Result<Stats, Error> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let Some(&upper) = sorted.get(middle) else {
        return Err(Error::new("no-values", "mean and median need at least one value"));
    };
    let lower = if sorted.len().is_multiple_of(2) { sorted[middle - 1] } else { upper };
    let sum: i128 = values.iter().copied().map(i128::from).sum();
    Ok(Stats { mean: sum as f64 / values.len() as f64, median: (lower as f64 + upper as f64) / 2.0 })
}

/// Values from the first to the last at equal distances.
#[wasmtube_guest::function(plain)]
pub fn ramp(ramp: Ramp) -> Result<Vec<f64>, Error> {
    let Ramp { from, to, count } = ramp;
    if count > COUNT_MAX {
        return Err(Error::new("too-many", format!("{count} values are more than {COUNT_MAX}")));
    }
    let last = count.saturating_sub(1).max(1) as f64;
    Ok((0..count).map(|index| from + (to - from) * (index as f64 / last)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[i64], mean: f64, median: f64) {
        assert_eq!(stats(values), Ok(Stats { mean, median }));
    }

    #[test]
    fn mean_and_median_are_exact() {
        check(&[3, 1, 2], 2.0, 2.0);
        check(&[4, 1, 3, 2], 2.5, 2.5);
        check(&[7], 7.0, 7.0);
        check(&[i64::MAX, i64::MAX], i64::MAX as f64, i64::MAX as f64);
        assert_eq!(stats(&[]).expect_err("there are none").code(), "no-values");
    }

    #[test]
    fn ramps_reach_both_ends() {
        let of = |from, to, count| ramp(Ramp { from, to, count });
        assert_eq!(of(0.0, 1.0, 3), Ok(vec![0.0, 0.5, 1.0]));
        assert_eq!(of(5.0, 6.0, 1), Ok(vec![5.0]));
        assert_eq!(of(0.0, 1.0, 0), Ok(vec![]));
        assert_eq!(of(0.0, 1.0, u64::MAX).expect_err("are too many").code(), "too-many");
    }
}
