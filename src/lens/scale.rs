//! From a map's values to grey levels.

#![expect(clippy::inline_always, reason = "only code inlined into `dispatch!` is compiled for the processor at hand")]

use serde::{Deserialize, Serialize};

use super::backproject::Precision;
use crate::data::SIDE;
use crate::simd::{Level, Simd, dispatch};

/// Which values the levels 0 and 255 stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Scale {
    /// Each node from its own lowest to its own highest value, as in the article.
    #[default]
    Node,
    /// All nodes of the layer alike.
    Layer,
    /// Each node from -a to +a, a its highest absolute value: zero is mid grey.
    Symmetric,
    /// Each node from the 1st to the 99th percentile of its values; what lies outside takes the nearer end.
    Percentile,
}

impl Scale {
    /// All scales, in the order in which a key goes through them.
    pub const ALL: [Self; 4] = [Self::Node, Self::Layer, Self::Symmetric, Self::Percentile];

    /// The values that become 0 and 255 for a map; `layer` is the [`range`] of all maps of its layer.
    #[must_use]
    pub fn range<F: Precision>(self, values: &[F], layer: (f64, f64)) -> (f64, f64) {
        let (low, high) = range(values).unwrap_or_default();
        match self {
            Self::Node => (low, high),
            Self::Layer => layer,
            Self::Symmetric => {
                let a = low.abs().max(high.abs());
                (-a, a)
            }
            // A map that is constant but for a few pixels has no such scale.
            Self::Percentile => Some((percentile(values, 0.01), percentile(values, 0.99)))
                .filter(|(p1, p99)| p1 < p99)
                .unwrap_or((low, high)),
        }
    }
}

/// The value below which the share `p` of `values` lies, between two of them in proportion (numpy's default).
fn percentile<F: Precision>(values: &[F], p: f64) -> f64 {
    let mut sorted: Vec<f64> = values.iter().map(|&v| v.into()).collect();
    let at = p * sorted.len().saturating_sub(1) as f64;
    if sorted.is_empty() {
        return 0.0;
    }
    let (_, &mut below, above) = sorted.select_nth_unstable_by(at as usize, f64::total_cmp);
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(below);
    below + at.fract() * (next - below)
}

/// The level of a map that has no scale, because all its values are the same.
pub const FLAT: u8 = 127;

/// Lowest and highest value. Values that are not finite are passed over; `None` if no other is left.
#[must_use]
pub fn range<F: Precision>(values: &[F]) -> Option<(f64, f64)> {
    let (low, high) = dispatch!(Level::new(), simd => range_here(simd, values));
    (low <= high).then(|| (low.into(), high.into()))
}

/// Whether all values that are finite are the same. Of most maps the first two differ.
#[must_use]
pub fn is_flat<F: Precision>(values: &[F]) -> bool {
    let mut finite = values.iter().filter(|v| v.is_finite());
    finite.next().is_none_or(|first| finite.all(|v| v == first))
}

#[inline(always)]
fn range_here<S: Simd, F: Precision>(_: S, values: &[F]) -> (F, F) {
    // Sixteen of each, so that the compiler can compare several values at once.
    let (mut low, mut high) = ([F::infinity(); 16], [F::neg_infinity(); 16]);
    let mut chunks = values.chunks_exact(16);
    for chunk in &mut chunks {
        for ((low, high), &v) in low.iter_mut().zip(&mut high).zip(chunk) {
            *low = if v < *low && v > F::neg_infinity() { v } else { *low };
            *high = if v > *high && v < F::infinity() { v } else { *high };
        }
    }
    let rest = chunks.remainder().iter().filter(|v| v.is_finite());
    let (lows, highs) = (low.iter().chain(rest.clone()), high.iter().chain(rest));
    (lows.fold(F::infinity(), |a, &b| a.min(b)), highs.fold(F::neg_infinity(), |a, &b| a.max(b)))
}

