//! Sixteen numbers side by side, and matrices made of them.
//!
//! Matrices that are multiplied (those of a training step, those of a page of maps) are cut into *panels* of 16 columns.
//! The rows of a panel lie one after another, 64 bytes each: a cache line, and one or two or four vector registers. So the
//! innermost loop of every product runs straight through memory. In training a panel is what one thread owns.
//!
//! ```text
//! columns  0..16   row 0 | row 1 | row 2 | …      <- panel 0
//! columns 16..32   row 0 | row 1 | row 2 | …      <- panel 1
//! ```
//!
//! In training the columns are nodes: panel p holds nodes 16 p to 16 p + 15. Where a layer's width is no multiple of 16, the
//! last panel is filled up with nodes whose weights and answers are always zero.

#![expect(clippy::inline_always, reason = "the loops must take on the target features of their caller")]

use super::{Simd, f32x16};

pub use super::LANES;

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

/// Turns 16 rows into 16 columns.
#[inline(always)]
pub fn transpose<S: Simd>(simd: S, from: &[Lanes; LANES], to: &mut [Lanes; LANES]) {
    let from = from.each_ref().map(
        #[inline(always)]
        |row| &row.0,
    );
    let to = to.each_mut().map(
        #[inline(always)]
        |row| &mut row.0,
    );
    simd.transpose(from, to);
}

/// [`transpose`] of at most 16 rows, the missing ones zero.
#[inline(always)]
pub fn transpose_some<S: Simd>(simd: S, from: &[Lanes], to: &mut [Lanes; LANES]) {
    if let Ok(from) = from.try_into() {
        transpose(simd, from, to);
    } else {
        let mut rows = [Lanes::default(); LANES];
        rows[..from.len()].copy_from_slice(from);
        transpose(simd, &rows, to);
    }
}
