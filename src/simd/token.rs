//! What the loops ask of a level beyond `pulp`'s own trait.

use std::fmt::Debug;

use pulp::Scalar128b;
#[cfg(target_arch = "aarch64")]
use pulp::aarch64::Neon;
use pulp::bytemuck::Pod;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

use super::bits::{WORD, nonzero};
#[cfg(target_arch = "x86_64")]
use super::bits::{nonzero_at_once, nonzero_by_halves};
use super::transpose::{Rows, RowsMut, fours, in_blocks};
#[cfg(target_arch = "x86_64")]
use super::transpose::{eights, sixteens};

/// Proof that the processor has the registers of a level.
pub trait Simd: pulp::Simd {
    /// The registers of sixteen numbers.
    type Row: Row<Self::f32s>;

    /// `a b + c`; fused where the processor can.
    #[inline(always)]
    fn mul_add(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s {
        self.mul_add_e_f32s(a, b, c)
    }

    /// Turns sixteen rows into sixteen columns.
    fn transpose(self, from: Rows<'_>, to: RowsMut<'_>);

    /// A bit for each number, the first one's the lowest: whether `mask` is set there.
    fn bits(self, mask: Self::m32s) -> u32;

    /// A bit for each byte, the first one's the lowest: whether it is not zero.
    #[inline(always)]
    fn nonzero_bytes(self, bytes: &[u8; WORD]) -> u64 {
        nonzero(bytes)
    }
}

/// An array of registers.
pub trait Row<V>: Pod + Debug + Send + Sync + AsRef<[V]> {
    /// The registers `f(0)`, `f(1)`, …
    fn from_fn(f: impl Fn(usize) -> V) -> Self;
}

/// Written out: `array::from_fn` might not be inlined, and then it would be compiled for any processor.
macro_rules! row {
    ($($i:literal)*) => {
        impl<V: Pod + Debug + Send + Sync> Row<V> for [V; [$($i),*].len()] {
            #[inline(always)]
            fn from_fn(f: impl Fn(usize) -> V) -> Self {
                [$(f($i)),*]
            }
        }
    };
}
row!(0);
row!(0 1);
row!(0 1 2 3);

#[cfg(target_arch = "x86_64")]
impl Simd for V4 {
    type Row = [pulp::f32x16; 1];

    #[inline(always)]
    fn transpose(self, from: Rows<'_>, to: RowsMut<'_>) {
        in_blocks::<_, 16, 1>(
            from,
            to,
            #[inline(always)]
            |rows| sixteens(self, rows),
        );
    }

    #[inline(always)]
    fn bits(self, mask: pulp::b16) -> u32 {
        mask.0.into()
    }

    #[inline(always)]
    fn nonzero_bytes(self, bytes: &[u8; WORD]) -> u64 {
        nonzero_at_once(self, bytes)
    }
}

#[cfg(target_arch = "x86_64")]
impl Simd for V3 {
    type Row = [pulp::f32x8; 2];

    #[inline(always)]
    fn transpose(self, from: Rows<'_>, to: RowsMut<'_>) {
        in_blocks::<_, 8, 2>(
            from,
            to,
            #[inline(always)]
            |rows| eights(self, rows),
        );
    }

    #[inline(always)]
    fn bits(self, mask: pulp::m32x8) -> u32 {
        self.avx._mm256_movemask_ps(pulp::cast(mask)).cast_unsigned()
    }

    #[inline(always)]
    fn nonzero_bytes(self, bytes: &[u8; WORD]) -> u64 {
        nonzero_by_halves(self, bytes)
    }
}

#[cfg(target_arch = "aarch64")]
impl Simd for Neon {
    type Row = [pulp::f32x4; 4];

    #[inline(always)]
    fn transpose(self, from: Rows<'_>, to: RowsMut<'_>) {
        in_blocks::<_, 4, 4>(from, to, fours);
    }

    #[inline(always)]
    fn bits(self, mask: pulp::m32x4) -> u32 {
        bits_of_four(self, mask)
    }
}

impl Simd for Scalar128b {
    type Row = [pulp::f32x4; 4];

    /// In two steps: without an instruction for it, a fused one is a call into a library.
    #[inline(always)]
    fn mul_add(self, a: pulp::f32x4, b: pulp::f32x4, c: pulp::f32x4) -> pulp::f32x4 {
        pulp::Simd::add_f32s(self, pulp::Simd::mul_f32s(self, a, b), c)
    }

    #[inline(always)]
    fn transpose(self, from: Rows<'_>, to: RowsMut<'_>) {
        in_blocks::<_, 4, 4>(from, to, fours);
    }

    #[inline(always)]
    fn bits(self, mask: pulp::m32x4) -> u32 {
        bits_of_four(self, mask)
    }
}

#[inline(always)]
fn bits_of_four<S: pulp::Simd<m32s = pulp::m32x4, u32s = pulp::u32x4>>(simd: S, mask: pulp::m32x4) -> u32 {
    let pulp::u32x4(a, b, c, d) = simd.select_u32s(mask, pulp::u32x4(1, 2, 4, 8), simd.splat_u32s(0));
    a | b | c | d
}
