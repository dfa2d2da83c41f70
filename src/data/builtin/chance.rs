//! Random numbers for the built-in digits: the same on every machine, one stream for each writer and each digit.

use rand::rngs::ChaCha8Rng;
use rand::{Rng as _, SeedableRng as _};

/// A stream of random numbers.
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// Stream number `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// An integer below `n`, which is small.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number from `low` to `high`, all equally likely.
    pub fn within(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// A bell around 0 with standard deviation `sd`, never beyond 3.5 of them.
    ///
    /// The sum of four even numbers (Irwin and Hall): near enough to the normal distribution, and without logarithms,
    /// which differ between machines.
    pub fn bell(&mut self, sd: f32) -> f32 {
        let bits = self.0.next_u64();
        let sum: u64 = (0..4).map(|i| bits >> (16 * i) & 0xffff).sum();
        // Four even numbers have a variance of 1/3.
        (sum as f32 / 65536.0 - 2.0) * 1.732_050_8 * sd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bells_have_their_spread() {
        let mut chance = Chance::new(7, 1);
        let drawn: Vec<f32> = (0..20_000).map(|_| chance.bell(2.0)).collect();
        let mean = drawn.iter().sum::<f32>() / 20_000.0;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 20_000.0;
        // Standard errors: 0.014 of the mean, about 0.03 of the variance.
        assert!(mean.abs() < 0.06, "{mean}");
        assert!((variance - 4.0).abs() < 0.15, "{variance}");
    }

    #[test]
    fn even_numbers_fill_their_range() {
        let mut chance = Chance::new(7, 2);
        let mut counts = [0; 10];
        for _ in 0..10_000 {
            counts[chance.below(10) as usize] += 1;
            let x = chance.within(-1.0, 3.0);
            assert!((-1.0..3.0).contains(&x));
        }
        assert!(counts.iter().all(|&n| (850..1150).contains(&n)), "{counts:?}");
    }
}
