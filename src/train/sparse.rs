//! The first layer's products for images that are mostly zeros: only inked pixels cost anything.
//!
//! Of MNIST's pixels 19 % are inked. A batch is listed twice: for each image its inked pixels (for the forward product),
//! and for each pixel the images that ink it (for the gradient).
//!
//! ```text
//! forward    z[i]  = bias + sum over the inked pixels p of image i of x[i][p] * w[p]
//! gradient   dw[p] = sum over the images i that ink pixel p of x[i][p] * dz[i]
//! ```
//!
//! Both run through a list and add rows of 16 nodes for four or eight panels at once, so one entry of the list is used 64
//! or 128 times. There is one load for each multiply-add, so what counts is where the rows come from. The forward product
//! goes through all images band by band: the inked weights of a band stay in the first-level cache, and the second-level
//! one would be too slow. In the gradient the rows are those of a batch's images: of a small batch those of eight panels
//! stay in that cache, of a larger one those of four. A batch that is still larger is listed in tiles of images,
//! if the optimizer allows.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::needless_range_loop, reason = "one number goes through several arrays")]

use std::array;

use super::evaluate::pixel;
use super::lanes::Lanes;
use super::network::{Nodes, Panel};
use super::tile::wide;
use super::update::{total, update};
use crate::data::PIXELS;
use crate::nn::optim::Rule;
use crate::simd::{Simd, f32x16};

/// Most panels that go through the lists together, in a batch of at most [`FEW`] images and in a larger one.
const GROUPS: [usize; 2] = [8, 4];
/// See [`GROUPS`].
const FEW: usize = 64;
/// Bands of an image, for as many panels as [`GROUPS`] says.
const BANDS: [usize; 2] = [7, 4];
/// Images of a tile.
const TILE: usize = 128;
/// Pixels looked at together when looking for ink.
const LOOK: usize = 4;
const _: () = assert!(
    PIXELS.is_multiple_of(BANDS[0] * LOOK) && PIXELS.is_multiple_of(BANDS[1] * LOOK),
    "no pixel may be left out"
);

/// One entry of a list: the pixel (or the image) and how dark it is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Ink {
    /// Number of the pixel, or of the image in the batch.
    at: u32,
    /// 0..=1, never 0.
    x: f32,
}

/// Lists of ink, one after another in one buffer.
#[derive(Debug, Default)]
struct Lists {
    /// Where each list begins, and the end of the last one.
    starts: Vec<u32>,
    ink: Vec<Ink>,
}

impl Lists {
    fn get(&self, i: usize) -> &[Ink] {
        &self.ink[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}

/// The ink of a batch. The buffers are kept from batch to batch.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Whether larger batches are listed in tiles.
    tiled: bool,
    n_images: usize,
    /// For each image and each of its bands the pixels.
    by_image: Lists,
    /// For each tile of images and each pixel the images.
    by_pixel: Lists,
}

impl Ledger {
    /// For a rule whose step along a sum is the sum of its steps, [`Rule::Sgd`]: [`learn`] takes a step for each tile of
    /// images, whose deltas then stay in the cache.
    #[must_use]
    pub fn tiled() -> Self {
        Self { tiled: true, ..Self::default() }
    }

    fn tile(&self) -> usize {
        if self.tiled { TILE } else { self.n_images.max(1) }
    }

    /// Inked pixels an image.
    #[must_use]
    pub fn mean_ink(&self) -> usize {
        self.by_image.ink.len() / self.n_images.max(1)
    }

    /// How many panels are best computed together.
    #[must_use]
    pub fn group(&self) -> usize {
        GROUPS[usize::from(self.n_images > FEW)]
    }

    fn bands(&self) -> usize {
        BANDS[usize::from(self.n_images > FEW)]
    }

    /// Lists the ink of `images`, [`PIXELS`] bytes each.
    pub fn fill(&mut self, images: &[u8]) {
        self.n_images = images.len() / PIXELS;
        let bands = self.bands();
        self.by_image.ink.clear();
        for lists in [&mut self.by_image, &mut self.by_pixel] {
            lists.starts.clear();
            lists.starts.push(0);
        }
        for (tile, images) in images.chunks(self.tile() * PIXELS).enumerate() {
            let mut count = [0u32; PIXELS];
            let lists = &mut self.by_image;
            for image in images.chunks_exact(PIXELS) {
                let mut first = 0;
                for band in image.chunks_exact(PIXELS / bands) {
                    list_band(band, first, &mut lists.ink, &mut count);
                    lists.starts.push(lists.ink.len() as u32);
                    first += band.len();
                }
            }
            self.turn(tile, &count);
        }
    }