/// The level of each value when `low` is 0 and `high` is 255: `trunc(255 t)`, `t = (v - low) / (high - low)`. The
/// division comes first, so that the highest is exactly 255. Values outside the range take the nearer end, and one
/// that is not a number is drawn as the lowest.
///
/// An empty range (`low >= high`) has no scale: [`FLAT`] all over.
#[must_use]
pub fn levels<F: Precision>(values: &[F], (low, high): (f64, f64)) -> Box<[u8]> {
    if low >= high {
        return vec![FLAT; values.len()].into();
    }
    // Of numbers so large that their distance is infinite, halves are taken; else nothing is changed.
    let unit = if (high - low).is_finite() { 1.0 } else { 0.5 };
    let (low, width) = (low * unit, high * unit - low * unit);
    let mut levels = vec![0; values.len()];
    dispatch!(Level::new(), simd => levels_here(simd, values, (unit, low, width), &mut levels));
    levels.into()
}

/// From here on f64 holds whole numbers alone, and the last bits of one are the last bits of the number.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// Written so that the compiler can do several values at once, which it cannot with a cast.
#[inline(always)]
fn levels_here<S: Simd, F: Precision>(_: S, values: &[F], (unit, low, width): (f64, f64, f64), levels: &mut [u8]) {
    for (level, &v) in levels.iter_mut().zip(values) {
        let v: f64 = v.into();
        let t = 255.0 * ((v * unit - low) / width);
        // What is not a number is not above zero either.
        let t = if t > 0.0 { t } else { 0.0 };
        let t = if t < 255.0 { t } else { 255.0 };
        let nearest = (t + WHOLE) - WHOLE;
        let below = if nearest > t { nearest - 1.0 } else { nearest };
        *level = (below + WHOLE).to_bits() as u8;
    }
}

/// N(v) of the article: a node's own lowest value becomes 0, its highest 255.
#[must_use]
pub fn node_levels(values: &[f64]) -> Box<[u8]> {
    levels(values, range(values).unwrap_or_default())
}

/// A picture of [`SIDE`] x [`SIDE`] values at `side` x `side`: each new pixel is the mean of the values over its area,
/// where a value that it covers in part counts by the part.
#[must_use]
pub fn resample<F: Precision>(values: &[F], side: usize) -> Vec<f64> {
    resample_to(values, side, side)
}

