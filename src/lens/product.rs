//! Matrix products: in f64 with bits that depend on nothing but their own row and column, and in f32 as fast as they go.

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::simd::lanes::{LANES, Lanes};
use crate::simd::{Level, Simd, dispatch, f32x16, multiplies_whole, tile};

/// Rows and columns of the answer that are summed up together, in registers.
const ROWS: usize = 4;
const COLUMNS: usize = 8;

/// `left . right`. Each sum is taken in the order of its terms, each product and each sum rounded once. So a row of the
/// answer depends on that row of `left` alone, and every machine gets the same bits; a library's product promises
/// neither.
///
/// # Panics
/// If `left` has not as many columns as `right` has rows.
#[must_use]
pub fn in_order(left: &ArrayView2<f64>, right: &ArrayView2<f64>) -> Array2<f64> {
    assert_eq!(left.ncols(), right.nrows(), "columns of the left matrix, rows of the right one");
    let (m, terms, n) = (left.nrows(), left.ncols(), right.ncols());
    let mut out = Array2::zeros((m, n));

    // Strips of both matrices in the order in which the sums want them; what is over the edge is zero and dropped.
    let mut strips = vec![[0.0; ROWS]; m.div_ceil(ROWS) * terms];
    for ((i, t), &value) in left.indexed_iter() {
        strips[i / ROWS * terms + t][i % ROWS] = value;
    }
    let mut panel = vec![[0.0; COLUMNS]; terms];
    let level = Level::new();
    for start in (0..n).step_by(COLUMNS) {
        let columns = COLUMNS.min(n - start);
        for (t, four) in panel.iter_mut().enumerate() {
            for (c, value) in four[..columns].iter_mut().enumerate() {
                *value = right[[t, start + c]];
            }
        }
        for i in (0..m).step_by(ROWS) {
            let strip = &strips[i / ROWS * terms..][..terms];
            let sums = dispatch!(level, simd => sums(simd, strip, &panel));
            for (r, sums) in sums[..ROWS.min(m - i)].iter().enumerate() {
                for (c, &sum) in sums[..columns].iter().enumerate() {
                    out[[i + r, start + c]] = sum;
                }
            }
        }
    }
    out
}

/// One tile of the answer. Plain loops, which the compiler turns into vectors for the processor at hand.
#[inline(always)]
#[expect(clippy::inline_always, reason = "only code inlined into `dispatch!` is compiled for the processor at hand")]
fn sums<S: Simd>(_: S, strip: &[[f64; ROWS]], panel: &[[f64; COLUMNS]]) -> [[f64; COLUMNS]; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for (left, right) in strip.iter().zip(panel) {
        for (sums, &l) in sums.iter_mut().zip(left) {
            for (sum, &r) in sums.iter_mut().zip(right) {
                *sum += l * r;
            }
        }
    }
    sums
}

/// `left . right`. Where registers are multiplied whole, in the tiles that training uses: measured, all 778 maps of
/// 784-512-256-10 take a sixth less time. Elsewhere, in halves or with smaller registers, the library's product is the
/// faster one (measured on Zen 4: by a quarter).
///
/// # Panics
/// If `left` has not as many columns as `right` has rows.
#[must_use]
pub fn quick(left: &ArrayView2<f32>, right: &ArrayView2<f32>) -> Array2<f32> {
    assert_eq!(left.ncols(), right.nrows(), "columns of the left matrix, rows of the right one");
    if multiplies_whole() { in_tiles(Level::new(), left, right) } else { left.dot(right) }
}

/// `left . right` in pairs of panels.
fn in_tiles(level: Level, left: &ArrayView2<f32>, right: &ArrayView2<f32>) -> Array2<f32> {
    let (m, terms, n) = (left.nrows(), left.ncols(), right.ncols());
    let mut out = Array2::zeros((m, n));
    let empty = |rows| vec![Lanes::default(); rows];
    let mut factors = vec![empty(tile::padded(m)); terms.div_ceil(LANES)];
    for (panel, start) in factors.iter_mut().zip((0..).step_by(LANES)) {
        cut(left, start, panel);
    }
    let factors = factors.iter().map(Vec::as_slice);
    let mut pair = [(); 2].map(|()| empty(terms));
    let mut sums = [(); 2].map(|()| empty(tile::padded(m)));
    for start in (0..n).step_by(2 * LANES) {
        let starts = [start, n.min(start + LANES)];
        for (panel, start) in pair.iter_mut().zip(starts) {
            cut(right, start, panel);
        }
        let (panels, into) = (pair.each_ref().map(|panel| &panel[..]), sums.each_mut().map(|sums| &mut sums[..]));
        dispatch!(level, simd => {
            tile::product::<_, 8, 2>(simd, m, factors.clone(), panels, [f32x16::splat(simd, 0.0); 2], into);
        });
        for (sums, start) in sums.iter().zip(starts) {
            let mut out = out.slice_axis_mut(Axis(1), Slice::from(start..n.min(start + LANES)));
            for (mut to, from) in out.rows_mut().into_iter().zip(sums) {
                to.iter_mut().zip(from.0).for_each(|(to, sum)| *to = sum);
            }
        }
    }
    out
}

/// Copies the panel of `matrix` that starts at column `start`; of what is over the edge nothing.
fn cut(matrix: &ArrayView2<f32>, start: usize, panel: &mut [Lanes]) {
    let columns = matrix.slice_axis(Axis(1), Slice::from(start..matrix.ncols().min(start + LANES)));
    for (to, from) in panel.iter_mut().zip(columns.rows()) {
        to.0.iter_mut().zip(from).for_each(|(to, &value)| *to = value);
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bit equality is what is claimed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_sum_is_taken_in_order((m, k, n) in (0usize..10, 0usize..80, 0usize..20), seed in any::<u32>()) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) / 7.0;
            let left = Array2::from_shape_fn((m, k), |(i, j)| value(i * k + j));
            let right = Array2::from_shape_fn((n, k), |(i, j)| value(1_000_000 + i * n + j)).reversed_axes();
            let product = in_order(&left.view(), &right.view());
            for ((i, j), &sum) in product.indexed_iter() {
                let expected = (0..k).fold(0.0, |sum, t| sum + left[[i, t]] * right[[t, j]]);
                prop_assert_eq!(sum, expected);
            }
        }

        #[test]
        fn the_quick_product_is_near_it(
            (m, k, n) in (0usize..40, 0usize..300, 0usize..70), turned: [bool; 2], seed in any::<u32>(),
        ) {
            let value = |i: usize| ((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000) as f32 / 1000.0;
            let matrix = |first: usize, (rows, columns): (usize, usize), turned: bool| {
                let matrix = |rows, columns| Array2::from_shape_fn((rows, columns), |(i, j)| value(first + i * columns + j));
                if turned { matrix(columns, rows).reversed_axes() } else { matrix(rows, columns) }
            };
            let (left, right) = (matrix(0, (m, k), turned[0]), matrix(1_000_000, (k, n), turned[1]));
            let exact = in_order(&left.mapv(f64::from).view(), &right.mapv(f64::from).view());
            let (left, right) = (left.view(), right.view());
            let in_tiles = Level::all().map(|level| in_tiles(level, &left, &right));
            for product in in_tiles.chain([quick(&left, &right)]) {
                prop_assert_eq!(product.dim(), exact.dim());
                for (&sum, &exact) in product.iter().zip(&exact) {
                    prop_assert!((f64::from(sum) - exact).abs() <= 1e-5 * (1.0 + exact), "{} instead of {}", sum, exact);
                }
            }
        }
    }
}
