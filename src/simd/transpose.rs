//! Sixteen rows of sixteen numbers, turned into columns: in square blocks, as large as a register is long.

use pulp::bytemuck::{self, Pod};

use super::LANES;

/// Sixteen rows to read.
pub type Rows<'a> = [&'a [f32; LANES]; LANES];
/// Sixteen rows to write.
pub type RowsMut<'a> = [&'a mut [f32; LANES]; LANES];

/// Turns `from` into `to`, where `turn` does it for a block of L registers of L numbers; a row is R registers.
#[inline(always)]
pub fn in_blocks<V: Pod, const L: usize, const R: usize>(
    from: Rows<'_>,
    mut to: RowsMut<'_>,
    turn: impl Fn([V; L]) -> [V; L],
) where
    [V; R]: Pod,
{
    for row in 0..R {
        for column in 0..R {
            let mut block = [V::zeroed(); L];
            for (to, from) in block.iter_mut().zip(&from[row * L..]) {
                *to = bytemuck::cast_ref::<_, [V; R]>(*from)[column];
            }
            for (to, turned) in to[column * L..].iter_mut().zip(turn(block)) {
                bytemuck::cast_mut::<_, [V; R]>(*to)[row] = turned;
            }
        }
    }
}

/// Turns four registers of four numbers.
#[inline(always)]
pub fn fours([a, b, c, d]: [pulp::f32x4; 4]) -> [pulp::f32x4; 4] {
    [
        pulp::f32x4(a.0, b.0, c.0, d.0),
        pulp::f32x4(a.1, b.1, c.1, d.1),
        pulp::f32x4(a.2, b.2, c.2, d.2),
        pulp::f32x4(a.3, b.3, c.3, d.3),
    ]
}

/// Turns eight registers of eight numbers: pairs of rows are zipped, then pairs of pairs, each half of a register by
/// itself, and at last the halves are put together.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn eights(simd: pulp::x86::V3, rows: [pulp::f32x8; 8]) -> [pulp::f32x8; 8] {
    let avx = simd.avx;
    let mut fours = [[rows[0]; 4]; 2];
    for (fours, rows) in fours.iter_mut().zip(rows.as_chunks::<4>().0) {
        let [a, b, c, d] = [pulp::cast(rows[0]), pulp::cast(rows[1]), pulp::cast(rows[2]), pulp::cast(rows[3])];
        let (ab, cd) = (avx._mm256_unpacklo_ps(a, b), avx._mm256_unpacklo_ps(c, d));
        let (ab, cd) = (avx._mm256_castps_pd(ab), avx._mm256_castps_pd(cd));
        fours[0] = pulp::cast(avx._mm256_unpacklo_pd(ab, cd));
        fours[1] = pulp::cast(avx._mm256_unpackhi_pd(ab, cd));
        let (ab, cd) = (avx._mm256_unpackhi_ps(a, b), avx._mm256_unpackhi_ps(c, d));
        let (ab, cd) = (avx._mm256_castps_pd(ab), avx._mm256_castps_pd(cd));
        fours[2] = pulp::cast(avx._mm256_unpacklo_pd(ab, cd));
        fours[3] = pulp::cast(avx._mm256_unpackhi_pd(ab, cd));
    }
    let mut turned = rows;
    for i in 0..4 {
        let (a, b) = (pulp::cast(fours[0][i]), pulp::cast(fours[1][i]));
        turned[i] = pulp::cast(avx._mm256_permute2f128_ps::<0x20>(a, b));
        turned[i + 4] = pulp::cast(avx._mm256_permute2f128_ps::<0x31>(a, b));
    }
    turned
}

/// Turns sixteen registers of sixteen numbers: four rounds that each shuffle row i and row i + 8 together like two halves
/// of a deck of cards.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn sixteens(simd: pulp::x86::V4, mut rows: [pulp::f32x16; 16]) -> [pulp::f32x16; 16] {
    const FIRST: [u32; 16] = [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23];
    const SECOND: [u32; 16] = [8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31];
    for _ in 0..4 {
        let mut next = rows;
        for i in 0..8 {
            let (a, b) = (pulp::cast(rows[i]), pulp::cast(rows[i + 8]));
            next[2 * i] = pulp::cast(simd.avx512f._mm512_permutex2var_ps(a, pulp::cast(FIRST), b));
            next[2 * i + 1] = pulp::cast(simd.avx512f._mm512_permutex2var_ps(a, pulp::cast(SECOND), b));
        }
        rows = next;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Level, Simd, dispatch};

    #[test]
    fn every_number_changes_row_and_column() {
        let from: [[f32; LANES]; LANES] =
            std::array::from_fn(|row| std::array::from_fn(|column| (LANES * row + column) as f32));
        for level in Level::all() {
            let mut to = [[-1.0; LANES]; LANES];
            dispatch!(level, simd => simd.transpose(from.each_ref(), to.each_mut()));
            for (row, numbers) in to.iter().enumerate() {
                for (column, number) in numbers.iter().enumerate() {
                    assert_eq!(number.to_bits(), from[column][row].to_bits(), "{level:?} {row} {column}");
                }
            }
        }
    }
}
