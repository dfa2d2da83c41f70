//! The three products of a dense layer, for inputs that have no zeros worth skipping.
//!
//! With a batch of n images, K inputs and one panel of 16 nodes:
//!
//! ```text
//! forward    z  (n x 16)  =  a (n x K)   . w (K x 16)  + bias
//! backward   da (n x 16)  =  dz (n x M)  . w^T (M x 16)      one panel of the K inputs, from M nodes
//! gradient   dw (K x 16)  =  a^T (K x n) . dz (n x 16)
//! ```
//!
//! All three have the form C += A B with 16 columns of B and C, and are computed in tiles of R rows of C: R times 16
//! sums stay in registers while the loop runs through k. Each round reads one row of B, and R single numbers of A, for R
//! vector multiply-adds: that is more arithmetic than loading, so the multipliers, not the memory, set the pace.
//! A tile's sums are taken in the order of k whoever computes it, so the bits do not depend on the threads.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use fearless_simd::{Simd, f32x16, prelude::*};

use super::lanes::{LANES, Lanes, Panels, transpose};
use super::network::Panel;
use super::update::{total, update};
use crate::nn::optim::Rule;

/// Rows of a tile that fill the registers of this CPU: 16 sums of 16 lanes in AVX-512's 32 registers, 6 in the 16 of
/// AVX2 (two each), 6 in the 32 of NEON (four each).
#[inline(always)]
fn wide<S: Simd>() -> bool {
    S::f32s::LEN >= LANES
}

/// Rows that a batch's buffers have for `n` images: whole tiles of any size.
#[must_use]
pub fn padded(n: usize) -> usize {
    n.next_multiple_of(8) + 8
}

/// One panel of `z = a . w + bias`; `w` has a row for each input and, last, the bias. Rows of `z` past the batch, up to
/// the next whole tile, get meaningless numbers.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, n: usize, a: &Panels, w: &[Lanes], z: &mut [Lanes]) {
    let Some((bias, w)) = w.split_last() else { return };
    if wide::<S>() {
        product::<S, 8>(simd, n, a, w, bias, z);
    } else {
        product::<S, 6>(simd, n, a, w, bias, z);
    }
}

/// C = A B + start, in tiles of R rows.
#[inline(always)]
fn product<S: Simd, const R: usize>(simd: S, n: usize, a: &Panels, b: &[Lanes], start: &Lanes, c: &mut [Lanes]) {
    for (tile, c) in c[..n.next_multiple_of(R)].chunks_exact_mut(R).enumerate() {
        let mut sum = [start.load(simd); R];
        for (a, b) in a.iter().zip(b.chunks(LANES)) {
            let Some(a) = a[tile * R..].first_chunk::<R>() else { return };
            if let Ok(b) = <&[Lanes; LANES]>::try_from(b) {
                for k in 0..LANES {
                    add(
                        simd,
                        &mut sum,
                        #[inline(always)]
                        |r| a[r].0[k],
                        &b[k],
                    );
                }
            } else {
                for (k, b) in b.iter().enumerate() {
                    add(
                        simd,
                        &mut sum,
                        #[inline(always)]
                        |r| a[r].0[k],
                        b,
                    );
                }
            }
        }
        for (c, sum) in c.iter_mut().zip(sum) {
            c.store(sum);
        }
    }
}

/// `sum[r] += a(r) * b` for all rows of a tile.
#[inline(always)]
fn add<S: Simd, const R: usize>(simd: S, sum: &mut [f32x16<S>; R], a: impl Fn(usize) -> f32, b: &Lanes) {
    let b = b.load(simd);
    for (r, sum) in sum.iter_mut().enumerate() {
        *sum = f32x16::splat(simd, a(r)).mul_add(b, *sum);
    }
}

/// One panel of `da = dz . w^T`: the 16 inputs from `16 * panel` on. `turned` gets those inputs' weights in the form of a
/// panel (one row a node), a transposition that costs 1/n of the product.
#[inline(always)]
pub fn backward<'w, S: Simd>(
    simd: S,
    n: usize,
    dz: &Panels,
    weights: impl Iterator<Item = &'w [Lanes]>,
    panel: usize,
    turned: &mut [Lanes],
    da: &mut [Lanes],
) {
    for (turned, w) in turned.chunks_exact_mut(LANES).zip(weights) {
        let Ok(turned) = <&mut [Lanes; LANES]>::try_from(turned) else { return };
        // The last panel of inputs may have fewer than 16 rows before the bias; the rest stays zero.
        let inputs = w.len() - 1;
        let rows = &w[panel * LANES..inputs.min((panel + 1) * LANES)];
        turned[..rows.len()].copy_from_slice(rows);
        turned[rows.len()..].fill(Lanes::default());
        transpose(simd, turned);
    }
    let zero = Lanes::default();
    if wide::<S>() {
        product::<S, 8>(simd, n, dz, turned, &zero, da);
    } else {
        product::<S, 6>(simd, n, dz, turned, &zero, da);
    }
}

/// Changes the weights of `panel` by their gradient `dw = a^T . dz`, from the batch's inputs `a` and the loss's gradient
/// `dz` by the panel's weighted sums.
#[inline(always)]
pub fn learn<S: Simd>(simd: S, rule: Rule<f32>, a: &Panels, inputs: usize, dz: &[Lanes], panel: &mut Panel) {
    gradient(
        simd,
        a,
        inputs,
        dz,
        #[inline(always)]
        |row, g| update(simd, rule, panel, row, g),
    );
    update(simd, rule, panel, inputs, total(simd, dz));
}

/// One panel of `dw = a^T . dz`, handed to `apply` row by row: the input's number and its 16 gradients.
#[inline(always)]
fn gradient<S: Simd>(simd: S, a: &Panels, inputs: usize, dz: &[Lanes], mut apply: impl FnMut(usize, f32x16<S>)) {
    for (panel, a) in a.iter().enumerate() {
        let a = &a[..dz.len()];
        let first = panel * LANES;
        if wide::<S>() {
            outer::<S, 16>(
                simd,
                a,
                0,
                dz,
                #[inline(always)]
                |r, g| {
                    if first + r < inputs {
                        apply(first + r, g)
                    }
                },
            );
        } else {
            for (at, rows) in [(0, 6), (6, 5), (11, 5)] {
                if rows == 6 {
                    outer::<S, 6>(
                        simd,
                        a,
                        at,
                        dz,
                        #[inline(always)]
                        |r, g| {
                            if first + r < inputs {
                                apply(first + r, g)
                            }
                        },
                    );
                } else {
                    outer::<S, 5>(
                        simd,
                        a,
                        at,
                        dz,
                        #[inline(always)]
                        |r, g| {
                            if first + r < inputs {
                                apply(first + r, g)
                            }
                        },
                    );
                }
            }
        }
    }
}

/// The tile of rows `at..at + R` of `a^T . dz`.
#[inline(always)]
fn outer<S: Simd, const R: usize>(
    simd: S,
    a: &[Lanes],
    at: usize,
    dz: &[Lanes],
    mut apply: impl FnMut(usize, f32x16<S>),
) {
    let mut sum = [f32x16::splat(simd, 0.0); R];
    for (a, dz) in a.iter().zip(dz) {
        let Some(a) = a.0[at..].first_chunk::<R>() else { return };
        add(
            simd,
            &mut sum,
            #[inline(always)]
            |r| a[r],
            dz,
        );
    }
    for (r, sum) in sum.into_iter().enumerate() {
        apply(at + r, sum);
    }
}
