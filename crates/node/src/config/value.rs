//! Values of entries: texts, numbers, durations, sizes, names, paths.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use runtime::Window;
use toml::de::DeValue;

use super::mistake::{Read, Reported};
use super::section::Entry;
use super::suggest;

/// Events carry microseconds, so that nothing shorter can be told apart.
const SHORTEST: Duration = Duration::from_micros(1);
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
const NAME_LENGTH_MAX: usize = 63;

/// Units of sizes and what they mean in bytes.
const SIZE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl<'t> Entry<'t> {
    pub(super) fn text(&self) -> Read<&'t str> {
        match self.value {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.report_type("a text", "write it in quotes")),
        }
    }

    pub(super) fn flag(&self) -> Read<bool> {
        match self.value {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.report_type("true or false", "write one of these without quotes")),
        }
    }

    /// A number that is neither infinite nor undefined.
    pub(super) fn number(&self) -> Read<f64> {
        let parsed = match self.value {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            // Through text, which rounds to the nearest.
            DeValue::Integer(_) => self.integer()?.to_string().parse().ok(),
            _ => return Err(self.report_type("a number", "write it without quotes")),
        };
        parsed
            .filter(|number| number.is_finite())
            .ok_or_else(|| self.report(format!("{self} is not a finite number"), "write a number such as 0.5 or 1e-3"))
    }

    /// An integer of this range.
    pub(super) fn whole(&self, range: RangeInclusive<u64>) -> Read<u64> {
        let integer = self.integer()?;
        let wanted = u64::try_from(integer).ok().filter(|integer| range.contains(integer));
        wanted.ok_or_else(|| self.report_range(integer, *range.start(), *range.end()))
    }

    /// An integer from 1 to `most`.
    pub(super) fn positive<T: TryFrom<NonZeroU64>>(&self, most: u64) -> Read<T> {
        let integer = self.whole(1..=most)?;
        let wanted = NonZeroU64::new(integer).and_then(|integer| T::try_from(integer).ok());
        wanted.ok_or_else(|| self.report_range(integer, 1, most))
    }

    /// A time of `"30s"`, `"1m 30s"`, `"500ms"` ...
    pub(super) fn duration(&self) -> Read<Duration> {
        const EXAMPLES: &str = "write a text such as \"500ms\", \"30s\" or \"1h 30m\"";
        let DeValue::String(text) = self.value else {
            return Err(self.report_type("a duration", EXAMPLES));
        };
        let duration = humantime::parse_duration(text).map_err(|_| {
            self.report(format!("{self} is \"{}\", which is no duration", suggest::shortened(text)), EXAMPLES)
        })?;
        if (SHORTEST..=LONGEST).contains(&duration) {
            return Ok(duration);
        }
        let length = if duration < SHORTEST { "short" } else { "long" };
        let what = format!("{self} is \"{}\", which is too {length}", suggest::shortened(text));
        Err(self.report(what, "write a duration from \"1us\" to \"366days\""))
    }

    /// Bytes: an integer, or a text with a unit.
    pub(super) fn size<T: TryFrom<u64>>(&self, range: RangeInclusive<u64>) -> Read<T> {
        let bytes = match self.value {
            DeValue::Integer(_) => self.integer()?,
            DeValue::String(text) => i128::from(parse_size(text).ok_or_else(|| {
                let what = format!("{self} is \"{}\", which is no size", suggest::shortened(text));
                self.report(what, "write an integer with one of the units B, kB, MB, GB, TB, KiB, MiB, GiB and TiB")
            })?),
            _ => return Err(self.report_type("a size", "write a text such as \"64 MiB\", or bytes as an integer")),
        };
        let wanted = u64::try_from(bytes).ok().filter(|bytes| range.contains(bytes));
        wanted.and_then(|bytes| T::try_from(bytes).ok()).ok_or_else(|| {
            let size = if bytes < i128::from(*range.start()) { "small" } else { "large" };
            let help = format!("write a size from \"{}\" to \"{}\"", Bytes(*range.start()), Bytes(*range.end()));
            self.report(format!("{self} is too {size}"), help)
        })
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Read<T> {
        let text = self.text()?;
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let what = format!("{self} is \"{}\", which is unknown", suggest::shortened(text));
            self.report(what, suggest::nearest(text, choices.iter().map(|(word, _)| *word), "choose among"))
        })
    }

    /// A name that can stand in an address and in the name of a file.
    pub(super) fn name(&self) -> Read<String> {
        let text = self.text()?;
        if is_name(text) {
            return Ok(text.to_owned());
        }
        Err(self.report(format!("{self} is \"{}\", which is no name", suggest::shortened(text)), NAME_HELP))
    }

    /// The key as such a name.
    pub(super) fn key_name(&self) -> Read<String> {
        if is_name(self.key) {
            return Ok(self.key.to_owned());
        }
        let what = format!("\"{}\" is no name", suggest::shortened(self.key));
        Err(self.report_key(what, NAME_HELP))
    }

    /// A text that is not empty.
    pub(super) fn word(&self) -> Read<String> {
        match self.text()? {
            "" => Err(self.report(format!("{self} is empty"), "write something, or leave the key out")),
            text => Ok(text.to_owned()),
        }
    }

    /// A place for arguments: `"end"`, `"alloc:NAME"`, or an address, with or without quotes.
    pub(super) fn place(&self) -> Read<Window> {
        if let DeValue::Integer(_) = self.value {
            let address = self.whole(0..=u64::from(u32::MAX))?;
            return Ok(Window::At(u32::try_from(address).expect("the range ends there")));
        }
        let text = self.text()?;
        text.parse().map_err(|_| {
            let what = format!("{self} is \"{}\", which is no place in a memory", suggest::shortened(text));
            self.report(what, "write \"end\", an address such as 42, or \"alloc:NAME\" with an exported allocator")
        })
    }

    /// A path, taken from `base` if it is relative.
    pub(super) fn path(&self, base: &Path) -> Read<PathBuf> {
        let text = self.text()?;
        if text.is_empty() || text.contains('\0') {
            return Err(self.report(format!("{self} names no file"), "write its path"));
        }
        Ok(base.join(text).components().collect())
    }

    fn integer(&self) -> Read<i128> {
        let DeValue::Integer(integer) = self.value else {
            return Err(self.report_type("an integer", "write it with digits only, without quotes"));
        };
        i128::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| self.report(format!("{self} is too large"), "write a smaller integer"))
    }

    fn report_range(&self, found: impl fmt::Display, least: u64, most: u64) -> Reported {
        self.report(format!("{self} is {found}"), format!("write an integer from {least} to {most}"))
    }
}

