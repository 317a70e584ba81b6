//! A number that this machine can be asked for.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

const HARDWARE_MONITORS: &str = "/sys/class/hwmon";
const LOAD: &str = "/proc/loadavg";

/// Where readings come from.
#[derive(Debug)]
pub(super) enum Sensor {
    /// A temperature in thousandths of a degree Celsius.
    Temperature(PathBuf),
    /// Runnable tasks of the last minute on average, in hundredths.
    Load,
    /// Nothing to measure: a computed wave.
    Generated,
}

impl Sensor {
    /// The best that this machine has.
    pub(super) fn find() -> Self {
        let thermometer = thermometers().into_iter().find(|path| read_number(path).is_ok());
        match thermometer {
            Some(path) => Self::Temperature(path),
            None if read_load().is_ok() => Self::Load,
            None => Self::Generated,
        }
    }

    /// The source of a route that reads the same.
    pub(super) fn source(&self) -> String {
        match self {
            Self::Temperature(path) => {
                format!("{{ kind = \"file\", path = {:?}, round = true }}", path.display().to_string())
            }
            Self::Load => format!("{{ kind = \"file\", path = \"{LOAD}\", scale = 100, round = true }}"),
            Self::Generated => {
                "{ kind = \"signal\", offset = 20000, amplitude = 5000, period = 40, noise = 100, round = true }".into()
            }
        }
    }
}

/// Values that move as those of a sensor do.
pub(super) fn generated(count: u32) -> Vec<i32> {
    (1..=count).map(wave).collect()
}

impl fmt::Display for Sensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Temperature(path) => write!(f, "temperature of {}, in 1/1000 degree Celsius", path.display()),
            Self::Load => write!(f, "load average of {LOAD}, in 1/100"),
            Self::Generated => f.write_str("a generated signal: this machine offers neither temperature nor load"),
        }
    }
}

/// Every temperature input, in order.
fn thermometers() -> Vec<PathBuf> {
    let folder = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let monitors = folder(Path::new(HARDWARE_MONITORS));
    let mut inputs: Vec<PathBuf> =
        monitors.flat_map(|monitor| folder(&monitor)).filter(|path| is_temperature(path)).collect();
    inputs.sort();
    inputs
}

fn is_temperature(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("temp") && name.ends_with("_input"))
}

fn read_number(path: &Path) -> anyhow::Result<i32> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.trim().parse().with_context(|| format!("{} holds no number: {text:?}", path.display()))
}

fn read_load() -> anyhow::Result<i32> {
    let text = fs::read_to_string(LOAD).with_context(|| format!("cannot read {LOAD}"))?;
    parse_load(&text).with_context(|| format!("{LOAD} does not begin with a load average: {text:?}"))
}

/// The first number, which has two decimals, in hundredths.
fn parse_load(text: &str) -> Option<i32> {
    let (whole, hundredths) = text.split_ascii_whitespace().next()?.split_once('.')?;
    let (whole, hundredths): (i32, i32) = (whole.parse().ok()?, hundredths.parse().ok()?);
    whole.checked_mul(100)?.checked_add(hundredths)
}

/// A triangle between 15,000 and 25,000 with a little noise, by xorshift (Marsaglia 2003).
fn wave(step: u32) -> i32 {
    let phase = i32::try_from(step % 40).unwrap_or(0);
    let mut noise = step.wrapping_mul(0x9e37_79b9) | 1;
    noise ^= noise << 13;
    noise ^= noise >> 17;
    noise ^= noise << 5;
    15_000 + 500 * (20 - (phase - 20).abs()) + i32::try_from(noise % 200).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_is_read_in_hundredths() {
        for (text, expected) in [
            ("2.77 1.50 0.90 1/180 4242\n", Some(277)),
            ("0.05 0.01 0.00 1/1 1", Some(5)),
            ("120.00 1 1", Some(12_000)),
            ("", None),
            ("two 1 1", None),
            ("99999999.00", None),
        ] {
            assert_eq!(parse_load(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_generated_signal_moves_within_its_bounds() {
        let values = generated(100);
        assert!(values.iter().all(|value| (15_000..25_200).contains(value)), "{values:?}");
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]), "{values:?}");
    }
}
