//! Which of two versions gets a call.

use std::fmt;
use std::str::FromStr;

use abi::Digest;

/// The share of calls or keys that the new version gets: more than nothing, at most all, in steps of 0.01 %.
///
/// ```
/// # extern crate wasmtube_runtime as runtime;
/// use runtime::trial::{Chosen, Share};
///
/// let share: Share = "12.5%".parse()?;
/// let new = (0..1000).filter(|number| share.of_call(*number) == Chosen::New).count();
/// assert_eq!(new, 125);
/// # Ok::<(), runtime::trial::ShareError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// From 1 to [`WHOLE`].
    per_ten_thousand: u16,
}

const WHOLE: u16 = 10_000;

/// One of two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// The one that was live before.
    Old,
    /// The one that is on trial.
    New,
}

/// What is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a share is more than 0% and at most 100%, with at most two decimals, as in `12.5%`, not `{given}`")]
pub struct ShareError {
    /// What was given.
    pub given: String,
}

impl Share {
    /// Everything.
    pub const ALL: Self = Self { per_ten_thousand: WHOLE };

    /// So many of 10,000.
    ///
    /// # Errors
    /// [`ShareError`] where it is 0 or more than 10,000.
    pub fn of_ten_thousand(count: u16) -> Result<Self, ShareError> {
        if (1..=WHOLE).contains(&count) {
            return Ok(Self { per_ten_thousand: count });
        }
        Err(ShareError { given: percent(count) })
    }

    /// The share as a number of 10,000.
    #[must_use]
    pub fn per_ten_thousand(self) -> u16 {
        self.per_ten_thousand
    }

    /// The version for the call with this number. Of any calls in a row, and of every second, third or tenth of them, the
    /// new version gets its share.
    #[must_use]
    pub fn of_call(self, number: u64) -> Chosen {
        // The fractional parts of the multiples of the golden ratio are spread evenly, whatever the step.
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        self.of_point(number.wrapping_mul(GOLDEN))
    }

    /// The version for all calls with this key, while this candidate is on trial: also in the next process, and also
    /// with a larger share where it is the new one.
    #[must_use]
    pub fn of_key(self, candidate: Digest, key: &str) -> Chosen {
        let Digest(bytes) = Digest::of_parts([&candidate.0[..], key.as_bytes()]);
        let mut point = [0; 8];
        point.copy_from_slice(&bytes[..8]);
        self.of_point(u64::from_le_bytes(point))
    }

    /// The version at a point of the range of `u64`, whose lower part is the new one's.
    fn of_point(self, point: u64) -> Chosen {
        let at = (u128::from(point) * u128::from(WHOLE)) >> u64::BITS;
        if at < u128::from(self.per_ten_thousand) { Chosen::New } else { Chosen::Old }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&percent(self.per_ten_thousand))
    }
}

impl FromStr for Share {
    type Err = ShareError;

    fn from_str(text: &str) -> Result<Self, ShareError> {
        parse(text).and_then(|count| Self::of_ten_thousand(count).ok()).ok_or_else(|| ShareError { given: text.into() })
    }
}

fn percent(per_ten_thousand: u16) -> String {
    let (whole, hundredths) = (per_ten_thousand / 100, per_ten_thousand % 100);
    let text = format!("{whole}.{hundredths:02}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Hundredths of a per cent.
fn parse(text: &str) -> Option<u16> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.strip_suffix('%')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 2 {
        return None;
    }
    let hundredths: u16 = format!("{decimals:0<2}").parse().ok()?;
    whole.parse::<u16>().ok()?.checked_mul(100)?.checked_add(hundredths)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(count: u16) -> Share {
        Share::of_ten_thousand(count).unwrap()
    }

    fn count_new(share: Share, numbers: impl Iterator<Item = u64>) -> i64 {
        i64::try_from(numbers.filter(|number| share.of_call(*number) == Chosen::New).count()).unwrap()
    }

    #[test]
    fn a_share_is_met_within_one_percent() {
        for percent in 1..=100_u16 {
            for (start, step) in
                [(0, 1), (7777, 1), (u64::MAX / 3, 1), (0, 2), (3, 10), (5, 64), (1, 1000), (0, 10_000)]
            {
                let numbers = (0..10_000).map(|at| start + at * step);
                let new = count_new(share(percent * 100), numbers);
                assert!((new - i64::from(percent) * 100).abs() < 100, "{percent} % from {start} by {step}: {new}");
            }
        }
    }

    #[test]
    fn a_small_share_is_met_too() {
        assert_eq!(count_new(share(1), 0..1_000_000), 100);
        assert_eq!(count_new(share(9_999), 0..1_000_000), 999_900);
        assert_eq!(count_new(Share::ALL, 0..1_000_000), 1_000_000);
    }

    #[test]
    fn keys_are_spread() {
        for candidate in ["a", "b"] {
            for percent in [1, 5, 25, 50, 99_u16] {
                let of =
                    |key: u32| share(percent * 100).of_key(Digest::of(candidate.as_bytes()), &format!("sensor-{key}"));
                let new = (0..10_000).filter(|key| of(*key) == Chosen::New).count();
                assert!(new.abs_diff(usize::from(percent) * 100) < 100, "{percent} %: {new}");
            }
        }
    }

    #[test]
    fn not_the_same_keys_try_every_candidate() {
        let new = |candidate: &str| -> Vec<u32> {
            let of = |key: &u32| share(1000).of_key(Digest::of(candidate.as_bytes()), &key.to_string());
            (0..1000).filter(|key| of(key) == Chosen::New).collect()
        };
        let both = new("a").iter().filter(|key| new("b").contains(key)).count();
        assert!(both < new("a").len() / 2, "{both}");
    }

    proptest! {
        #[test]
        fn a_key_never_flips_back(key in ".{1,40}", content in any::<u64>(), mut counts in prop::collection::vec(1..=WHOLE, 1..20)) {
            let candidate = Digest::of(&content.to_le_bytes());
            counts.sort_unstable();
            let chosen: Vec<Chosen> = counts.iter().map(|count| share(*count).of_key(candidate, &key)).collect();
            let first_new = chosen.iter().position(|chosen| *chosen == Chosen::New).unwrap_or(chosen.len());
            prop_assert!(chosen[first_new..].iter().all(|chosen| *chosen == Chosen::New), "{:?}", chosen);
            prop_assert_eq!(Share::ALL.of_key(candidate, &key), Chosen::New);
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let parsed = text.parse::<Share>().map(|share| share.to_string());
        assert_eq!(parsed, expected.map(ToOwned::to_owned).map_err(|given| ShareError { given: given.into() }));
    }

    #[test]
    fn a_share_is_written_as_percent() {
        check("10%", Ok("10%"));
        check("100%", Ok("100%"));
        check("12.5%", Ok("12.5%"));
        check("0.01%", Ok("0.01%"));
        check("007.10%", Ok("7.1%"));
        for wrong in
            ["", "%", "10", "0%", "0.00%", "100.01%", "101%", "-1%", "+1%", "1.%", ".5%", "1.234%", "1e1%", "65536%"]
        {
            check(wrong, Err(wrong));
        }
        assert_eq!(Share::of_ten_thousand(0), Err(ShareError { given: "0%".into() }));
        assert_eq!(Share::of_ten_thousand(10_001), Err(ShareError { given: "100.01%".into() }));
        let expected = "a share is more than 0% and at most 100%, with at most two decimals, as in `12.5%`, not `0%`";
        assert_eq!(Share::of_ten_thousand(0).unwrap_err().to_string(), expected);
    }
}
