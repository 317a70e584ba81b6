//! When the next value is due.

use std::time::Duration;

/// A reader that is later than this skips what it cannot make up for.
const LATE_MAX: Duration = Duration::from_secs(10);

/// The times of a source that is asked once in every period: fixed from the start, so that a late value delays none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pace {
    every: Duration,
    due: Duration,
}

impl Pace {
    /// The first value is due at `start`.
    pub(crate) fn new(every: Duration, start: Duration) -> Self {
        Self { every, due: start }
    }

    /// When the next value is due.
    pub(crate) fn due(&self) -> Duration {
        self.due
    }

    /// Goes on to the value after the present one; answers how many are skipped because they are too late.
    pub(crate) fn advance(&mut self, now: Duration) -> u64 {
        self.due += self.every;
        let late = now.saturating_sub(self.due);
        if late <= LATE_MAX || self.every.is_zero() {
            return 0;
        }
        let skipped = late.as_nanos() / self.every.as_nanos();
        let skipped = u32::try_from(skipped).unwrap_or(u32::MAX);
        self.due += self.every.saturating_mul(skipped);
        u64::from(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_late_value_delays_no_other() {
        let mut pace = Pace::new(ms(1), ms(5));
        assert_eq!(pace.due(), ms(5));
        assert_eq!((pace.advance(ms(40)), pace.due()), (0, ms(6)));
        assert_eq!((pace.advance(ms(40)), pace.due()), (0, ms(7)));
    }

    #[test]
    fn what_is_too_late_is_skipped_and_counted() {
        let mut pace = Pace::new(ms(1000), ms(0));
        assert_eq!((pace.advance(ms(11_000)), pace.due()), (0, ms(1000)));
        assert_eq!((pace.advance(ms(60_500)), pace.due()), (58, ms(60_000)));
        assert_eq!((pace.advance(ms(60_500)), pace.due()), (0, ms(61_000)));
    }

    #[test]
    fn without_a_period_the_next_value_is_always_due() {
        let mut pace = Pace::new(ms(0), ms(3));
        assert_eq!((pace.advance(ms(100_000)), pace.due()), (0, ms(3)));
    }
}
