//! In which order an epoch sees its images.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// The generator's streams below this number belong to the layers' initial weights, those from it on to the epochs.
const FIRST_STREAM: u64 = 1 << 32;

/// The image numbers `0..n` in the order of epoch `epoch` (counted from 0).
///
/// A Fisher-Yates shuffle with a random stream of its own for each epoch: the order is a function of the two numbers
/// alone, so an interrupted run goes on without any stored state.
#[must_use]
pub fn order(n: usize, seed: u64, epoch: usize) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(FIRST_STREAM + epoch as u64);
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.shuffle(&mut rng);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_comes_once_and_every_epoch_differs() {
        let (first, second) = (order(1000, 1, 0), order(1000, 1, 1));
        assert_ne!(first, second);
        assert_ne!(first, order(1000, 2, 0));
        assert_eq!(first, order(1000, 1, 0));
        for mut order in [first, second] {
            order.sort_unstable();
            assert!(order.iter().copied().eq(0..1000));
        }
    }

    /// A fair shuffle puts each image on each place equally often: chi-square over 8 x 8 cells, 49 degrees of freedom.
    #[test]
    fn every_order_is_as_likely_as_any_other() {
        let (n, trials) = (8, 8000);
        let mut count = [[0u32; 8]; 8];
        for epoch in 0..trials {
            for (place, &image) in order(n, 5, epoch).iter().enumerate() {
                count[place][image as usize] += 1;
            }
        }
        let expected = trials as f64 / n as f64;
        let chi2: f64 = count.iter().flatten().map(|&c| (f64::from(c) - expected).powi(2) / expected).sum();
        assert!((20.0..90.0).contains(&chi2), "{chi2}");
    }
}
