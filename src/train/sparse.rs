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
//! Both run through a list of the [`Ledger`] and add rows of 16 nodes for four panels at once, so one entry of the list is
//! used 64 times. There is one load for each multiply-add, so what counts is where the rows come from. The forward product
//! goes through all images band by band, so that the inked weights of a band stay near. In the gradient the rows are those
//! of a batch's images, which stay near too; a larger batch is listed in tiles of images, if the optimizer allows.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::needless_range_loop, reason = "one number goes through several arrays")]

use std::array;

use super::dense::GROUP;
use super::ledger::{Ink, Ledger};
use super::network::{Nodes, Panel};
use super::update::{total, update};
use crate::data::PIXELS;
use crate::nn::optim::Rule;
use crate::simd::lanes::Lanes;
use crate::simd::tile::wide;
use crate::simd::{Simd, f32x16};

/// The weighted sums of the `nodes` of `panels`, for all images of the batch.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, ledger: &Ledger, panels: &[Panel], nodes: &mut [Nodes]) {
    let mut rest = (panels, nodes);
    while !rest.0.is_empty() {
        let size = part(rest.0.len());
        let ((panels, more), (nodes, others)) = (rest.0.split_at(size), rest.1.split_at_mut(size));
        match size {
            4 => forward_group::<S, 4>(simd, ledger, panels, nodes),
            2 => forward_group::<S, 2>(simd, ledger, panels, nodes),
            _ => forward_group::<S, 1>(simd, ledger, panels, nodes),
        }
        rest = (more, others);
    }
}

/// How many of so many panels go through the lists together: a power of two, for which there is a loop.
fn part(panels: usize) -> usize {
    (1 << panels.ilog2()).min(GROUP)
}

#[inline(always)]
fn forward_group<S: Simd, const G: usize>(simd: S, ledger: &Ledger, panels: &[Panel], nodes: &mut [Nodes]) {
    let (Some(panels), Some(nodes)) = (panels.first_chunk::<G>(), nodes.first_chunk_mut::<G>()) else { return };
    let n = ledger.n_images();
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
            let sum = gather(simd, ledger.pixels(image, band), rows, start);
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
        let size = part(rest.1.len());
        let ((nodes, others), (panels, more)) = (rest.0.split_at(size), rest.1.split_at_mut(size));
        match size {
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
        |nodes| &nodes.deltas[..ledger.n_images()],
    );
    debug_assert!(
        ledger.tiles() <= 1 || matches!(rule, Rule::Sgd { .. }),
        "a step for each tile is not the step for all"
    );
    for tile in 0..ledger.tiles() {
        for pixel in 0..PIXELS {
            let images = ledger.images(tile, pixel);
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
    if wide::<S>() {
        // Where a row is one register, each multiply-add would mostly wait for the one before: so two sums, of every other
        // entry (measured: 5 % of a step).
        let mut other = [f32x16::splat(simd, 0.0); G];
        let (pairs, rest) = list.as_chunks();
        for [a, b] in pairs {
            add(simd, &mut sum, a, rows);
            add(simd, &mut other, b, rows);
        }
        for ink in rest {
            add(simd, &mut sum, ink, rows);
        }
        for g in 0..G {
            sum[g] += other[g];
        }
    } else {
        for ink in list {
            add(simd, &mut sum, ink, rows);
        }
    }
    sum
}

/// `sum += x * rows[at]`
#[inline(always)]
fn add<S: Simd, const G: usize>(simd: S, sum: &mut [f32x16<S>; G], ink: &Ink, rows: [&[Lanes]; G]) {
    let x = f32x16::splat(simd, ink.x);
    let at = ink.at as usize;
    for g in 0..G {
        sum[g] = x.mul_add(rows[g][at].load(simd), sum[g]);
    }
}
