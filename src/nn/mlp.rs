//! The multilayer perceptron.

use ndarray::NdFloat;
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
}
