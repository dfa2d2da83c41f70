//! Words of 64 bits, one for each of 64 bytes, and squares of such words.

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// Bits of a word.
pub const WORD: usize = 64;

/// A bit for each byte, the first one's the lowest: whether it is not zero. For any processor, eight bytes at once.
#[inline(always)]
pub(super) fn nonzero(bytes: &[u8; WORD]) -> u64 {
    /// All bits of eight bytes but the highest ones.
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    /// Moves the lowest bits of eight bytes side by side into the highest byte of the product.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for (eight, shift) in bytes.as_chunks().0.iter().zip((0..).step_by(8)) {
        let eight = u64::from_le_bytes(*eight);
        // No byte carries into the next: the highest bit of each is left out of the sum.
        let highest = ((eight & LOW) + LOW) | eight;
        bits |= ((highest & !LOW) >> 7).wrapping_mul(GATHER) >> 56 << shift;
    }
    bits
}

/// [`nonzero`] in two registers of 32 bytes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn nonzero_by_halves(simd: V3, bytes: &[u8; WORD]) -> u64 {
    let halves: [[u8; WORD / 2]; 2] = pulp::cast(*bytes);
    let [low, high] = halves.map(
        #[inline(always)]
        |half| {
            let zeros = simd.avx2._mm256_cmpeq_epi8(pulp::cast(half), simd.avx._mm256_setzero_si256());
            u64::from(!simd.avx2._mm256_movemask_epi8(zeros).cast_unsigned())
        },
    );
    low | high << (WORD / 2)
}

/// [`nonzero`] in one register.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn nonzero_at_once(simd: V4, bytes: &[u8; WORD]) -> u64 {
    let bytes = pulp::cast(*bytes);
    simd.avx512bw._mm512_test_epi8_mask(bytes, bytes)
}

/// Turns a square of bits: bit j of word i becomes bit i of word j. First its quarters change places, then theirs, and so
/// on (Warren, *Hacker's Delight*, section 7-3).
#[inline(always)]
pub fn turn(square: &mut [u64; WORD]) {
    let mut mask = u64::MAX;
    for half in [32, 16, 8, 4, 2, 1] {
        mask ^= mask << half;
        for block in square.chunks_exact_mut(2 * half) {
            let (above, below) = block.split_at_mut(half);
            for (above, below) in above.iter_mut().zip(below) {
                let moved = (*above >> half ^ *below) & mask;
                *above ^= moved << half;
                *below ^= moved;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::{Level, Simd, dispatch};

    proptest! {
        #[test]
        fn a_bit_says_which_bytes_are_not_zero(
            bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(128), any::<u8>()], WORD),
        ) {
            let bytes: [u8; WORD] = bytes.try_into().unwrap();
            for level in Level::all() {
                let bits = dispatch!(level, simd => simd.nonzero_bytes(&bytes));
                for (i, &byte) in bytes.iter().enumerate() {
                    prop_assert_eq!(bits >> i & 1 == 1, byte != 0, "{:?} {}", level, i);
                }
            }
        }

        #[test]
        fn every_bit_changes_row_and_column(rows in prop::collection::vec(any::<u64>(), WORD)) {
            let from: [u64; WORD] = rows.try_into().unwrap();
            let mut to = from;
            turn(&mut to);
            for (i, j) in (0..WORD).flat_map(|i| (0..WORD).map(move |j| (i, j))) {
                prop_assert_eq!(to[j] >> i & 1, from[i] >> j & 1);
            }
        }
    }
}
