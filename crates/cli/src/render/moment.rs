//! Moments of a node's answers, which count microseconds since the Unix epoch.

use std::time::{Duration, UNIX_EPOCH};

/// The end of the year 9999, beyond which dates have no usual form.
const LAST_SECOND: u64 = 253_402_300_799;

/// `2026-11-25 03:06:31Z`.
pub(crate) fn moment(micros: u64) -> String {
    let seconds = micros / 1_000_000;
    if seconds > LAST_SECOND {
        return "after the year 9999".into();
    }
    let time = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(seconds));
    time.to_string().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn any_number_is_a_moment() {
        for (micros, expected) in [
            (0, "1970-01-01 00:00:00Z"),
            (1_000_000_000_000_000, "2001-09-09 01:46:40Z"),
            (253_402_300_799_999_999, "9999-12-31 23:59:59Z"),
            (253_402_300_800_000_000, "after the year 9999"),
            (u64::MAX, "after the year 9999"),
        ] {
            assert_eq!(moment(micros), expected);
        }
    }
}
