//! The multilayer perceptron.

#![expect(clippy::needless_pass_by_value, reason = "a view is a reference already")]

use ndarray::{Array2, ArrayView2, NdFloat};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Activation, Init, Linear};

/// What a network is before it has weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Number of inputs (784).
    pub inputs: usize,
    /// Nodes of each hidden layer; none for a network without hidden layers.
    pub hidden: Vec<usize>,
    /// Number of classes (10).
    pub outputs: usize,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl Shape {
    /// Widths from the input to the output: `[784, 512, 256, 10]`.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        let mut widths = vec![self.inputs];
        widths.extend(&self.hidden);
        widths.push(self.outputs);
        widths
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.widths().windows(2).map(|w| w[0] * w[1] + w[1]).sum()
    }
}

/// A multilayer perceptron: dense layers with one activation between them; the last layer yields logits.
#[derive(Debug, Clone, PartialEq)]
pub struct Mlp<F: NdFloat = f32> {
    /// From the pixels to the logits; never empty.
    pub layers: Vec<Linear<F>>,
    /// Activation of every layer but the last.
    pub activation: Activation,
}

impl<F: NdFloat> Mlp<F> {
    /// A network with fresh weights; the same seed gives the same network.
    #[must_use]
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let widths = shape.widths();
        let layers = widths.windows(2).enumerate().map(|(layer, width)| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(layer as u64);
            shape.init.layer(width[0], width[1], &mut rng)
        });
        Self { layers: layers.collect(), activation: shape.activation }
    }

    /// Widths from the input to the output: `[784, 512, 256, 10]`.
    #[must_use]
    pub fn widths(&self) -> Vec<usize> {
        let mut widths = vec![self.layers[0].inputs()];
        widths.extend(self.layers.iter().map(Linear::nodes));
        widths
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn n_parameters(&self) -> usize {
        self.layers.iter().map(|l| l.weight.len() + l.bias.len()).sum()
    }

    /// The answers of every layer to the batch `x` (n, inputs): one array (n, out) a layer, the last one the logits.
    #[must_use]
    pub fn forward(&self, x: ArrayView2<F>) -> Vec<Array2<F>> {
        let mut answers: Vec<Array2<F>> = Vec::with_capacity(self.layers.len());
        for (i, layer) in self.layers.iter().enumerate() {
            let mut z = layer.forward(answers.last().map_or(x, |a| a.view()));
            if i + 1 < self.layers.len() {
                z.mapv_inplace(|z| self.activation.apply(z));
            }
            answers.push(z);
        }
        answers
    }

    /// The logits (n, classes) of the batch `x` (n, inputs).
    #[must_use]
    pub fn logits(&self, x: ArrayView2<F>) -> Array2<F> {
        self.forward(x).pop().unwrap_or_else(|| Array2::zeros((x.nrows(), 0)))
    }

    /// Backpropagation: the gradient of a loss by every parameter, shaped as the layers.
    ///
    /// `answers` is what [`Mlp::forward`] gave for `x`, `d_logits` (n, classes) the loss's gradient by the logits.
    #[must_use]
    pub fn backward(&self, x: ArrayView2<F>, answers: &[Array2<F>], d_logits: Array2<F>) -> Vec<Linear<F>> {
        let mut gradients = Vec::with_capacity(self.layers.len());
        let mut dz = d_logits;
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let Some(below) = i.checked_sub(1) else {
                gradients.push(Linear::gradient(x, dz.view()));
                break;
            };
            let input = &answers[below];
            gradients.push(Linear::gradient(input.view(), dz.view()));
            let mut d_input = layer.backward(dz.view());
            d_input.zip_mut_with(input, |d, &a| *d *= self.activation.slope(a));
            dz = d_input;
        }
        gradients.reverse();
        gradients
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::RngExt;

    use super::*;
    use crate::nn::loss::cross_entropy;

    const STEP: f64 = 1e-5;

    fn shape(inputs: usize, hidden: &[usize], outputs: usize, activation: Activation, init: Init) -> Shape {
        Shape { inputs, hidden: hidden.to_vec(), outputs, activation, init }
    }

    fn batch(n: usize, shape: &Shape, rng: &mut ChaCha8Rng) -> (Array2<f64>, Vec<u8>) {
        let x = Array2::from_shape_simple_fn((n, shape.inputs), || rng.random::<f64>());
        (x, (0..n).map(|_| rng.random_range(0..shape.outputs) as u8).collect())
    }

    fn loss(model: &Mlp<f64>, x: &Array2<f64>, labels: &[u8]) -> (f64, Vec<Vec<bool>>) {
        let answers = model.forward(x.view());
        let on = answers.iter().map(|a| a.iter().map(|&a| a > 0.0).collect()).collect();
        (cross_entropy(answers[answers.len() - 1].view(), labels).loss, on)
    }

    /// Largest distance between backpropagation and central differences over every parameter, relative to the largest
    /// gradient of its layer; and how many parameters were compared. A parameter whose change moves some
    /// rectifier across its kink has no derivative there and is left out.
    fn worst_error(shape: &Shape, n: usize, seed: u64) -> (f64, usize) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut model: Mlp<f64> = Mlp::new(shape, seed);
        for layer in &mut model.layers {
            layer.bias.mapv_inplace(|_| rng.random_range(-0.5..0.5));
        }
        let (x, labels) = batch(n, shape, &mut rng);
        let answers = model.forward(x.view());
        let d_logits = cross_entropy(answers[answers.len() - 1].view(), &labels).d_logits;
        let gradients = model.backward(x.view(), &answers, d_logits);
        let (mut worst, mut compared) = (0.0f64, 0);
        for (layer, gradients) in gradients.iter().enumerate() {
            for (part, gradient) in gradients.flat().into_iter().enumerate() {
                let scale = gradient.iter().fold(1e-3f64, |top, g| top.max(g.abs()));
                for (i, g) in gradient.iter().enumerate() {
                    let before = model.layers[layer].flat()[part][i];
                    let mut at = |w: f64| {
                        model.layers[layer].flat_mut()[part][i] = w;
                        loss(&model, &x, &labels)
                    };
                    let (up, on_up) = at(before + STEP);
                    let (down, on_down) = at(before - STEP);
                    at(before);
                    if shape.activation != Activation::Relu || on_up[..on_up.len() - 1] == on_down[..on_down.len() - 1]
                    {
                        worst = worst.max(((up - down) / (2.0 * STEP) - g).abs() / scale);
                        compared += 1;
                    }
                }
            }
        }
        (worst, compared)
    }

    #[test]
    fn gradients_equal_finite_differences_at_every_depth() {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            for init in [Init::GlorotUniform, Init::HeNormal] {
                for hidden in [&[][..], &[7], &[6, 5], &[5, 4, 6], &[3, 4, 5, 3, 4]] {
                    let shape = shape(9, hidden, 4, activation, init);
                    let (worst, compared) = worst_error(&shape, 5, 11);
                    assert!(worst < 1e-6, "{activation:?} {hidden:?}: {worst}");
                    assert!(compared * 10 > shape.n_parameters() * 9, "{activation:?} {hidden:?}: {compared} compared");
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn gradients_equal_finite_differences_on_random_networks(
            inputs in 1usize..6,
            hidden in prop::collection::vec(1usize..6, 0..4),
            outputs in 2usize..5,
            activation in prop::sample::select(vec![Activation::Relu, Activation::Tanh, Activation::Sigmoid]),
            n in 1usize..5,
            seed: u64,
        ) {
            let shape = shape(inputs, &hidden, outputs, activation, Init::GlorotUniform);
            let (worst, _) = worst_error(&shape, n, seed);
            prop_assert!(worst < 1e-6, "{}", worst);
        }

        #[test]
        fn a_batch_is_its_images_one_by_one(hidden in prop::collection::vec(1usize..9, 0..3), n in 1usize..6, seed: u64) {
            let shape = shape(8, &hidden, 3, Activation::Relu, Init::HeNormal);
            let model: Mlp<f64> = Mlp::new(&shape, seed);
            let (x, _) = batch(n, &shape, &mut ChaCha8Rng::seed_from_u64(seed));
            let all = model.logits(x.view());
            for (i, row) in x.outer_iter().enumerate() {
                let one = model.logits(row.insert_axis(ndarray::Axis(0)));
                for (a, b) in one.iter().zip(all.row(i)) {
                    prop_assert!((a - b).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_network() {
        let shape = shape(20, &[8, 5], 3, Activation::Relu, Init::GlorotUniform);
        let one: Mlp = Mlp::new(&shape, 7);
        assert_eq!(one, Mlp::new(&shape, 7));
        assert_ne!(one, Mlp::new(&shape, 8));
        assert_eq!(one.widths(), [20, 8, 5, 3]);
        assert_eq!(one.n_parameters(), shape.n_parameters());
    }
}
