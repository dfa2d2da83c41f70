//! One dense layer.

#![expect(clippy::needless_pass_by_value, reason = "a view is a reference already")]

use ndarray::{Array1, Array2, ArrayView2, Axis, NdFloat};

/// A dense layer: `z = x . weight^T + bias`.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear<F: NdFloat = f32> {
    /// `(out, in)`: row k holds what node k multiplies its inputs with.
    pub weight: Array2<F>,
    /// `(out)`.
    pub bias: Array1<F>,
}

impl<F: NdFloat> Linear<F> {
    /// A layer of zeros: what gradients and the optimizers' memories begin as.
    #[must_use]
    pub fn zeros(inputs: usize, nodes: usize) -> Self {
        Self { weight: Array2::zeros((nodes, inputs)), bias: Array1::zeros(nodes) }
    }

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

    /// Weight, row by row, and bias as slices.
    ///
    /// # Panics
    /// If an array is not in ndarray's standard layout; every layer that this program makes or reads is.
    #[must_use]
    #[expect(clippy::expect_used, reason = "an invariant of the type, not of the input")]
    pub fn flat(&self) -> [&[F]; 2] {
        let layout = "layers are in standard layout";
        [self.weight.as_slice().expect(layout), self.bias.as_slice().expect(layout)]
    }

    /// [`Linear::flat`], to be changed.
    ///
    /// # Panics
    /// If an array is not in ndarray's standard layout.
    #[must_use]
    #[expect(clippy::expect_used, reason = "an invariant of the type, not of the input")]
    pub fn flat_mut(&mut self) -> [&mut [F]; 2] {
        let layout = "layers are in standard layout";
        [self.weight.as_slice_mut().expect(layout), self.bias.as_slice_mut().expect(layout)]
    }

    /// The weighted sums `z` (n, out) of the inputs `x` (n, in).
    #[must_use]
    pub fn forward(&self, x: ArrayView2<F>) -> Array2<F> {
        x.dot(&self.weight.t()) + &self.bias
    }

    /// The gradient of a loss by this layer's parameters, from the inputs `x` (n, in) and `dz` (n, out), the loss's
    /// gradient by the weighted sums: `dW = dz^T . x`, `db = sum of dz's rows`.
    #[must_use]
    pub fn gradient(x: ArrayView2<F>, dz: ArrayView2<F>) -> Self {
        Self { weight: dz.t().dot(&x).as_standard_layout().into_owned(), bias: dz.sum_axis(Axis(0)) }
    }

    /// The loss's gradient (n, in) by the inputs, from the one by the weighted sums: `dx = dz . W`.
    #[must_use]
    pub fn backward(&self, dz: ArrayView2<F>) -> Array2<F> {
        dz.dot(&self.weight)
    }
}
