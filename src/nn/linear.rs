//! One dense layer.

use ndarray::{Array1, Array2, NdFloat};

/// A dense layer: `z = x . weight^T + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear<F: NdFloat = f32> {
    /// `(out, in)`: row k holds what node k multiplies its inputs with.
    pub weight: Array2<F>,
    /// `(out)`.
    pub bias: Array1<F>,
}

impl<F: NdFloat> Linear<F> {
    /// Number of inputs of each node.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.weight.ncols()
    }

    /// Number of nodes.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.weight.nrows()
    }
}