    /// Lists a tile `by_pixel` too: a counting sort, so each pixel's images stay in order.
    fn turn(&mut self, tile: usize, count: &[u32; PIXELS]) {
        let (bands, size) = (self.bands(), self.tile());
        let lists = &mut self.by_pixel;
        let mut start = lists.starts[tile * PIXELS];
        // Not shorter: what is there would be written over twice.
        lists.ink.resize(lists.ink.len().max(self.by_image.ink.len()), Ink::default());
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

/// Appends the inked ones of the pixels `first` and on of an image.
fn list_band(pixels: &[u8], first: usize, ink: &mut Vec<Ink>, count: &mut [u32; PIXELS]) {
    let mut end = ink.len();
    ink.resize(end + pixels.len(), Ink::default());
    for (look, pixels) in pixels.chunks_exact(LOOK).enumerate() {
        if pixels == [0; LOOK] {
            continue;
        }
        for (i, &level) in pixels.iter().enumerate() {
            // A pixel without ink is written too, and overwritten by the next: cheaper than a branch that no processor
            // can foresee.
            let at = first + look * LOOK + i;
            ink[end] = Ink { at: at as u32, x: pixel(level) };
            count[at] += u32::from(level != 0);
            end += usize::from(level != 0);
        }
    }
    ink.truncate(end);
}

/// The weighted sums of the `nodes` of `panels`, for all images of the batch.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, ledger: &Ledger, panels: &[Panel], nodes: &mut [Nodes]) {
    let mut rest = (panels, nodes);
    while !rest.0.is_empty() {
        let size = part::<S>(rest.0.len());
        let ((panels, more), (nodes, others)) = (rest.0.split_at(size), rest.1.split_at_mut(size));
        match size {
            8 => forward_group::<S, 8>(simd, ledger, panels, nodes),
            4 => forward_group::<S, 4>(simd, ledger, panels, nodes),
            2 => forward_group::<S, 2>(simd, ledger, panels, nodes),
            _ => forward_group::<S, 1>(simd, ledger, panels, nodes),
        }
        rest = (more, others);
    }
}

/// How many of so many panels go through the lists together: a power of two, for which there is a loop, and no more than
/// there are registers for.
#[inline(always)]
fn part<S: Simd>(panels: usize) -> usize {
    (1 << panels.ilog2()).min(if wide::<S>() { 8 } else { 4 })
}

#[inline(always)]
fn forward_group<S: Simd, const G: usize>(simd: S, ledger: &Ledger, panels: &[Panel], nodes: &mut [Nodes]) {
    let (Some(panels), Some(nodes)) = (panels.first_chunk::<G>(), nodes.first_chunk_mut::<G>()) else { return };
    let n = ledger.n_images;
    let rows = panels.each_ref().map(
        #[inline(always)]
        |panel| &panel.weights[..],
    );
    // One length for all, so that one bounds check serves all.
    let mut z = nodes.each_mut().map(
        #[inline(always)]
        |nodes| &mut nodes.answers[..n],
    );
    for (z, rows) in z.iter_mut().zip(rows) {
        z.fill(rows[PIXELS]);
    }
    let bands = ledger.bands();
    for band in 0..bands {
        for image in 0..n {
            let start = array::from_fn(
                #[inline(always)]
                |g| z[g][image].load(simd),
            );
            let sum = gather(simd, ledger.by_image.get(image * bands + band), rows, start);
            for g in 0..G {
                z[g][image].store(sum[g]);
            }
        }
    }
}

/// Changes the weights of `panels` by their gradient, from the deltas of their `nodes`. Of a [tiled](Ledger::tiled) ledger
/// only SGD can learn.
#[inline(always)]
pub fn learn<S: Simd>(simd: S, ledger: &Ledger, rule: Rule<f32>, nodes: &[Nodes], panels: &mut [Panel]) {
    let mut rest = (nodes, panels);
    while !rest.1.is_empty() {
        let size = part::<S>(rest.1.len());
        let ((nodes, others), (panels, more)) = (rest.0.split_at(size), rest.1.split_at_mut(size));
        match size {
            8 => learn_group::<S, 8>(simd, ledger, rule, nodes, panels),
            4 => learn_group::<S, 4>(simd, ledger, rule, nodes, panels),
            2 => learn_group::<S, 2>(simd, ledger, rule, nodes, panels),
            _ => learn_group::<S, 1>(simd, ledger, rule, nodes, panels),
        }
        rest = (others, more);
    }
}

#[inline(always)]
fn learn_group<S: Simd, const G: usize>(
    simd: S,
    ledger: &Ledger,
    rule: Rule<f32>,
    nodes: &[Nodes],
    panels: &mut [Panel],
) {
    let zero = [f32x16::splat(simd, 0.0); G];
    let Some(nodes) = nodes.first_chunk::<G>() else { return };
    let dz = nodes.each_ref().map(
        #[inline(always)]
        |nodes| &nodes.deltas[..ledger.n_images],
    );
    let tiles = ledger.n_images.div_ceil(ledger.tile());
    debug_assert!(tiles <= 1 || matches!(rule, Rule::Sgd { .. }), "a step for each tile is not the step for all");
    for tile in 0..tiles {
        for pixel in 0..PIXELS {
            let images = ledger.by_pixel.get(tile * PIXELS + pixel);
            if images.is_empty() && rule.rests() {
                continue;
            }
            let sum = gather(simd, images, dz, zero);
            update(simd, rule, panels, pixel, sum);
        }
    }
    let mut bias = zero;
    for (bias, dz) in bias.iter_mut().zip(dz) {
        *bias = total(simd, dz);
    }
    update(simd, rule, panels, PIXELS, bias);
}

/// `start + sum over the list of x * rows[at]`, for G panels.
#[inline(always)]
fn gather<S: Simd, const G: usize>(
    simd: S,
    list: &[Ink],
    rows: [&[Lanes]; G],
    start: [f32x16<S>; G],
) -> [f32x16<S>; G] {
    // One length for all, so that one bounds check serves all.
    let n = rows[0].len();
    let rows = rows.map(|rows| &rows[..n]);
    let mut sum = start;
    for ink in list {
        let x = f32x16::splat(simd, ink.x);
        let at = ink.at as usize;
        for g in 0..G {
            sum[g] = x.mul_add(rows[g][at].load(simd), sum[g]);
        }
    }
    sum
}
