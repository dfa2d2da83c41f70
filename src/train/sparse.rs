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
//! Both run through a list and add rows of 16 nodes for G panels at once, so one entry of the list is used 16 G times.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use std::array;

use fearless_simd::{Simd, f32x16, prelude::*};

use super::evaluate::pixel;
use super::lanes::Lanes;
use super::network::{Nodes, Panel};
use super::update::{total, update};
use crate::data::{PIXELS, Split};
use crate::nn::optim::Rule;

/// Most panels that go through the lists together: as many sums as fill the registers, and few enough that their rows of
/// a batch stay in the first-level cache.
pub const GROUP: usize = 4;

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
pub struct Lists {
    /// Where each list begins, and the end of the last one.
    starts: Vec<u32>,
    ink: Vec<Ink>,
}

impl Lists {
    /// List `i`.
    #[must_use]
    pub fn get(&self, i: usize) -> &[Ink] {
        &self.ink[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}

/// The ink of a batch. The buffers are kept from batch to batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// The images themselves, one after another.
    pixels: Vec<u8>,
    /// For each image the pixels.
    pub by_image: Lists,
    /// For each pixel the images.
    pub by_pixel: Lists,
}

impl Batch {
    /// Number of images.
    #[must_use]
    pub fn n_images(&self) -> usize {
        self.by_image.starts.len() - 1
    }

    /// Inked pixels an image.
    #[must_use]
    pub fn mean_ink(&self) -> usize {
        self.by_image.ink.len() / self.n_images().max(1)
    }

    /// Lists the ink of `images` of `split`.
    pub fn fill(&mut self, split: &Split, images: &[u32]) {
        let mut count = [0u32; PIXELS];
        let lists = &mut self.by_image;
        lists.starts.clear();
        lists.ink.clear();
        // The images lie far apart in memory. A plain copy has many of them under way at once; listing them from their
        // places would wait for each.
        self.pixels.clear();
        for &image in images {
            self.pixels.extend_from_slice(split.image(image as usize));
        }
        for image in self.pixels.chunks_exact(PIXELS) {
            lists.starts.push(lists.ink.len() as u32);
            list_image(image, &mut lists.ink, &mut count);
        }
        lists.starts.push(lists.ink.len() as u32);
        self.turn(&count);
    }

    /// Makes `by_pixel` from `by_image`: a counting sort, so each pixel's images stay in order.
    fn turn(&mut self, count: &[u32; PIXELS]) {
        let n = self.n_images();
        let lists = &mut self.by_pixel;
        lists.ink.resize(self.by_image.ink.len(), Ink::default());
        lists.starts.clear();
        let mut next = [0u32; PIXELS];
        let mut start = 0;
        for (next, &count) in next.iter_mut().zip(count) {
            lists.starts.push(start);
            *next = start;
            start += count;
        }
        lists.starts.push(start);
        for image in 0..n {
            for ink in self.by_image.get(image) {
                let place = &mut next[ink.at as usize];
                lists.ink[*place as usize] = Ink { at: image as u32, x: ink.x };
                *place += 1;
            }
        }
    }
}

/// Appends the inked pixels of one image, eight pixels at a look.
fn list_image(pixels: &[u8], ink: &mut Vec<Ink>, count: &mut [u32; PIXELS]) {
    let mut end = ink.len();
    ink.resize(end + PIXELS, Ink::default());
    for (block, pixels) in pixels.chunks_exact(8).enumerate() {
        if u64::from_le_bytes(array::from_fn(|i| pixels[i])) == 0 {
            continue;
        }
        for (i, &level) in pixels.iter().enumerate() {
            // A pixel without ink is written too, and overwritten by the next: cheaper than a branch that nobody can foresee.
            let at = block * 8 + i;
            ink[end] = Ink { at: at as u32, x: pixel(level) };
            count[at] += u32::from(level != 0);
            end += usize::from(level != 0);
        }
    }
    ink.truncate(end);
}

/// The weighted sums of the `nodes` of `panels` (at most [`GROUP`]), for all images of the batch.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, batch: &Batch, panels: &[Panel], nodes: &mut [Nodes]) {
    match panels.len() {
        4 => forward_group::<S, 4>(simd, batch, panels, nodes),
        3 => forward_group::<S, 3>(simd, batch, panels, nodes),
        2 => forward_group::<S, 2>(simd, batch, panels, nodes),
        _ => forward_group::<S, 1>(simd, batch, panels, nodes),
    }
}

#[inline(always)]
fn forward_group<S: Simd, const G: usize>(simd: S, batch: &Batch, panels: &[Panel], nodes: &mut [Nodes]) {
    let rows: [_; G] = array::from_fn(|g| &panels[g].weights[..]);
    let bias = rows.map(|rows| rows[PIXELS].load(simd));
    for image in 0..batch.n_images() {
        let sum = gather(simd, batch.by_image.get(image), rows, bias);
        for (nodes, sum) in nodes.iter_mut().zip(sum) {
            nodes.answers[image].store(sum);
        }
    }
}

/// Changes the weights of `panels` (at most [`GROUP`]) by their gradient, from the deltas of their `nodes`.
#[inline(always)]
pub fn learn<S: Simd>(simd: S, batch: &Batch, rule: Rule<f32>, nodes: &[Nodes], panels: &mut [Panel]) {
    match panels.len() {
        4 => learn_group::<S, 4>(simd, batch, rule, nodes, panels),
        3 => learn_group::<S, 3>(simd, batch, rule, nodes, panels),
        2 => learn_group::<S, 2>(simd, batch, rule, nodes, panels),
        _ => learn_group::<S, 1>(simd, batch, rule, nodes, panels),
    }
}

#[inline(always)]
fn learn_group<S: Simd, const G: usize>(
    simd: S,
    batch: &Batch,
    rule: Rule<f32>,
    nodes: &[Nodes],
    panels: &mut [Panel],
) {
    let zero = [f32x16::splat(simd, 0.0); G];
    let dz: [_; G] = array::from_fn(|g| &nodes[g].deltas[..batch.n_images()]);
    for pixel in 0..PIXELS {
        let images = batch.by_pixel.get(pixel);
        if images.is_empty() && rule.rests() {
            continue;
        }
        let sum = gather(simd, images, dz, zero);
        for (panel, sum) in panels.iter_mut().zip(sum) {
            update(simd, rule, panel, pixel, sum);
        }
    }
    for (panel, dz) in panels.iter_mut().zip(dz) {
        update(simd, rule, panel, PIXELS, total(simd, dz));
    }
}

/// `start + sum over the list of x * rows[at]`, for G panels.
#[inline(always)]
fn gather<S: Simd, const G: usize>(
    simd: S,
    list: &[Ink],
    rows: [&[Lanes]; G],
    start: [f32x16<S>; G],
) -> [f32x16<S>; G] {
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
