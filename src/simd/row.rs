//! Sixteen numbers in vector registers.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use super::LANES;
use super::token::{Row, Simd};

/// Sixteen numbers in one, two or four vector registers of the level of `S`.
#[expect(non_camel_case_types, reason = "as everywhere")]
#[derive(Debug, Clone, Copy)]
pub struct f32x16<S: Simd> {
    simd: S,
    row: S::Row,
}

impl<S: Simd> f32x16<S> {
    /// Sixteen times the same.
    #[inline(always)]
    pub fn splat(simd: S, value: f32) -> Self {
        Self::build(
            simd,
            #[inline(always)]
            |_| simd.splat_f32s(value),
        )
    }

    /// From memory.
    #[inline(always)]
    pub fn load(simd: S, from: &[f32; LANES]) -> Self {
        Self { simd, row: pulp::cast(*from) }
    }

    /// To memory.
    #[inline(always)]
    pub fn store(self, to: &mut [f32; LANES]) {
        *to = pulp::cast(self.row);
    }

    /// `self * factor + term`; rounded but once where the processor can.
    #[inline(always)]
    #[must_use]
    pub fn mul_add(self, factor: Self, term: Self) -> Self {
        Self::build(
            self.simd,
            #[inline(always)]
            |i| self.simd.mul_add(self.get(i), factor.get(i), term.get(i)),
        )
    }

    /// Square roots.
    #[inline(always)]
    #[must_use]
    pub fn sqrt(self) -> Self {
        self.map(
            #[inline(always)]
            |a| self.simd.sqrt_f32s(a),
        )
    }

    /// Absolute values.
    #[inline(always)]
    #[must_use]
    pub fn abs(self) -> Self {
        self.map(
            #[inline(always)]
            |a| self.simd.abs_f32s(a),
        )
    }

    /// These absolute values with the signs of `signs`.
    #[inline(always)]
    #[must_use]
    pub fn copysign(self, signs: Self) -> Self {
        let simd = self.simd;
        self.abs().zip_with(
            signs,
            #[inline(always)]
            |a, sign| simd.or_f32s(a, simd.and_f32s(sign, simd.splat_f32s(-0.0))),
        )
    }

    /// For each number `if self < other { yes } else { no }`.
    #[inline(always)]
    #[must_use]
    pub fn if_less(self, other: Self, yes: Self, no: Self) -> Self {
        let simd = self.simd;
        Self::build(
            simd,
            #[inline(always)]
            |i| simd.select_f32s(simd.less_than_f32s(self.get(i), other.get(i)), yes.get(i), no.get(i)),
        )
    }

    /// The same bits, moved up by `N`: numbers become other numbers.
    #[inline(always)]
    #[must_use]
    pub fn shift_bits<const N: u32>(self) -> Self {
        let simd = self.simd;
        self.map(
            #[inline(always)]
            |a| {
                let bits = simd.transmute_u32s_f32s(a);
                simd.transmute_f32s_u32s(simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(N)))
            },
        )
    }

    /// A bit for each number, the first one's the lowest: whether it is not zero.
    #[inline(always)]
    #[must_use]
    pub fn nonzero(self) -> u16 {
        let zero = self.simd.splat_f32s(0.0);
        let mut zeros = 0;
        for (i, &register) in self.row.as_ref().iter().enumerate() {
            zeros |= self.simd.bits(self.simd.equal_f32s(register, zero)) << (i * S::F32_LANES);
        }
        !(zeros as u16)
    }

    /// The sum of all. In which order they are added depends on the level.
    #[inline(always)]
    #[must_use]
    pub fn reduce_sum(self) -> f32 {
        let mut sum = self.get(0);
        for &register in &self.row.as_ref()[1..] {
            sum = self.simd.add_f32s(sum, register);
        }
        self.simd.reduce_sum_f32s(sum)
    }

    #[inline(always)]
    fn build(simd: S, f: impl Fn(usize) -> S::f32s) -> Self {
        Self { simd, row: S::Row::from_fn(f) }
    }

    #[inline(always)]
    fn get(self, i: usize) -> S::f32s {
        self.row.as_ref()[i]
    }

    #[inline(always)]
    fn map(self, f: impl Fn(S::f32s) -> S::f32s) -> Self {
        Self::build(
            self.simd,
            #[inline(always)]
            |i| f(self.get(i)),
        )
    }

    #[inline(always)]
    fn zip_with(self, other: Self, f: impl Fn(S::f32s, S::f32s) -> S::f32s) -> Self {
        Self::build(
            self.simd,
            #[inline(always)]
            |i| f(self.get(i), other.get(i)),
        )
    }
}

