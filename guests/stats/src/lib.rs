//! The function of the paper's first experiment: mean and median of integers, as its guest computed them.
#![deny(unsafe_code)]

use serde::{Deserialize, Serialize};

wasmtube_guest::module! { name: "stats", version: "1.0.0", state: stateless }

/// `{"values":[127,71,110]}`: the paper's form.
#[derive(Deserialize)]
struct Sample {
    values: Vec<i32>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Stats {
    mean: i32,
    median: i32,
}

/// Mean, truncated toward zero, and median, the upper of two middle values; both are 0 where there are no values.
#[wasmtube_guest::function]
fn calc_stats(sample: Sample) -> Stats {
    let mut sorted = sample.values;
    sorted.sort_unstable();
    Stats { mean: mean(&sorted), median: sorted.get(sorted.len() / 2).copied().unwrap_or(0) }
}

/// Reads its argument as `calc_stats` does and computes nothing: what is left is the cost of the call.
#[wasmtube_guest::function]
fn noop(_: Sample) -> Stats {
    Stats { mean: 0, median: 0 }
}

/// The sum is taken in 64 bits: it cannot overflow, where the paper's guest wrapped around at 32.
fn mean(values: &[i32]) -> i32 {
    let sum: i64 = values.iter().copied().map(i64::from).sum();
    let count = i64::try_from(values.len()).expect("a list is shorter than 2^63");
    let mean = sum.checked_div(count).unwrap_or(0);
    i32::try_from(mean).expect("the mean lies between the smallest and the largest value")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The paper's input: 60 values of a normal distribution with mean 100 and deviation 30, rounded.
    const PAPER: [i32; 60] = [
        127, 71, 110, 75, 140, 150, 44, 112, 119, 88, 88, 58, 34, 69, 59, 133, 124, 111, 121, 102, 91, 118, 62, 122,
        79, 77, 73, 82, 116, 153, 115, 139, 97, 111, 117, 81, 18, 100, 60, 118, 150, 47, 80, 159, 109, 92, 106, 108,
        106, 126, 143, 72, 96, 46, 108, 119, 148, 119, 123, 145,
    ];

    #[track_caller]
    fn check(values: &[i32], mean: i32, median: i32) {
        assert_eq!(calc_stats(Sample { values: values.to_vec() }), Stats { mean, median });
    }

    #[test]
    fn values_of_the_paper() {
        check(&PAPER, 101, 108);
    }

    #[test]
    fn mean_is_truncated_toward_zero() {
        check(&[1, 2], 1, 2);
        check(&[-1, -2], -1, -1);
    }

    #[test]
    fn median_is_the_upper_middle() {
        check(&[4, 1, 3, 2], 2, 3);
        check(&[5, 1, 3], 3, 3);
        check(&[7], 7, 7);
    }

    #[test]
    fn no_values_give_zero() {
        check(&[], 0, 0);
    }

    #[test]
    fn largest_values_do_not_overflow() {
        check(&[i32::MAX; 3], i32::MAX, i32::MAX);
        check(&[i32::MIN; 3], i32::MIN, i32::MIN);
    }

    #[test]
    fn noop_computes_nothing() {
        assert_eq!(noop(Sample { values: PAPER.to_vec() }), Stats { mean: 0, median: 0 });
    }
}
