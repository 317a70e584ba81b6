//! How long calls take, counted in buckets whose bounds grow by quarters of an octave.
//!
//! The bucket of a time follows from its first three binary digits, so that a bucket is at most a quarter wider than
//! where it begins. Times are counted in units of 16 ns.

use std::array;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Binary digits that tell the buckets of one octave apart, after the first one.
const DIGITS: u32 = 2;
/// Buckets of one octave. As many at the start are one unit wide each.
const PER_OCTAVE: usize = 1 << DIGITS;
/// Nanoseconds in a unit.
const UNIT: u64 = 16;
/// Times that take more binary digits, 18 minutes and longer, are in the last bucket.
const DIGITS_MAX: u32 = 36;
const BUCKETS: usize = PER_OCTAVE * (DIGITS_MAX - DIGITS + 1) as usize;

/// Counts of one writer at a time; anybody may read.
pub(crate) struct Latency {
    counts: [AtomicU32; BUCKETS],
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: array::from_fn(|_| AtomicU32::new(0)) }
    }
}

impl Latency {
    /// Counts a call; by one thread at a time, so that nobody has to lock the line.
    pub(crate) fn note(&self, took: Duration) {
        let count = &self.counts[bucket(took)];
        count.store(count.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
    }
}

/// How long the calls of a version took that were timed and answered, see [`crate::Version::latency`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantiles {
    counts: Box<[u64; BUCKETS]>,
}

impl Quantiles {
    /// Those of several writers together.
    pub(crate) fn merged<'l>(parts: impl IntoIterator<Item = &'l Latency>) -> Self {
        let mut counts = Box::new([0_u64; BUCKETS]);
        for part in parts {
            for (sum, count) in counts.iter_mut().zip(&part.counts) {
                *sum += u64::from(count.load(Ordering::Relaxed));
            }
        }
        Self { counts }
    }

    /// Calls that were timed.
    #[must_use]
    pub fn timed(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Time within which this share of the calls was answered, at most a quarter above the true one. `None` where no
    /// call was timed.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let rank = (self.timed() as f64 * share.clamp(0.0, 1.0)).ceil().max(1.0) as u64;
        let mut below = 0;
        let at = self.counts.iter().position(|count| {
            below += count;
            below >= rank
        })?;
        Some(end(at))
    }

    /// Time within which half of the calls were answered.
    #[must_use]
    pub fn median(&self) -> Option<Duration> {
        self.quantile(0.5)
    }

    /// Time within which all but a hundredth of the calls were answered.
    #[must_use]
    pub fn p99(&self) -> Option<Duration> {
        self.quantile(0.99)
    }
}

fn bucket(took: Duration) -> usize {
    let units = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX) / UNIT;
    let octave = u64::BITS - units.leading_zeros();
    let (octave, at) = match octave.checked_sub(DIGITS) {
        None | Some(0) => (0, units),
        Some(octave) if octave > DIGITS_MAX - DIGITS => return BUCKETS - 1,
        Some(octave) => (octave, (units >> (octave - 1)) % PER_OCTAVE as u64),
    };
    octave as usize * PER_OCTAVE + at as usize
}

/// Where a bucket ends.
fn end(bucket: usize) -> Duration {
    let (octave, at) = (bucket / PER_OCTAVE, (bucket % PER_OCTAVE) as u64);
    let units = match octave.checked_sub(1) {
        None => at + 1,
        Some(shift) => (PER_OCTAVE as u64 + at + 1) << shift,
    };
    Duration::from_nanos(units * UNIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: impl IntoIterator<Item = u64>) -> Quantiles {
        let latency = Latency::default();
        times.into_iter().for_each(|nanoseconds| latency.note(Duration::from_nanos(nanoseconds)));
        Quantiles::merged([&latency])
    }

    #[track_caller]
    fn check(times: &[u64], expected: [u64; 3]) {
        let quantiles = of(times.iter().copied());
        let found = [0.0, 0.5, 1.0].map(|share| quantiles.quantile(share));
        assert_eq!(found, expected.map(|nanoseconds| Some(Duration::from_nanos(nanoseconds))));
    }

    #[test]
    fn a_quantile_is_the_end_of_a_bucket() {
        check(&[0], [16, 16, 16]);
        check(&[15, 16, 17], [16, 32, 32]);
        check(&[63, 64, 100], [64, 80, 112]);
        check(&[127, 128, 159, 160], [128, 160, 192]);
        check(&[1_000, 1_000_000, 1_000_000_000], [1_024, 1_048_576, 1_073_741_824]);
        check(&[u64::MAX], [1 << 40, 1 << 40, 1 << 40]);
    }

    #[test]
    fn nothing_timed_has_no_quantile() {
        assert_eq!((of([]).timed(), of([]).median(), of([]).p99()), (0, None, None));
    }

    #[test]
    fn what_several_counted_is_one_distribution() {
        let (fast, slow) = (Latency::default(), Latency::default());
        for _ in 0..98 {
            fast.note(Duration::from_micros(1));
        }
        slow.note(Duration::from_millis(1));
        slow.note(Duration::from_millis(1));
        let both = Quantiles::merged([&fast, &slow]);
        assert_eq!(both.timed(), 100);
        assert_eq!(both.median(), Some(Duration::from_nanos(1024)));
        assert_eq!(both.quantile(0.98), both.median());
        assert_eq!(both.p99(), Some(Duration::from_nanos(1 << 20)));
    }

    #[test]
    fn counts_end_at_their_limit() {
        let latency = Latency::default();
        latency.counts[bucket(Duration::ZERO)].store(u32::MAX, Ordering::Relaxed);
        latency.note(Duration::ZERO);
        assert_eq!(Quantiles::merged([&latency]).timed(), u64::from(u32::MAX));
    }

    proptest! {
        #[test]
        fn quantiles_are_within_a_bucket(mut times in prop::collection::vec(0_u64..1 << 40, 1..200), share in 0.0..=1.0_f64) {
            let found = of(times.iter().copied()).quantile(share).unwrap();
            times.sort_unstable();
            let rank = (times.len() as f64 * share).ceil().max(1.0) as usize;
            let exact = Duration::from_nanos(times[rank - 1]);
            prop_assert!(exact < found && found <= exact + exact / 4 + Duration::from_nanos(UNIT), "{:?} {:?}", exact, found);
        }
    }
}
