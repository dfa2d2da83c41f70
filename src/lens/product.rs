//! Matrix products in f64 whose bits depend on nothing but their own row and column.

use ndarray::{Array2, ArrayView2};

use crate::simd::{Level, Simd, dispatch};

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
            let sums = dispatch!(level, simd => tile(simd, strip, &panel));
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
fn tile<S: Simd>(_: S, strip: &[[f64; ROWS]], panel: &[[f64; COLUMNS]]) -> [[f64; COLUMNS]; ROWS] {
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
    }
}
