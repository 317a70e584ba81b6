//! The clocks. `std::time` has none on this target.

use std::time::Duration;

use super::calls;

/// Nanoseconds since 1970 in UTC, as far as the machine knows: it may say 1970, and it may jump.
#[must_use]
pub fn wall() -> i64 {
    calls::clock_wall()
}

/// Time since some moment, never less than before.
#[must_use]
pub fn monotonic() -> Duration {
    Duration::from_nanos(u64::try_from(calls::clock_monotonic()).unwrap_or(0))
}