macro_rules! operator {
    ($trait:ident $name:ident $operation:ident) => {
        impl<S: Simd> $trait for f32x16<S> {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                self.zip_with(
                    other,
                    #[inline(always)]
                    |a, b| self.simd.$operation(a, b),
                )
            }
        }

        impl<S: Simd> $trait<f32> for f32x16<S> {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: f32) -> Self {
                self.$name(Self::splat(self.simd, other))
            }
        }
    };
}
operator!(Add add add_f32s);
operator!(Sub sub sub_f32s);
operator!(Mul mul mul_f32s);
operator!(Div div div_f32s);

impl<S: Simd> AddAssign for f32x16<S> {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<S: Simd> Neg for f32x16<S> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.map(
            #[inline(always)]
            |a| self.simd.neg_f32s(a),
        )
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "each number is rounded as the plain one is")]
mod tests {
    use std::array;

    use super::*;
    use crate::simd::{Level, dispatch};

    const A: [f32; LANES] =
        [0.0, -0.0, 1.0, -2.5, f32::NAN, 0.0, 1e-40, 7.0, 0.0, 0.0, f32::INFINITY, 3.0, -1.0, 0.0, 0.0, 8.0];

    fn b() -> [f32; LANES] {
        array::from_fn(|i| i as f32 - 4.0)
    }

    fn loaded<S: Simd>(simd: S) -> [f32x16<S>; 2] {
        [A, b()].map(|numbers| f32x16::load(simd, &numbers))
    }

    fn stored<S: Simd>(value: f32x16<S>) -> [u32; LANES] {
        let mut numbers = [9.0; LANES];
        value.store(&mut numbers);
        numbers.map(f32::to_bits)
    }

    fn plain(number: impl Fn(f32, f32) -> f32) -> [u32; LANES] {
        array::from_fn(|i| number(A[i], b()[i]).to_bits())
    }

    /// The same bits, but any NaN for a NaN.
    fn same(got: [u32; LANES], expected: [u32; LANES], what: &str, level: Level) {
        for (got, expected) in got.map(f32::from_bits).into_iter().zip(expected.map(f32::from_bits)) {
            let equal = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(equal, "{what}: {got}, not {expected}; {level:?}");
        }
    }

    #[test]
    fn every_level_computes_the_same_numbers() {
        for level in Level::all() {
            let check = |got, expected, what| same(got, expected, what, level);
            dispatch!(level, simd => {
                let [a, b] = loaded(simd);
                check(stored(a + b), plain(|a, b| a + b), "+");
                check(stored(a - b), plain(|a, b| a - b), "-");
                check(stored(a * b), plain(|a, b| a * b), "*");
                check(stored(a / b), plain(|a, b| a / b), "/");
                check(stored(b * 0.5), plain(|_, b| b * 0.5), "* 0.5");
                check(stored(b.mul_add(b, b)), plain(|_, b| b * b + b), "mul_add");
                check(stored(-a), plain(|a, _| -a), "neg");
                check(stored(a.abs()), plain(|a, _| a.abs()), "abs");
                check(stored(b.copysign(a)), plain(|a, b| b.copysign(a)), "copysign");
                check(stored(b.abs().sqrt()), plain(|_, b| b.abs().sqrt()), "sqrt");
                check(stored(a.if_less(b, b, a)), plain(|a, b| if a < b { b } else { a }), "if_less");
                check(stored(b.shift_bits::<3>()), plain(|_, b| f32::from_bits(b.to_bits() << 3)), "shift_bits");
            });
        }
    }

    #[test]
    fn a_bit_says_which_are_not_zero() {
        for level in Level::all() {
            let bits = dispatch!(level, simd => loaded(simd)[0].nonzero());
            assert_eq!(bits, 0b1001_1100_1101_1100, "{level:?}");
        }
    }

    #[test]
    fn the_sum_counts_each_number_once() {
        for level in Level::all() {
            let powers = array::from_fn(|i| (1 << i) as f32);
            let sum = dispatch!(level, simd => f32x16::load(simd, &powers).reduce_sum());
            assert_eq!(sum, 65_535.0, "{level:?}");
        }
    }
}
