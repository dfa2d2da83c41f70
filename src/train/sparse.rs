//! The first layer's products for images that are mostly zeros: only inked pixels cost anything.
//!
//! Of MNIST's pixels 19 % are inked. A batch is listed twice: for each pair of images the pixels that either inks (for the
//! forward product), and for each pair of pixels the images that ink either (for the gradient).
//!
//! ```text
//! forward    z[i]  = bias + sum over the inked pixels p of image i of x[i][p] * w[p]
//! gradient   dw[p] = sum over the images i that ink pixel p of x[i][p] * dz[i]
//! ```
//!
//! Both run through the lists of a [`Ledger`] and add rows of 16 nodes for several panels at once. An entry of a list is two
//! numbers x, of two images in the forward product and of two pixels in the gradient, so each row that is loaded is used
//! twice. What counts then is where the rows come from. The forward product goes through all images band by band, so that
//! the inked weights of a band stay near. In the gradient the rows are those of a batch's images, which stay near too; a
//! larger batch is listed in tiles of images, if the optimizer allows.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::needless_range_loop, reason = "one number goes through several arrays")]

use super::dense::GROUP;
use super::evaluate::pixel;
use super::ledger::{Ink, Ledger, PAIR};
use super::network::{Nodes, Panel};
use super::update::{total, update};
use crate::data::PIXELS;
use crate::nn::optim::Rule;
use crate::simd::lanes::Lanes;
use crate::simd::tile::wide;
use crate::simd::{Simd, apart, f32x16};

/// The weighted sums `z` of the nodes of `panels`, for all images of the batch.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, ledger: &Ledger, panels: &[Panel], z: &mut [&mut [Lanes]]) {
    let mut rest = (panels, z);
    while !rest.0.is_empty() {
        let size = part::<S>(rest.0.len());
        let ((panels, more), (z, others)) = (rest.0.split_at(size), rest.1.split_at_mut(size));
        match size {
            4 => apart!(simd => forward_group::<S, 4>(simd, ledger, panels, z)),
            2 => apart!(simd => forward_group::<S, 2>(simd, ledger, panels, z)),
            _ => apart!(simd => forward_group::<S, 1>(simd, ledger, panels, z)),
        }
        rest = (more, others);
    }
}

/// How many of so many panels go through the lists together: a power of two, for which there is a loop, and as many as there
/// are registers for the sums of.
#[inline(always)]
fn part<S: Simd>(panels: usize) -> usize {
    (1 << panels.ilog2()).min(if wide::<S>() { GROUP } else { GROUP / 2 })
}

#[inline(always)]
fn forward_group<S: Simd, const G: usize>(simd: S, ledger: &Ledger, panels: &[Panel], z: &mut [&mut [Lanes]]) {
    let (Some(panels), Some(z)) = (panels.first_chunk::<G>(), z.first_chunk_mut::<G>()) else { return };
    let n = ledger.n_images();
    let rows = panels.each_ref().map(
        #[inline(always)]
        |panel| &panel.weights[..],
    );
    let bias = rows.map(
        #[inline(always)]
        |rows| rows[PIXELS].load(simd),
    );
    // One length for all, so that one bounds check serves all.
    let z = z.each_mut().map(
        #[inline(always)]
        |z| &mut z[..n],
    );
    for band in 0..Ledger::bands() {
        for (pair, &[a, b]) in ledger.pairs().iter().enumerate() {
            let images = [a as usize, b as usize];
            assert!(images[0] < n && images[1] < n, "one check for all that follows");
            let mut sums = [bias; PAIR];
            if band > 0 {
                for i in 0..PAIR {
                    for g in 0..G {
                        sums[i][g] = z[g][images[i]].load(simd);
                    }
                }
            }
            add(simd, &mut sums, ledger.pixels(pair, band), rows);
            for i in 0..PAIR {
                for g in 0..G {
                    z[g][images[i]].store(sums[i][g]);
                }
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
            4 => apart!(simd => learn_group::<S, 4>(simd, ledger, rule, nodes, panels)),
            2 => apart!(simd => learn_group::<S, 2>(simd, ledger, rule, nodes, panels)),
            _ => apart!(simd => learn_group::<S, 1>(simd, ledger, rule, nodes, panels)),
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
        for pair in 0..PIXELS / PAIR {
            let images = ledger.images(tile, pair);
            if images.is_empty() && rule.rests() {
                continue;
            }
            let mut sums = [zero; PAIR];
            add(simd, &mut sums, images, dz);
            for i in 0..PAIR {
                update(simd, rule, panels, PAIR * pair + i, sums[i]);
            }
        }
    }
    let mut bias = zero;
    for (bias, dz) in bias.iter_mut().zip(dz) {
        *bias = total(simd, dz);
    }
    update(simd, rule, panels, PIXELS, bias);
}

/// `sums[i] += sum over the list of x[i] * rows[at]`, for G panels.
#[inline(always)]
fn add<S: Simd, const G: usize>(simd: S, sums: &mut [[f32x16<S>; G]; PAIR], list: &[Ink], rows: [&[Lanes]; G]) {
    // One length for all, so that one bounds check serves all.
    let n = rows[0].len();
    let rows = rows.map(
        #[inline(always)]
        |rows| &rows[..n],
    );
    for Ink { at, levels } in list {
        let x = levels.map(
            #[inline(always)]
            |level| f32x16::splat(simd, pixel(level)),
        );
        for g in 0..G {
            let row = rows[g][*at as usize].load(simd);
            for i in 0..PAIR {
                sums[i][g] = x[i].mul_add(row, sums[i][g]);
            }
        }
    }
}
