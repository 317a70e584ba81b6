//! The statistics function in a second version, to replace the first one while it is in use: it takes the same
//! argument, and answers with fractions and a third number.
#![deny(unsafe_code)]

use serde::{Deserialize, Serialize};
use wasmtube_guest::Error;

wasmtube_guest::module! { name: "stats", version: "2.0.0", state: stateless }

/// `{"values":[127,71,110]}`: the paper's form.
#[derive(Deserialize)]
struct Sample {
    values: Vec<i32>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Stats {
    mean: f64,
    median: f64,
    standard_deviation: f64,
}

/// Mean, median (of two middle values their mean) and standard deviation of the population; no values are an error.
#[wasmtube_guest::function]
fn calc_stats(sample: Sample) -> Result<Stats, Error> {
    let mut sorted = sample.values;
    sorted.sort_unstable();
    let (Some(lower), Some(upper)) = (sorted.get(sorted.len().saturating_sub(1) / 2), sorted.get(sorted.len() / 2))
    else {
        return Err(Error::new("no-values", "mean and median need at least one value"));
    };
    let median = (f64::from(*lower) + f64::from(*upper)) / 2.0;
    let mean = mean(sorted.iter().copied().map(f64::from));
    let variance = self::mean(sorted.iter().map(|value| (f64::from(*value) - mean).powi(2)));
    Ok(Stats { mean, median, standard_deviation: variance.sqrt() })
}

/// Reads its argument as `calc_stats` does and computes nothing: what is left is the cost of the call.
#[wasmtube_guest::function]
fn noop(_: Sample) -> Stats {
    Stats { mean: 0.0, median: 0.0, standard_deviation: 0.0 }
}

/// The sum of integers of 32 bits is exact as long as there are fewer than 2^22 of them.
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[i32], mean: f64, median: f64, standard_deviation: f64) {
        assert_eq!(calc_stats(Sample { values: values.to_vec() }), Ok(Stats { mean, median, standard_deviation }));
    }

    #[test]
    fn values_of_the_paper() {
        let values = vec![
            127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62,
            122, 79, 77, 73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92,
            106, 108, 106, 126, 143, 72, 96, 46, 108, 119, 148, 119, 123, 145,
        ];
        let stats = calc_stats(Sample { values }).expect("there are values");
        assert_eq!((stats.mean, stats.median), (101.1, 108.0));
        // The sum of the squares is 674,468.
        let expected = (674_468.0_f64 / 60.0 - 101.1 * 101.1).sqrt();
        assert!((stats.standard_deviation - expected).abs() < 1e-11, "{}", stats.standard_deviation);
    }

    #[test]
    fn median_of_an_even_count_lies_between() {
        check(&[4, 1, 3, 2], 2.5, 2.5, 1.25_f64.sqrt());
        check(&[5, 1, 3], 3.0, 3.0, (8.0_f64 / 3.0).sqrt());
        check(&[7], 7.0, 7.0, 0.0);
    }

    #[test]
    fn largest_values_do_not_overflow() {
        check(&[i32::MAX; 3], f64::from(i32::MAX), f64::from(i32::MAX), 0.0);
        check(&[i32::MIN, i32::MAX], -0.5, -0.5, 2_147_483_647.5);
    }

    #[test]
    fn no_values_are_an_error() {
        let error = calc_stats(Sample { values: vec![] }).expect_err("there are no values");
        assert_eq!(error.to_string(), "no-values: mean and median need at least one value");
    }

    #[test]
    fn noop_computes_nothing() {
        assert_eq!(noop(Sample { values: vec![1] }), Stats { mean: 0.0, median: 0.0, standard_deviation: 0.0 });
    }
}