const NAME_HELP: &str = "take at most 63 of the characters a to z, 0 to 9 and -, the first not being -";

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= NAME_LENGTH_MAX && !text.starts_with('-') && text.bytes().all(allowed)
}

/// Digits, perhaps space, and a unit.
fn parse_size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = SIZE_UNITS.iter().find(|(name, _)| *name == unit.trim_start_matches(' '))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// Bytes in the largest unit that gives an integer.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |factor: u64| self.0 != 0 && self.0.is_multiple_of(factor);
        let (unit, factor) = SIZE_UNITS.iter().rev().find(|(_, factor)| fits(*factor)).unwrap_or(&("B", 1));
        write!(f, "{} {unit}", self.0 / factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_both_kinds() {
        for (text, bytes) in [
            ("64 MiB", Some(64 << 20)),
            ("64MiB", Some(64 << 20)),
            ("64 MB", Some(64_000_000)),
            ("5 kB", Some(5_000)),
            ("7 B", Some(7)),
            ("16777215 TiB", Some(16_777_215 << 40)),
            ("16777216 TiB", None),
            ("99999999999999999999 B", None),
            ("64", None),
            ("64 mib", None),
            ("1.5 GiB", None),
            ("-1 B", None),
            ("MiB", None),
            ("", None),
        ] {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_the_largest_unit_that_fits() {
        for (bytes, text) in
            [(0, "0 B"), (1, "1 B"), (4 << 10, "4 KiB"), (1 << 40, "1 TiB"), (3_000_000, "3 MB"), (1025, "1025 B")]
        {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn names_are_short_and_plain() {
        for (text, is) in [
            ("device", true),
            ("0", true),
            ("edge-2", true),
            ("", false),
            ("-x", false),
            ("Device", false),
            ("a_b", false),
            ("ä", false),
        ] {
            assert_eq!(is_name(text), is, "{text}");
        }
        assert_eq!((is_name(&"x".repeat(63)), is_name(&"x".repeat(64))), (true, false));
    }
}
