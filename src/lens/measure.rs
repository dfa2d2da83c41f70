//! Numbers of one map, or of two.

use super::scale;
use crate::data::SIDE;

/// Pearson's correlation; `None` if either side is constant.
#[must_use]
pub fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mut moments = Moments::default();
    a.iter().zip(b).for_each(|(&a, &b)| moments.add(a, b));
    moments.correlation()
}

/// Sums from which mean, variance and correlation of pairs follow. Everything is counted from the first pair, so
/// that a constant has exactly no variance and a large mean costs no digits.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Moments {
    n: f64,
    first: (f64, f64),
    sum: (f64, f64),
    squares: (f64, f64),
    products: f64,
}

impl Moments {
    /// Takes in one pair.
    pub fn add(&mut self, a: f64, b: f64) {
        if self.n == 0.0 {
            self.first = (a, b);
        }
        let (a, b) = (a - self.first.0, b - self.first.1);
        self.n += 1.0;
        self.sum = (self.sum.0 + a, self.sum.1 + b);
        self.squares = (self.squares.0 + a * a, self.squares.1 + b * b);
        self.products += a * b;
    }

    /// Pearson's correlation of all pairs; `None` if either side is constant.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let covariance = self.n * self.products - self.sum.0 * self.sum.1;
        let a = self.n * self.squares.0 - self.sum.0 * self.sum.0;
        let b = self.n * self.squares.1 - self.sum.1 * self.sum.1;
        let correlation = covariance / (a.sqrt() * b.sqrt());
        (a > 0.0 && b > 0.0).then_some(correlation.clamp(-1.0, 1.0))
    }
}

/// Structure index, the answer to "is this noise?": half the sum of the mean horizontal and the mean vertical product
/// of neighbours in the mean-centred map, over its variance. 0 for noise, 1 for one smooth shape; `None` for a flat map.
///
/// # Panics
/// If the map is not 28x28.
#[must_use]
pub fn structure(map: &[f64]) -> Option<f64> {
    let mean = map.iter().sum::<f64>() / map.len() as f64;
    let centred: Vec<f64> = map.iter().map(|v| v - mean).collect();
    let variance = centred.iter().map(|v| v * v).sum::<f64>() / map.len() as f64;
    let rows = centred.chunks_exact(SIDE);
    let horizontal: f64 = rows.map(|row| row.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>()).sum();
    let vertical: f64 = centred.iter().zip(&centred[SIDE..]).map(|(above, below)| above * below).sum();
    let pairs = (SIDE * (SIDE - 1)) as f64;
    let (low, high) = scale::range(map)?;
    (low < high && variance > 0.0).then(|| (horizontal + vertical) / (2.0 * pairs) / variance)
}

/// Mean of the values that are known; `None` if none is.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (sum, n) = values.into_iter().flatten().fold((0.0, 0u32), |(sum, n), v| (sum + v, n + 1));
    (n > 0).then(|| sum / f64::from(n))
}
