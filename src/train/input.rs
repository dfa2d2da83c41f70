//! A batch of images in the form that the first layer multiplies fastest.

use super::evaluate::pixel;
use super::ledger::{Ledger, PAIR};
use crate::data::{PIXELS, Split};
use crate::simd::lanes::{LANES, Lanes};
use crate::simd::multiplies_whole;

/// Images looked at to measure how much of a split has ink.
const SAMPLE: usize = 500;
/// Share of pairs of pixels with ink up to which lists of ink are the faster form; an entry of a list serves a pair, so it
/// is these that cost. Measured with ink scattered at random, on Zen 4: both are equally fast at .4 to .45 of the pixels,
/// which are .64 to .7 of the pairs.
const LIGHT: f64 = 0.65;
/// The same where registers are [multiplied whole](multiplies_whole), so that dense tiles are twice as fast: measured while
/// an entry served but one, .3 to .4 of the pixels.
const WHOLE: f64 = 0.58;

/// A batch of images.
#[derive(Debug, Default)]
pub struct Input {
    images: Vec<u32>,
    bytes: Vec<u8>,
    form: Form,
}

/// How a batch is kept.
#[derive(Debug)]
pub enum Form {
    /// Only what is inked.
    Sparse(Ledger),
    /// All pixels, `panels[panel][image]`.
    Dense(Vec<Vec<Lanes>>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Sparse(Ledger::default())
    }
}

impl Input {
    /// For batches of `split`, in buffers of `rows` rows; the form follows the ink in its first images.
    #[must_use]
    pub fn new(split: &Split, rows: usize) -> Self {
        let has_ink = |pair: &&[u8; PAIR]| **pair != [0; PAIR];
        let inked: usize = split.images().take(SAMPLE).map(|x| x.as_chunks().0.iter().filter(has_ink).count()).sum();
        let most = if multiplies_whole() { WHOLE } else { LIGHT };
        let is_light = inked as f64 <= most * (split.len().min(SAMPLE) * PIXELS / PAIR) as f64;
        let dense = || Form::Dense(vec![vec![Lanes::default(); rows]; PIXELS / LANES]);
        Self { form: if is_light { Form::default() } else { dense() }, ..Self::default() }
    }

    /// The same with larger batches in tiles, which only SGD can learn from: see [`Ledger::tiled`].
    #[must_use]
    pub fn tiled(mut self) -> Self {
        if let Form::Sparse(ledger) = &mut self.form {
            *ledger = Ledger::tiled();
        }
        self
    }

    /// The batch.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Multiplications that one image costs for each node.
    #[must_use]
    pub fn cost(&self) -> usize {
        match &self.form {
            Form::Sparse(ledger) => ledger.mean_ink(),
            Form::Dense(_) => PIXELS,
        }
    }

    /// Whether it holds these images.
    #[must_use]
    pub fn holds(&self, images: &[u32]) -> bool {
        self.images == images
    }

    /// Takes in the `images` of `split`, unless it holds them already.
    pub fn fill(&mut self, split: &Split, images: &[u32]) {
        if self.holds(images) {
            return;
        }
        self.images.clear();
        self.images.extend_from_slice(images);
        // The images lie far apart in memory. A plain copy has many of them under way at once; reading them pixel by
        // pixel from their places would wait for each.
        self.bytes.clear();
        for &image in images {
            self.bytes.extend_from_slice(split.image(image as usize));
        }
        match &mut self.form {
            Form::Sparse(ledger) => ledger.fill(&self.bytes),
            Form::Dense(panels) => {
                for (i, image) in self.bytes.chunks_exact(PIXELS).enumerate() {
                    for (panel, levels) in panels.iter_mut().zip(image.chunks_exact(LANES)) {
                        for (x, &level) in panel[i].0.iter_mut().zip(levels) {
                            *x = pixel(level);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::test_data::images;

    #[test]
    fn lists_are_for_few_pairs_of_pixels_with_ink() {
        let form = |split: &Split| Input::new(split, 8).form;
        assert!(matches!(form(&images(20, 1, 0.2)), Form::Sparse(_)));
        // As much ink, once scattered and once side by side.
        let scattered: Vec<u8> = (0..PIXELS).map(|at| u8::from(at % 2 == 0)).collect();
        let together: Vec<u8> = (0..PIXELS).map(|at| u8::from(at / 2 % 2 == 0)).collect();
        assert!(matches!(form(&Split::new(scattered, vec![0])), Form::Dense(_)));
        assert!(matches!(form(&Split::new(together, vec![0])), Form::Sparse(_)));
    }
}
