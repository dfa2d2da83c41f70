//! Products with images, most of whose pixels have no ink.

#![expect(clippy::inline_always, reason = "only code inlined into `dispatch!` is compiled for the processor at hand")]

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis};

use super::backproject::Precision;
use crate::data::{PIXELS, Split};
use crate::simd::{Level, Simd, dispatch};

/// Columns of a product that are summed up together, in registers.
const WIDTH: usize = 32;

/// A matrix without its zeros, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Sparse<F> {
    n_columns: usize,
    /// Where each row begins in the other two, and where the last one ends.
    starts: Vec<usize>,
    columns: Vec<u16>,
    values: Vec<F>,
}

impl<F: Precision> Sparse<F> {
    /// Images of `split` by their places, `(images, 784)`, ink from 0 to 1.
    ///
    /// # Panics
    /// If an image is not there.
    #[must_use]
    pub fn images(split: &Split, images: &[usize]) -> Self {
        let ink: Vec<F> = (0..=u8::MAX).map(|level| F::of(f32::from(level)) / F::of(255.0)).collect();
        let rows = images.iter().map(|&i| split.image(i).iter().map(|&level| ink[usize::from(level)]));
        Self::from_rows(PIXELS, rows)
    }

    /// The same matrix without its zeros.
    #[must_use]
    pub fn dense(matrix: &ArrayView2<F>) -> Self {
        Self::from_rows(matrix.ncols(), matrix.rows().into_iter().map(|row| row.into_iter().copied()))
    }

    fn from_rows(n_columns: usize, rows: impl Iterator<Item = impl Iterator<Item = F>>) -> Self {
        let mut sparse = Self { n_columns, starts: vec![0], columns: Vec::new(), values: Vec::new() };
        for row in rows {
            for (column, value) in row.enumerate().filter(|(_, value)| *value != F::zero()) {
                sparse.columns.push(column as u16);
                sparse.values.push(value);
            }
            sparse.starts.push(sparse.values.len());
        }
        sparse
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// What is not zero in a row: columns and values.
    ///
    /// # Panics
    /// If the row is not there.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (usize, F)> {
        let at = self.starts[row]..self.starts[row + 1];
        self.columns[at.clone()].iter().map(|&column| column.into()).zip(self.values[at].iter().copied())
    }

    /// Its columns as rows.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.n_columns + 1];
        self.columns.iter().for_each(|&column| starts[usize::from(column) + 1] += 1);
        for column in 0..self.n_columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut turned = Self {
            n_columns: self.n_rows(),
            starts,
            columns: vec![0; self.columns.len()],
            values: vec![F::zero(); self.values.len()],
        };
        for row in 0..self.n_rows() {
            for (column, value) in self.row(row) {
                (turned.columns[next[column]], turned.values[next[column]]) = (row as u16, value);
                next[column] += 1;
            }
        }
        turned
    }

    /// The matrix with its zeros.
    #[must_use]
    pub fn to_dense(&self) -> Array2<F> {
        let mut dense = Array2::zeros((self.n_rows(), self.n_columns));
        for row in 0..self.n_rows() {
            self.row(row).for_each(|(column, value)| dense[[row, column]] = value);
        }
        dense
    }

    /// The sum of all rows.
    #[must_use]
    pub fn sum(&self) -> Array1<F> {
        let mut sum = Array1::zeros(self.n_columns);
        self.columns.iter().zip(&self.values).for_each(|(&column, &value)| sum[usize::from(column)] += value);
        sum
    }

    /// `self . right`. Each sum is taken in the order of its terms, so it depends on nothing but its own row and column.
    ///
    /// # Panics
    /// If `right` has fewer rows than this has columns.
    #[must_use]
    pub fn dot(&self, right: &Panels<F>) -> Array2<F> {
        let mut product = Array2::zeros((self.n_rows(), right.n_columns));
        let level = Level::new();
        for (panel, at) in right.panels.iter().zip((0..).step_by(WIDTH)) {
            let columns = at..right.n_columns.min(at + WIDTH);
            let out = product.slice_axis_mut(Axis(1), columns.into());
            dispatch!(level, simd => self.dot_panel(simd, panel, out));
        }
        product
    }

    #[inline(always)]
    fn dot_panel<S: Simd>(&self, _: S, panel: &[[F; WIDTH]], mut out: ArrayViewMut2<F>) {
        for (row, mut out) in out.rows_mut().into_iter().enumerate() {
            let at = self.starts[row]..self.starts[row + 1];
            let mut sums = [F::zero(); WIDTH];
            for (&column, &value) in self.columns[at.clone()].iter().zip(&self.values[at]) {
                for (sum, &right) in sums.iter_mut().zip(&panel[usize::from(column)]) {
                    *sum += value * right;
                }
            }
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum);
        }
    }
}

/// The right side of a product, cut into strips whose sums fit into registers.
#[derive(Debug, Clone)]
pub struct Panels<F> {
    n_columns: usize,
    panels: Vec<Vec<[F; WIDTH]>>,
}

impl<F: Precision> Panels<F> {
    /// The strips of a matrix.
    #[must_use]
    pub fn new(matrix: &ArrayView2<F>) -> Self {
        let panel = |at: usize| {
            let mut panel = vec![[F::zero(); WIDTH]; matrix.nrows()];
            let columns = at..matrix.ncols().min(at + WIDTH);
            for (i, column) in matrix.slice_axis(Axis(1), columns.into()).columns().into_iter().enumerate() {
                panel.iter_mut().zip(column).for_each(|(row, &value)| row[i] = value);
            }
            panel
        };
        Self { n_columns: matrix.ncols(), panels: (0..matrix.ncols()).step_by(WIDTH).map(panel).collect() }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bit equality is what is claimed")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_those_of_the_whole_matrix_and_taken_in_order(
            (m, k, n) in (0usize..9, 1usize..40, 0usize..70), seed in any::<u32>(),
        ) {
            let value = |i: usize| f64::from((i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) % 1000);
            let left = Array2::from_shape_fn((m, k), |(i, j)| (value(i * k + j) - 600.0).max(0.0) / 7.0);
            let right = Array2::from_shape_fn((k, n), |(i, j)| value(1_000_000 + i * n + j) / 3.0);
            let sparse = Sparse::dense(&left.view());
            prop_assert_eq!(&sparse.transposed(), &Sparse::dense(&left.t()));
            prop_assert_eq!(&sparse.to_dense(), &left);
            prop_assert_eq!(sparse.sum(), left.columns().into_iter().map(|column| column.fold(0.0, |sum, value| sum + value)).collect::<Array1<f64>>());
            for ((i, j), &sum) in sparse.dot(&Panels::new(&right.view())).indexed_iter() {
                prop_assert_eq!(sum, (0..k).fold(0.0, |sum, t| sum + left[[i, t]] * right[[t, j]]));
            }
        }
    }
}
