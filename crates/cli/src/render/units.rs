use std::time::Duration;

/// Bytes for people: exact below 1000, else in powers of 1000 with three digits.
pub(crate) fn bytes(count: u64) -> String {
    scaled(count, &[("kB", 1e3), ("MB", 1e6), ("GB", 1e9)]).unwrap_or_else(|| format!("{count} bytes"))
}

/// A number for people: exact below 1000, else in thousands, millions or billions with three digits.
pub(crate) fn count(count: u64) -> String {
    let units = [("thousand", 1e3), ("million", 1e6), ("billion", 1e9)];
    scaled(count, &units).unwrap_or_else(|| count.to_string())
}

#[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
fn scaled(count: u64, units: &[(&str, f64)]) -> Option<String> {
    let value = count as f64;
    // 999.95 of a unit would be shown as 1000.
    let (name, unit) = units.iter().rev().find(|(_, unit)| value >= unit * 0.999_5)?;
    Some(format!("{} {name}", three_digits(value / unit)))
}

/// A time for people, with three digits.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        1.0.. => format!("{} s", three_digits(seconds)),
        1e-3.. => format!("{} ms", three_digits(seconds * 1e3)),
        1e-6.. => format!("{} us", three_digits(seconds * 1e6)),
        _ => format!("{} ns", duration.as_nanos()),
    }
}

/// A time in nanoseconds for people, with three digits; a difference may be below zero.
pub(crate) fn nanoseconds(time: f64) -> String {
    let sign = if time < 0.0 { "-" } else { "" };
    let time = time.abs();
    let units = [("us", 1e3), ("ms", 1e6), ("s", 1e9)];
    // 999.95 of a unit would be shown as 1000.
    let larger = units.iter().rev().find(|(_, unit)| time >= unit * 0.999_5);
    let &(name, unit) = larger.unwrap_or(&("ns", 1.0));
    format!("{sign}{} {name}", three_digits(time / unit))
}

fn three_digits(value: f64) -> String {
    match value {
        99.95.. => format!("{value:.0}"),
        9.995.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// `1 reason`, `2 reasons`.
pub(crate) fn plural(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_by_people() {
        for (given, expected) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.00 kB"),
            (48_112, "48.1 kB"),
            (999_600, "1.00 MB"),
            (13_967_964, "14.0 MB"),
            (2_500_000_000, "2.50 GB"),
        ] {
            assert_eq!(bytes(given), expected);
        }
        assert_eq!(count(300_800_000), "301 million");
    }

    #[test]
    fn times_are_read_by_people() {
        for (nanos, expected) in
            [(12, "12 ns"), (1_500, "1.50 us"), (999_000, "999 us"), (23_450_000, "23.4 ms"), (1_500_000_000, "1.50 s")]
        {
            assert_eq!(duration(Duration::from_nanos(nanos)), expected);
        }
    }

    #[test]
    fn nanoseconds_are_read_by_people() {
        for (given, expected) in [
            (0.0, "0.00 ns"),
            (0.756, "0.76 ns"),
            (-41.26, "-41.3 ns"),
            (999.4, "999 ns"),
            (999.6, "1.00 us"),
            (252_500.0, "252 us"),
            (5_510_000.0, "5.51 ms"),
            (2e9, "2.00 s"),
        ] {
            assert_eq!(nanoseconds(given), expected);
        }
    }

    #[test]
    fn one_and_many() {
        assert_eq!((plural(1, "reason"), plural(2, "reason")), ("1 reason".into(), "2 reasons".into()));
    }
}
