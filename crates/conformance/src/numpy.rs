//! The generator of `numpy.random.RandomState`: MT19937 (Matsumoto and Nishimura 1998).

const WORDS: usize = 624;
const SHIFT: usize = 397;

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub struct RandomState {
    words: Vec<u32>,
    position: usize,
}

impl RandomState {
    /// The sequence of `RandomState(seed)`.
    #[must_use]
    pub fn seeded(seed: u32) -> Self {
        let mut words = vec![seed];
        for index in 1..WORDS {
            let last = words[index - 1];
            let next = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30));
            words.push(next.wrapping_add(u32::try_from(index).expect("below 624")));
        }
        Self { words, position: WORDS }
    }

    /// The next number of `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        let (a, b) = (self.word() >> 5, self.word() >> 6);
        low + (high - low) * ((f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0)
    }

    fn word(&mut self) -> u32 {
        if self.position == WORDS {
            self.twist();
            self.position = 0;
        }
        let mut word = self.words[self.position];
        self.position += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for index in 0..WORDS {
            let bits = (self.words[index] & 0x8000_0000) | (self.words[(index + 1) % WORDS] & 0x7fff_ffff);
            let odd = if bits & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[index] = self.words[(index + SHIFT) % WORDS] ^ (bits >> 1) ^ odd;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generator_gives_the_published_numbers() {
        // The first words for the seed of the reference implementation.
        let mut random = RandomState::seeded(5489);
        assert_eq!([random.word(), random.word(), random.word()], [3_499_211_612, 581_869_302, 3_890_346_734]);
    }
}