/// The same at `width` x `height`.
#[must_use]
pub fn resample_to<F: Precision>(values: &[F], width: usize, height: usize) -> Vec<f64> {
    // One row of weights for each new pixel, in units of 1/n of an old pixel: whole numbers, so exact.
    let weights = |n: usize| -> Vec<Vec<(usize, f64)>> {
        let row = |i: usize| {
            let (start, end) = (i * SIDE, (i + 1) * SIDE);
            let covered = start / n..end.div_ceil(n);
            covered.map(|j| (j, (end.min((j + 1) * n) - start.max(j * n)) as f64)).collect()
        };
        (0..n).map(row).collect()
    };
    let (across, down) = (weights(width), weights(height));
    let area = (SIDE * SIDE) as f64;
    let mut picture = Vec::with_capacity(width * height);
    for rows in &down {
        for columns in &across {
            let row = |y: usize| columns.iter().map(|&(x, w)| w * values[y * SIDE + x].into()).sum::<f64>();
            picture.push(rows.iter().map(|&(y, w)| w * row(y)).sum::<f64>() / area);
        }
    }
    picture
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bit equality is what is claimed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // import numpy as np
    // v = np.array([-1.5, 0.1, 0.25, 2.0, 0.3], np.float32).astype(float)
    // t = (v - v.min()) / (v.max() - v.min()); print(np.trunc(255 * t).astype(int))
    #[test]
    fn lowest_is_0_highest_is_255_and_the_rest_is_cut_off() {
        assert_eq!(*node_levels(&[-1.5, f64::from(0.1f32), 0.25, 2.0, f64::from(0.3f32)]), [0, 116, 127, 255, 131]);
    }

    #[test]
    fn a_flat_map_is_mid_grey() {
        assert_eq!(*node_levels(&[3.5; 4]), [FLAT; 4]);
        assert_eq!(*node_levels(&[f64::NAN; 2]), [FLAT; 2]);
    }

    #[test]
    fn values_that_are_no_numbers_leave_the_scale_of_the_others_alone() {
        let values = [f64::NAN, f64::NEG_INFINITY, 1.0, 2.0, 3.0, f64::INFINITY];
        assert_eq!(*node_levels(&values), [0, 0, 0, 127, 255, 255]);
    }

    #[test]
    fn a_distance_beyond_the_largest_number_is_scaled_all_the_same() {
        assert_eq!(*node_levels(&[f64::MIN, 0.0, f64::MAX]), [0, 127, 255]);
    }

    // import numpy as np; v = np.arange(784.) ** 2 % 1009 - 300; print(np.percentile(v, [1, 99]))
    #[test]
    fn the_percentile_scale_cuts_one_in_a_hundred_off_each_end() {
        let values: Vec<f64> = (0..784).map(|i| f64::from(i * i % 1009) - 300.0).collect();
        let (low, high) = Scale::Percentile.range(&values, (0.0, 0.0));
        approx::assert_relative_eq!(low, -294.17, max_relative = 1e-12);
        approx::assert_relative_eq!(high, 703.17, max_relative = 1e-12);
        let mut spike = vec![2.0; 784];
        spike[5] = 7.0;
        assert_eq!(Scale::Percentile.range(&spike, (0.0, 0.0)), (2.0, 7.0));
    }

    // import numpy as np; a = np.arange(784.).reshape(28, 28) ** 2
    // for side, (y, x) in [(14, (3, 5)), (20, (13, 7)), (24, (23, 0))]:
    //     W = np.zeros((side, 28))
    //     for i in range(side):
    //         for j in range(28):
    //             W[i, j] = max(0, min((i + 1) * 28 / side, j + 1) - max(i * 28 / side, j)) * side / 28
    //     print(side, repr((W @ a @ W.T)[y, x]))
    #[test]
    fn a_smaller_picture_averages_over_areas() {
        let squares: Vec<f64> = (0..784).map(|i| f64::from(i * i)).collect();
        let expected = [(14, (3, 5), 37_252.5), (20, (13, 7), 276_868.285_714_285_86), (24, (23, 0), 565_815.0)];
        for (side, (y, x), expected) in expected {
            let picture = resample(&squares, side);
            approx::assert_relative_eq!(picture[y * side + x], expected, max_relative = 1e-13);
        }
        assert_eq!(resample(&squares, 28), squares);
        // Twice as wide as high: the mean of two rows.
        let wide = resample_to(&squares, 28, 14);
        approx::assert_relative_eq!(wide[5 * 28 + 9], f64::midpoint(squares[289], squares[317]), max_relative = 1e-13);
    }

    proptest! {
        #[test]
        fn levels_keep_the_order_and_reach_both_ends(values in prop::collection::vec(-1e30f64..1e30, 2..200)) {
            let (low, high) = range(&values).unwrap();
            let levels = node_levels(&values);
            for (&v, &level) in values.iter().zip(&levels) {
                prop_assert!(low <= v && v <= high);
                for (&w, &other) in values.iter().zip(&levels) {
                    prop_assert!(v < w || level >= other);
                }
                prop_assert!(low == high || (v != low || level == 0) && (v != high || level == 255));
            }
        }

        #[test]
        fn any_bits_have_a_level(bits in prop::collection::vec(any::<u64>(), 0..50)) {
            let values: Vec<f64> = bits.into_iter().map(f64::from_bits).collect();
            prop_assert_eq!(node_levels(&values).len(), values.len());
            prop_assert_eq!(is_flat(&values), range(&values).is_none_or(|(low, high)| low >= high));
        }

        /// A cast takes the nearer end of what is outside, and 0 for what is not a number.
        #[test]
        fn a_level_is_the_value_without_its_fraction(
            values in prop::collection::vec(prop_oneof![4 => -0.2f64..1.2, 1 => any::<f64>(), 1 => (0u8..=255).prop_map(|v| f64::from(v) / 255.0)], 0..100),
        ) {
            let expected: Vec<u8> = values.iter().map(|v| (255.0 * v) as u8).collect();
            prop_assert_eq!(&*levels(&values, (0.0, 1.0)), expected);
        }

        #[test]
        fn a_smaller_picture_keeps_the_mean_and_stays_in_the_range(
            values in prop::collection::vec(-1.0f64..1.0, 784), side in 1usize..=28,
        ) {
            let picture = resample(&values, side);
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!((mean(&picture) - mean(&values)).abs() < 1e-12);
            let (low, high) = range(&values).unwrap();
            prop_assert!(picture.iter().all(|&v| low - 1e-12 <= v && v <= high + 1e-12));
        }
    }
}
