//! Exact order statistics of times in whole nanoseconds.

use std::collections::BTreeMap;

/// How often each time was seen. Nothing is rounded into classes, and the memory does not grow with the number of calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Distribution {
    counts: BTreeMap<u64, u64>,
    total: u64,
}

impl Distribution {
    pub(super) fn add(&mut self, nanoseconds: u64) {
        *self.counts.entry(nanoseconds).or_default() += 1;
        self.total += 1;
    }

    /// How many times were added.
    pub(super) fn len(&self) -> u64 {
        self.total
    }

    /// The smallest time that at least `percent` of all do not exceed (nearest rank), so one that was measured. `None`
    /// without times, or where `percent` is not from 1 to 100.
    pub(super) fn percentile(&self, percent: u64) -> Option<u64> {
        if !(1..=100).contains(&percent) {
            return None;
        }
        let rank = u128::from(self.total) * u128::from(percent);
        let rank = rank.div_ceil(100);
        let mut seen = 0_u128;
        let reaches = |&(_, &count): &(&u64, &u64)| {
            seen += u128::from(count);
            seen >= rank
        };
        self.counts.iter().find(reaches).map(|(&time, _)| time)
    }
}

/// The median of some values: the mean of the two in the middle where their count is even. `None` without values.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    Some(if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[sorted.len() / 2 - 1], upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::{Distribution, median};

    #[track_caller]
    fn check(times: &[u64], expected: [Option<u64>; 4]) {
        let mut distribution = Distribution::default();
        times.iter().for_each(|&time| distribution.add(time));
        assert_eq!(distribution.len(), times.len() as u64);
        assert_eq!([50, 90, 99, 100].map(|percent| distribution.percentile(percent)), expected);
    }

    #[test]
    fn percentiles_by_hand() {
        check(&[], [None; 4]);
        check(&[7], [Some(7); 4]);
        check(&[2, 1], [Some(1), Some(2), Some(2), Some(2)]);
        check(&[3, 1, 2], [Some(2), Some(3), Some(3), Some(3)]);
        check(&[5, 5, 5, 9], [Some(5), Some(9), Some(9), Some(9)]);
        check(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], [Some(5), Some(9), Some(10), Some(10)]);
        check(&[0, u64::MAX], [Some(0), Some(u64::MAX), Some(u64::MAX), Some(u64::MAX)]);
        let hundred: Vec<u64> = (1..=100).collect();
        check(&hundred, [Some(50), Some(90), Some(99), Some(100)]);
        let hundred_and_one: Vec<u64> = (1..=101).collect();
        check(&hundred_and_one, [Some(51), Some(91), Some(100), Some(101)]);
    }

    #[test]
    fn a_percentile_is_from_1_to_100() {
        let mut one = Distribution::default();
        one.add(4);
        assert_eq!([0, 1, 100, 101].map(|percent| one.percentile(percent)), [None, Some(4), Some(4), None]);
    }

    #[test]
    fn medians_by_hand() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }
}
