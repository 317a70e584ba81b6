//! A signal that is computed: the same seed gives the same values, on every machine.

use std::f64::consts::TAU;

use flow::{Source, SourceError};
use serde_json::Value;

use super::{failed, number};
use crate::config::SignalSpec;

/// `offset + amplitude * sin(2 pi k / period) + noise`, `k` counting from 0.
#[derive(Debug)]
pub(super) struct SignalSource {
    spec: SignalSpec,
    given: u64,
    noise: SplitMix64,
}

impl SignalSource {
    pub(super) fn new(spec: SignalSpec) -> Self {
        let noise = SplitMix64(spec.seed);
        Self { spec, given: 0, noise }
    }
}

impl Source for SignalSource {
    fn read(&mut self) -> Result<Option<Value>, SourceError> {
        let SignalSpec { offset, amplitude, period, noise, round, count, .. } = self.spec;
        if count.is_some_and(|count| self.given >= count) {
            return Ok(None);
        }
        let waves = self.given as f64 / period;
        self.given = self.given.saturating_add(1);
        // Of a period so short that the number of waves is infinite, the wave is not seen.
        let phase = if waves.is_finite() { waves.fract() * TAU } else { 0.0 };
        let value = offset + amplitude * libm::sin(phase) + noise * self.noise.next();
        number(value, round).map(Some).ok_or_else(|| failed("the signal is larger than any number"))
    }
}

/// The generator of that name by Steele, Lea and Flood: a counter whose bits are mixed.
#[derive(Debug)]
struct SplitMix64(u64);

impl SplitMix64 {
    /// A number from -1 to 1, both included.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / ((1_u64 << 53) - 1) as f64 * 2.0 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SPEC: SignalSpec =
        SignalSpec { offset: 10.0, amplitude: 2.0, period: 4.0, noise: 0.0, seed: 0, round: true, count: Some(5) };

    fn values(spec: SignalSpec) -> Vec<Value> {
        let mut source = SignalSource::new(spec);
        std::iter::from_fn(|| source.read().unwrap()).collect()
    }

    #[test]
    fn a_wave_without_noise() {
        assert_eq!(values(SPEC), [json!(10), json!(12), json!(10), json!(8), json!(10)]);
    }

    #[test]
    fn noise_is_bounded_and_depends_on_the_seed_alone() {
        let noisy = |seed| SignalSpec { amplitude: 0.0, noise: 0.5, round: false, seed, count: Some(1000), ..SPEC };
        let found = values(noisy(7));
        assert_eq!(found, values(noisy(7)));
        assert_ne!(found, values(noisy(8)));
        let distances: Vec<f64> = found.iter().map(|value| value.as_f64().unwrap() - 10.0).collect();
        assert!(distances.iter().all(|distance| distance.abs() <= 0.5), "{distances:?}");
        assert!(
            distances.iter().any(|distance| *distance > 0.45) && distances.iter().any(|distance| *distance < -0.45)
        );
    }

    #[test]
    fn the_same_on_every_machine() {
        let found = values(SignalSpec { noise: 1.0, seed: 1, round: false, period: 7.5, count: Some(3), ..SPEC });
        expect_test::expect!["[Number(10.133123150344563), Number(11.977853165480191), Number(12.931049297910139)]"]
            .assert_eq(&format!("{found:?}"));
    }

    #[test]
    fn extreme_numbers_are_values_or_errors() {
        for spec in [
            SignalSpec { period: f64::MIN_POSITIVE, ..SPEC },
            SignalSpec { period: f64::MAX, offset: f64::MAX, amplitude: 0.0, ..SPEC },
            SignalSpec { offset: f64::MAX, amplitude: f64::MAX, period: 1e-310, ..SPEC },
        ] {
            let mut source = SignalSource::new(spec);
            for _ in 0..5 {
                let _: Result<_, _> = source.read();
            }
        }
    }
}
