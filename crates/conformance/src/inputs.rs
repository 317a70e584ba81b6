//! Deterministic numbers.

use ir::{Graph, Tensor};

/// Values in `[-1, 1)` by SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The sequence of a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut h = self.0;
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        h ^ (h >> 31)
    }

    /// The next number below `bound`, which is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.bits() % bound as u64).expect("smaller than a size")
    }

    /// A tensor.
    pub fn tensor(&mut self, shape: &[usize]) -> Tensor {
        let elements = shape.iter().product();
        let data: Vec<f32> = (0..elements).map(|_| (self.bits() >> 40) as f32 / 8_388_608.0 - 1.0).collect();
        Tensor::new(shape, data)
    }

    /// One tensor for each input of a graph.
    pub fn inputs(&mut self, graph: &Graph) -> Vec<Tensor> {
        graph.inputs().iter().map(|id| self.tensor(&graph[*id].ty.shape)).collect()
    }
}

/// The largest difference as a share of the largest absolute expected value; infinite where one side is not a number
/// and the other is, zero where both are not.
#[must_use]
pub fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    if found.len() != expected.len() {
        return f32::INFINITY;
    }
    let finite = |value: &&f32| value.is_finite();
    let largest = expected.iter().filter(finite).fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let difference = |(found, expected): (&f32, &f32)| match (found.is_finite(), expected.is_finite()) {
        (true, true) => (found - expected).abs(),
        _ if found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan()) => 0.0,
        _ => f32::INFINITY,
    };
    let worst = found.iter().zip(expected).map(difference).fold(0.0_f32, f32::max);
    if worst == 0.0 { 0.0 } else { worst / largest.max(f32::MIN_POSITIVE) }
}
