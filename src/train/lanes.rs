//! Sixteen numbers side by side, and matrices made of them.
//!
//! All matrices of a training step are cut into *panels* of 16 columns. The rows of a panel lie one after another, 64
//! bytes each: a cache line, and one or two or four vector registers. So the innermost loop of every product runs
//! straight through memory, and a panel is what one thread owns.
//!
//! ```text
//! columns  0..16   row 0 | row 1 | row 2 | …      <- panel 0
//! columns 16..32   row 0 | row 1 | row 2 | …      <- panel 1
//! ```
//!
//! The columns are nodes: panel p holds nodes 16 p to 16 p + 15. Where a layer's width is no multiple of 16, the last
//! panel is filled up with nodes whose weights and answers are always zero.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use crate::simd::{Simd, f32x16};

pub use crate::simd::LANES;

/// Sixteen numbers on one cache line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C, align(64))]
pub struct Lanes(pub [f32; LANES]);

impl Lanes {
    /// The row in a vector register.
    #[inline(always)]
    pub fn load<S: Simd>(&self, simd: S) -> f32x16<S> {
        f32x16::load(simd, &self.0)
    }

    /// The row from a vector register.
    #[inline(always)]
    pub fn store<S: Simd>(&mut self, value: f32x16<S>) {
        value.store(&mut self.0);
    }
}

/// Turns 16 rows into 16 columns: four rounds that each shuffle row i and row i + 8 together like two halves of a deck of
/// cards.
#[inline(always)]
pub fn transpose<S: Simd>(simd: S, block: &mut [Lanes; LANES]) {
    let mut rows = block.map(|row| row.load(simd));
    for _ in 0..4 {
        let mut next = rows;
        for i in 0..8 {
            next[2 * i] = rows[i].zip_low(rows[i + 8]);
            next[2 * i + 1] = rows[i].zip_high(rows[i + 8]);
        }
        rows = next;
    }
    for (to, row) in block.iter_mut().zip(rows) {
        to.store(row);
    }
}
