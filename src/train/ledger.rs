//! The ink of a batch, listed: what [`super::sparse`] runs through.

use super::evaluate::pixel;
use crate::data::PIXELS;
use crate::simd::Level;
use crate::simd::tile::is_wide;

/// Images of a tile.
const TILE: usize = 128;
/// Pixels that are looked at together: as many as there are bits in a word.
const WORD: usize = 64;
/// Words of a band: so many rows of weights, of the [`GROUP`](super::dense::GROUP) panels that go through the lists
/// together, stay in or near the first-level cache.
const BAND: usize = 3;
/// The same where rows are [as wide as registers](crate::simd::tile::wide): few and long lists are worth more there than
/// rows that come from the first-level cache (measured: 2 % of a step).
const WIDE_BAND: usize = 7;

/// One entry of a list: the pixel (or the image) and how dark it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ink {
    /// Number of the pixel, or of the image in the batch.
    pub at: u32,
    /// 0..=1, never 0.
    pub x: f32,
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

    /// Entries of all lists.
    fn len(&self) -> usize {
        self.starts.last().map_or(0, |&end| end as usize)
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
    n_images: usize,
    /// Bands of an image.
    bands: usize,
    /// For each image and each of its bands the pixels.
    by_image: Lists,
    /// For each tile of images and each pixel the images.
    by_pixel: Lists,
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
        self.n_images
    }

    fn tile(&self) -> usize {
        if self.tiled { TILE } else { self.n_images.max(1) }
    }

    /// Tiles of the batch.
    #[must_use]
    pub fn tiles(&self) -> usize {
        self.n_images.div_ceil(self.tile())
    }

    /// Inked pixels an image.
    #[must_use]
    pub fn mean_ink(&self) -> usize {
        self.by_image.len() / self.n_images.max(1)
    }

    /// Bands of an image.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.bands
    }

    /// The inked pixels of a band of an image.
    #[must_use]
    pub fn pixels(&self, image: usize, band: usize) -> &[Ink] {
        self.by_image.get(image * self.bands + band)
    }

    /// The images of a tile that ink a pixel.
    #[must_use]
    pub fn images(&self, tile: usize, pixel: usize) -> &[Ink] {
        self.by_pixel.get(tile * PIXELS + pixel)
    }

    /// Lists the ink of `images`, [`PIXELS`] bytes each.
    pub fn fill(&mut self, images: &[u8]) {
        self.n_images = images.len() / PIXELS;
        let band = WORD * if is_wide(Level::new()) { WIDE_BAND } else { BAND };
        self.bands = PIXELS.div_ceil(band);
        self.by_image.clear();
        self.by_pixel.clear();
        for (tile, images) in images.chunks(self.tile() * PIXELS).enumerate() {
            let mut count = [0u32; PIXELS];
            let lists = &mut self.by_image;
            let mut end = lists.len();
            for image in images.chunks_exact(PIXELS) {
                // As if all were ink: then no list can run out of room.
                lists.reserve(end + PIXELS);
                for (first, band) in (0..).step_by(band).zip(image.chunks(band)) {
                    for (first, word) in (first..).step_by(WORD).zip(band.chunks(WORD)) {
                        end = list_word(word, first, &mut lists.ink, end, &mut count);
                    }
                    lists.starts.push(end as u32);
                }
            }
            self.turn(tile, &count);
        }
    }

    /// Lists a tile `by_pixel` too: a counting sort, so each pixel's images stay in order.
    fn turn(&mut self, tile: usize, count: &[u32; PIXELS]) {
        let (bands, size) = (self.bands, self.tile());
        let lists = &mut self.by_pixel;
        let mut start = lists.starts[tile * PIXELS];
        lists.reserve(self.by_image.len());
        let mut next = count.map(|count| {
            let first = start;
            start += count;
            lists.starts.push(start);
            first
        });
        for image in tile * size..self.n_images.min((tile + 1) * size) {
            for list in image * bands..(image + 1) * bands {
                for ink in self.by_image.get(list) {
                    let place = &mut next[ink.at as usize];
                    lists.ink[*place as usize] = Ink { at: image as u32, x: ink.x };
                    *place += 1;
                }
            }
        }
    }
}

/// Lists the inked ones of the pixels `first` and on of an image, from place `end` on, and counts them. Returns the new end.
fn list_word(pixels: &[u8], first: usize, ink: &mut [Ink], mut end: usize, count: &mut [u32; PIXELS]) -> usize {
    let mut bits = inked(pixels);
    while bits != 0 {
        let i = bits.trailing_zeros() as usize;
        bits &= bits - 1;
        ink[end] = Ink { at: (first + i) as u32, x: pixel(pixels[i]) };
        count[first + i] += 1;
        end += 1;
    }
    end
}

/// A bit for each of up to [`WORD`] pixels, a multiple of eight: whether it is inked.
fn inked(pixels: &[u8]) -> u64 {
    /// All bits of eight bytes but the highest ones.
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    /// Moves the lowest bits of eight bytes side by side into the highest byte of the product.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for (eight, shift) in pixels.as_chunks().0.iter().zip((0..).step_by(8)) {
        let levels = u64::from_le_bytes(*eight);
        // No byte carries into the next: the highest bit of each is left out of the sum.
        let highest = ((levels & LOW) + LOW) | levels;
        bits |= ((highest & !LOW) >> 7).wrapping_mul(GATHER) >> 56 << shift;
    }
    bits
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
            let at = |image: usize, pixel: usize| images[image % images.len()][pixel];
            let n = images.len() * copies;
            prop_assert_eq!(ledger.n_images(), n);
            let mut total = 0;
            for image in 0..n {
                let listed: Vec<_> = (0..ledger.bands()).flat_map(|band| ledger.pixels(image, band)).copied().collect();
                let expected: Vec<_> = (0..PIXELS).filter(|&p| at(image, p) != 0).map(|p| Ink { at: p as u32, x: pixel(at(image, p)) }).collect();
                total += expected.len();
                prop_assert_eq!(listed, expected);
            }
            prop_assert_eq!(ledger.mean_ink(), total / n);
            for p in 0..PIXELS {
                let listed: Vec<_> = (0..ledger.tiles()).flat_map(|tile| ledger.images(tile, p)).copied().collect();
                let expected: Vec<_> = (0..n).filter(|&i| at(i, p) != 0).map(|i| Ink { at: i as u32, x: pixel(at(i, p)) }).collect();
                prop_assert_eq!(listed, expected);
            }
        }
    }
}
