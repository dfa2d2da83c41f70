//! The tile of a dense product: C += A B with 16 columns a panel of B and C.
//!
//! R rows of P panels of C stay in registers while the loop runs through k. Each round reads P rows of B and R single
//! numbers of A, for R P vector multiply-adds: that is more arithmetic than loading, so the multipliers, not the memory,
//! set the pace. A tile's sums are taken in the order of k whoever computes it, so the bits do not depend on the threads.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]
#![expect(clippy::needless_pass_by_value, reason = "arrays and iterators of references")]

use std::array;

use super::lanes::{LANES, Lanes};
use super::{Simd, f32x16};

/// Whether a row of a panel fits in one register, of which there are then 32 (AVX-512): tiles are 8 rows of two panels, 16
/// sums. Else they are 6 rows of one panel, 12 sums in AVX2's 16 registers or 24 in NEON's 32.
#[inline(always)]
#[must_use]
pub fn wide<S: Simd>() -> bool {
    S::F32_LANES >= LANES
}

/// Rows of a tile of one panel.
#[inline(always)]
#[must_use]
pub fn rows<S: Simd>(_: S) -> usize {
    if wide::<S>() { 8 } else { 6 }
}

/// Rows that a batch's buffers have for `n` images: whole tiles of any size.
#[must_use]
pub fn padded(n: usize) -> usize {
    n.next_multiple_of(8).max(n.next_multiple_of(6))
}

/// C = A B + start for one panel.
#[inline(always)]
pub fn product_of_one<'a, S: Simd>(
    simd: S,
    n: usize,
    a: impl Iterator<Item = &'a [Lanes]>,
    b: &[Lanes],
    start: f32x16<S>,
    c: &mut [Lanes],
) {
    if wide::<S>() {
        product::<S, 8, 1>(simd, n, a, [b], [start], [c]);
    } else {
        product::<S, 6, 1>(simd, n, a, [b], [start], [c]);
    }
}

/// Panels of A that go through together.
const BAND: usize = 8;

/// C = A B + start for P panels, in tiles of R rows. For 128 numbers of k at a time, so that their rows of B stay in the
/// first-level cache while all rows of A go through; the sums meanwhile wait in C.
#[inline(always)]
pub fn product<'a, S: Simd, const R: usize, const P: usize>(
    simd: S,
    n: usize,
    mut a: impl Iterator<Item = &'a [Lanes]>,
    b: [&[Lanes]; P],
    start: [f32x16<S>; P],
    c: [&mut [Lanes]; P],
) {
    let rows = b[0].len();
    let b = b.map(|b| &b[..rows]);
    for begin in (0..rows).step_by(BAND * LANES) {
        let band: [&[Lanes]; BAND] = array::from_fn(
            #[inline(always)]
            |_| a.next().unwrap_or_default(),
        );
        let b = b.map(|b| &b[begin..rows.min(begin + BAND * LANES)]);
        for first in (0..n).step_by(R) {
            let mut sum = [start; R];
            if begin > 0 {
                for r in 0..R {
                    for p in 0..P {
                        sum[r][p] = c[p][first + r].load(simd);
                    }
                }
            }
            add_band(simd, &mut sum, band, first, b);
            for r in 0..R {
                for p in 0..P {
                    c[p][first + r].store(sum[r][p]);
                }
            }
        }
    }
}

/// Adds the product of rows `first..first + R` of some panels of A with B.
#[inline(always)]
fn add_band<S: Simd, const R: usize, const P: usize>(
    simd: S,
    sum: &mut [[f32x16<S>; P]; R],
    band: [&[Lanes]; BAND],
    first: usize,
    b: [&[Lanes]; P],
) {
    let rows = b[0].len();
    let b = b.map(|b| &b[..rows]);
    for (panel, at) in (0..rows).step_by(LANES).enumerate() {
        let Some(a) = band[panel][first..].first_chunk::<R>() else { return };
        if at + LANES <= rows {
            let b: [&[Lanes]; P] = b.map(|b| &b[at..at + LANES]);
            for k in 0..LANES {
                add(
                    simd,
                    sum,
                    #[inline(always)]
                    |r| a[r].0[k],
                    b.map(|b| &b[k]),
                );
            }
        } else {
            for k in 0..rows - at {
                add(
                    simd,
                    sum,
                    #[inline(always)]
                    |r| a[r].0[k],
                    b.map(|b| &b[at + k]),
                );
            }
        }
    }
}

/// `sum[r] += a(r) * b` for all rows of a tile.
#[inline(always)]
pub fn add<S: Simd, const R: usize, const P: usize>(
    simd: S,
    sum: &mut [[f32x16<S>; P]; R],
    a: impl Fn(usize) -> f32,
    b: [&Lanes; P],
) {
    let b = b.map(|b| b.load(simd));
    for (r, sum) in sum.iter_mut().enumerate() {
        let a = f32x16::splat(simd, a(r));
        for p in 0..P {
            sum[p] = a.mul_add(b[p], sum[p]);
        }
    }
}
