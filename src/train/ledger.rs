//! The ink of a batch, listed: what [`super::sparse`] runs through.
//!
//! An entry of a list serves two neighbours, so that a row of numbers, once loaded, is used for both: two images that are
//! much alike, or two pixels side by side. Where only one of the two is inked, the other's part is a multiplication by
//! zero, which changes nothing.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

mod pairs;

use self::pairs::pair_up;
use crate::data::PIXELS;
use crate::simd::bits::{WORD, turn};
use crate::simd::{Level, Simd, dispatch};

/// Neighbours that an entry serves.
pub const PAIR: usize = 2;
/// Words of an image's bits.
const WORDS: usize = PIXELS.div_ceil(WORD);
/// Words of a band: so that its rows of weights, of the [`GROUP`](super::dense::GROUP) panels that go through the lists
/// together, stay in the second-level cache, and in part in the first, yet the lists are long (measured: whole images take
/// 1 to 2 % of a step more, lists half as long about the same).
const BAND: usize = 7;
/// Images of a tile.
const TILE: usize = 128;

/// A bit for each pixel of an image: whether it is inked.
type Bits = [u64; WORDS];

/// One entry of a list: where, and how dark both neighbours are there.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ink {
    /// Number of the pixel, or of the image in the batch.
    pub at: u32,
    /// Levels as in the file, not both 0.
    pub levels: [u8; PAIR],
}

/// Lists of ink, one after another in one buffer.
#[derive(Debug, Default)]
struct Lists {
    /// Where each list begins, and the end of the last one.
    starts: Vec<u32>,
    /// What is behind the last list is left from an earlier batch.
    ink: Vec<Ink>,
}

impl Lists {
    fn get(&self, i: usize) -> &[Ink] {
        &self.ink[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    fn clear(&mut self) {
        self.starts.clear();
        self.starts.push(0);
    }

    /// Makes room for so many entries, without touching those that are there.
    fn reserve(&mut self, entries: usize) {
        self.ink.resize(self.ink.len().max(entries), Ink::default());
    }
}

/// The ink of a batch. The buffers are kept from batch to batch.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Whether larger batches are listed in tiles.
    tiled: bool,
    /// Of each image.
    bits: Vec<Bits>,
    /// Inked pixels of each image.
    ink: Vec<u32>,
    /// The images that go through the lists together.
    pairs: Vec<[u32; PAIR]>,
    /// For each pair of images and each of its bands the pixels.
    by_image: Lists,
    /// For each tile of images and each pair of pixels the images.
    by_pixel: Lists,
    /// Used while images are paired up.
    unpaired: Vec<u32>,
    /// Used while images are listed by pixel: bits of 64 pixels, a word for each, of 64 images.
    squares: Vec<[u64; WORD]>,
}

impl Ledger {
    /// For a rule whose step along a sum is the sum of its steps, [`crate::nn::optim::Rule::Sgd`]: then
    /// [`learn`](super::sparse::learn) takes a step for each tile of images, whose deltas stay in the cache.
    #[must_use]
    pub fn tiled() -> Self {
        Self { tiled: true, ..Self::default() }
    }

    /// Images of the batch.
    #[must_use]
    pub fn n_images(&self) -> usize {
        self.bits.len()
    }

    fn tile(&self) -> usize {
        if self.tiled { TILE } else { self.n_images().max(1) }
    }

    /// Tiles of the batch.
    #[must_use]
    pub fn tiles(&self) -> usize {
        self.n_images().div_ceil(self.tile())
    }

    /// Inked pixels an image.
    #[must_use]
    pub fn mean_ink(&self) -> usize {
        self.ink.iter().sum::<u32>() as usize / self.n_images().max(1)
    }

    /// The images that go through the lists together: each is in one pair, an odd one twice in its own.
    #[must_use]
    pub fn pairs(&self) -> &[[u32; PAIR]] {
        &self.pairs
    }

    /// Bands of an image.
    #[must_use]
    pub fn bands() -> usize {
        WORDS.div_ceil(BAND)
    }

    /// The pixels of a band that either image of pair number `pair` inks.
    #[must_use]
    pub fn pixels(&self, pair: usize, band: usize) -> &[Ink] {
        self.by_image.get(pair * Self::bands() + band)
    }

    /// The images of a tile that ink `PAIR * pair` or the pixel after it.
    #[must_use]
    pub fn images(&self, tile: usize, pair: usize) -> &[Ink] {
        self.by_pixel.get(tile * (PIXELS / PAIR) + pair)
    }

    /// Lists the ink of `images`, [`PIXELS`] bytes each.
    pub fn fill(&mut self, images: &[u8]) {
        let images = images.as_chunks().0;
        dispatch!(Level::new(), simd => {
            self.take_in(simd, images);
            pair_up(&self.bits, &self.ink, &mut self.unpaired, &mut self.pairs);
            self.list_by_image(images);
            self.list_by_pixel(images);
        });
    }

