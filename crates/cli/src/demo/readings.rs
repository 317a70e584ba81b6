//! Reads a sensor once a second and asks the function in the slot about the last readings.

use std::thread;
use std::time::{Duration, Instant};

use runtime::Slot;

use super::claims::Claims;
use super::sensor::Sensor;
use super::statistics::{self, Answer};

const PERIOD: Duration = Duration::from_secs(1);
/// Readings that the function is asked about.
const WINDOW: usize = 60;

pub(super) struct Readings<'s> {
    slot: &'s Slot,
    sensor: Sensor,
    window: Vec<i32>,
    count: usize,
    next: Instant,
}

impl<'s> Readings<'s> {
    pub(super) fn start(slot: &'s Slot, claims: &Claims) -> anyhow::Result<Self> {
        claims.title("2. A function runs on this machine's own readings")?;
        let sensor = Sensor::find();
        claims.line(&format!("sensor: {sensor}"))?;
        let manifest = slot.acquire().version().interface().manifest.clone();
        let name = manifest.map(|manifest| format!("{} {}", manifest.name, manifest.version)).unwrap_or_default();
        claims.line(&format!("function: `{}` of {name}, {}", statistics::FUNCTION, slot.digest().short()))?;
        Ok(Self { slot, sensor, window: vec![], count: 0, next: Instant::now() })
    }

    /// The last readings.
    pub(super) fn window(&self) -> &[i32] {
        &self.window
    }

    /// Takes readings before the function is replaced.
    pub(super) fn take(&mut self, count: u32, claims: &mut Claims) -> anyhow::Result<()> {
        let right = self.read(count, statistics::first, claims)?;
        let text = format!("{right} of {count} answers are the mean and median computed natively");
        Ok(claims.check(right == count, &text)?)
    }

    /// Takes readings after the function was replaced.
    pub(super) fn go_on(&mut self, count: u32, claims: &mut Claims) -> anyhow::Result<()> {
        claims.title("4. The readings go on, with the new function")?;
        self.next = self.next.max(Instant::now());
        let right = self.read(count, statistics::second, claims)?;
        let text = format!("{right} of {count} answers are what the new version should answer, computed natively");
        Ok(claims.check(right == count, &text)?)
    }

    /// How many answers were right.
    fn read(&mut self, count: u32, expected: fn(&[i32]) -> Answer, claims: &Claims) -> anyhow::Result<u32> {
        let mut right = 0;
        for _ in 0..count {
            thread::sleep(self.next.saturating_duration_since(Instant::now()));
            self.next += PERIOD;
            let reading = self.sensor.read()?;
            self.count += 1;
            if self.window.len() == WINDOW {
                self.window.remove(0);
            }
            self.window.push(reading);
            let answer = self.slot.acquire().call_json(statistics::FUNCTION, &statistics::argument(&self.window))?;
            right += u32::from(statistics::agrees(&answer, expected(&self.window)));
            claims.line(&format!("reading {:2}: {reading:6}, last {:2}: {answer}", self.count, self.window.len()))?;
        }
        Ok(right)
    }
}
