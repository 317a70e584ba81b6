//! How often something may happen.

use std::num::NonZeroU32;
use std::time::Duration;

/// Time in which as much may happen as on average.
const BURST: Duration = Duration::from_secs(1);

/// So many in a second on average, and bursts of as many: the generic cell rate algorithm. What passes is due one step
/// after what passed before it, and may come up to a second before it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rate {
    due: Duration,
}

impl Rate {
    pub(super) fn new() -> Self {
        Self { due: Duration::ZERO }
    }

    /// Lets one pass at `now`, the time since some moment, or says how long to wait.
    pub(super) fn take(&mut self, per_second: NonZeroU32, now: Duration) -> Result<(), Duration> {
        let due = self.due.max(now) + BURST / per_second.get();
        let wait = due.saturating_sub(now + BURST);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.due = due;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_burst_passes_and_then_the_average() {
        let mut rate = Rate::new();
        let four = NonZeroU32::new(4).unwrap();
        let begin = ms(10_000);
        for _ in 0..4 {
            assert_eq!(rate.take(four, begin), Ok(()));
        }
        assert_eq!(rate.take(four, begin), Err(ms(250)));
        assert_eq!(rate.take(four, begin + ms(100)), Err(ms(150)));
        assert_eq!(rate.take(four, begin + ms(250)), Ok(()));
        assert_eq!(rate.take(four, begin + ms(250)), Err(ms(250)));
    }

    #[test]
    fn silence_is_saved_up_for_one_burst_only() {
        let mut rate = Rate::new();
        let two = NonZeroU32::new(2).unwrap();
        let late = ms(60_000);
        let passed = (0..9).filter(|_| rate.take(two, late).is_ok()).count();
        assert_eq!(passed, 2);
    }

    #[test]
    fn another_limit_holds_at_once() {
        let mut rate = Rate::new();
        let (one, thousand) = (NonZeroU32::new(1).unwrap(), NonZeroU32::new(1000).unwrap());
        assert_eq!(rate.take(one, ms(0)), Ok(()));
        assert_eq!(rate.take(one, ms(0)), Err(ms(1000)));
        assert_eq!(rate.take(thousand, ms(0)), Err(ms(1)), "what was used up comes back with time");
        assert_eq!(rate.take(thousand, ms(1)), Ok(()));
    }
}