    #[inline(always)]
    fn take_in<S: Simd>(&mut self, simd: S, images: &[[u8; PIXELS]]) {
        self.bits.clear();
        self.ink.clear();
        for image in images {
            let (words, rest) = image.as_chunks();
            let mut last = [0; WORD];
            last[..rest.len()].copy_from_slice(rest);
            let mut bits = [0; WORDS];
            let mut ink = 0;
            for (bits, word) in bits.iter_mut().zip(words.iter().chain([&last])) {
                *bits = simd.nonzero_bytes(word);
                ink += bits.count_ones();
            }
            self.bits.push(bits);
            self.ink.push(ink);
        }
    }

    #[inline(always)]
    fn list_by_image(&mut self, images: &[[u8; PIXELS]]) {
        let lists = &mut self.by_image;
        lists.clear();
        let mut end = 0;
        for pair in &self.pairs {
            let [a, b] = pair.map(|image| &self.bits[image as usize]);
            let [x, y] = pair.map(|image| &images[image as usize]);
            // As if all were ink: then no list can run out of room.
            lists.reserve(end + PIXELS);
            for first in (0..WORDS).step_by(BAND) {
                for word in first..WORDS.min(first + BAND) {
                    let mut bits = a[word] | b[word];
                    while bits != 0 {
                        let at = word * WORD + bits.trailing_zeros() as usize;
                        bits &= bits - 1;
                        lists.ink[end] = Ink { at: at as u32, levels: [x[at], y[at]] };
                        end += 1;
                    }
                }
                lists.starts.push(end as u32);
            }
        }
    }

    #[inline(always)]
    fn list_by_pixel(&mut self, images: &[[u8; PIXELS]]) {
        let tile = self.tile();
        let lists = &mut self.by_pixel;
        lists.clear();
        let mut end = 0;
        for (first, bits) in (0..).step_by(tile).zip(self.bits.chunks(tile)) {
            for word in 0..WORDS {
                self.squares.clear();
                for images in bits.chunks(WORD) {
                    let mut square = [0; WORD];
                    for (row, image) in square.iter_mut().zip(images) {
                        *row = image[word];
                    }
                    turn(&mut square);
                    self.squares.push(square);
                }
                for pixel in (word * WORD..PIXELS.min((word + 1) * WORD)).step_by(PAIR) {
                    lists.reserve(end + bits.len());
                    for (first, square) in (first..).step_by(WORD).zip(&self.squares) {
                        let mut bits = square[pixel % WORD] | square[pixel % WORD + 1];
                        while bits != 0 {
                            let at = first + bits.trailing_zeros() as usize;
                            bits &= bits - 1;
                            lists.ink[end] = Ink { at: at as u32, levels: [images[at][pixel], images[at][pixel + 1]] };
                            end += 1;
                        }
                    }
                    lists.starts.push(end as u32);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_inked_pixel_is_listed_once_by_image_and_once_by_pixel(
            images in prop::collection::vec(prop::collection::vec(prop_oneof![3 => Just(0u8), 1 => any::<u8>()], PIXELS), 1..4),
            copies in 1usize..90,
            tiled: bool,
        ) {
            let mut ledger = if tiled { Ledger::tiled() } else { Ledger::default() };
            // A longer batch before it leaves something behind.
            for copies in [copies + 7, copies] {
                ledger.fill(&images.concat().repeat(copies));
            }
            let level = |image: u32, pixel: usize| images[image as usize % images.len()][pixel];
            let n = images.len() * copies;
            prop_assert_eq!(ledger.n_images(), n);
            let ink = images.iter().flatten().filter(|&&x| x != 0).count() * copies;
            prop_assert_eq!(ledger.mean_ink(), ink / n);
            let listed = |at: usize, levels: [u8; PAIR]| (levels != [0; PAIR]).then_some(Ink { at: at as u32, levels });
            let mut seen = vec![0; n];
            for (i, &[a, b]) in ledger.pairs().iter().enumerate() {
                let found: Vec<_> = (0..Ledger::bands()).flat_map(|band| ledger.pixels(i, band)).copied().collect();
                let expected: Vec<_> = (0..PIXELS).filter_map(|p| listed(p, [level(a, p), level(b, p)])).collect();
                prop_assert_eq!(found, expected);
                seen[a as usize] += 1;
                seen[b as usize] += usize::from(a != b);
            }
            prop_assert!(seen.iter().all(|&times| times == 1), "{:?}", seen);
            for pair in 0..PIXELS / PAIR {
                let found: Vec<_> = (0..ledger.tiles()).flat_map(|tile| ledger.images(tile, pair)).copied().collect();
                let levels = |i: usize| [0, 1].map(|p| level(i as u32, PAIR * pair + p));
                let expected: Vec<_> = (0..n).filter_map(|i| listed(i, levels(i))).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
