//! What every node makes of some images.

use ndarray::Array2;

use super::backproject::Precision;
use super::sparse::{Panels, Sparse};
use crate::data::Split;
use crate::nn::{Linear, Mlp};

/// So many images are looked at together at most. It bounds the memory, and the time that something more urgent waits.
pub const BLOCK: usize = 250;

/// A network in one precision, ready to be shown images.
#[derive(Debug, Clone)]
pub struct Network<F: Precision> {
    /// The network.
    pub model: Mlp<F>,
    /// The weights of the first layer, `(784, nodes)`.
    first: Panels<F>,
}

/// Some images, and the weighted sums and answers of every layer, or of the first few.
#[derive(Debug, Clone)]
pub struct Reactions<F: Precision> {
    /// `(n, 784)`, ink from 0 to 1.
    pub x: Sparse<F>,
    /// The place of each image in its split.
    pub images: Vec<usize>,
    /// The class of each image.
    pub labels: Vec<u8>,
    /// `z[l]`, `(n, nodes)`: what each node adds up, bias included; the last layer's are the logits.
    pub z: Vec<Array2<F>>,
    /// `a[l]`, `(n, nodes)`: what hidden layer `l` answers, for all layers below the highest of `z`.
    pub a: Vec<Array2<F>>,
}

impl<F: Precision> Network<F> {
    /// `model` in this precision.
    #[must_use]
    pub fn new(model: &Mlp) -> Self {
        let layer = |l: &Linear| Linear { weight: l.weight.mapv(F::of), bias: l.bias.mapv(F::of) };
        Self::from(Mlp { layers: model.layers.iter().map(layer).collect(), activation: model.activation })
    }

    /// Shows images of `split`, by their places, to the network.
    ///
    /// # Panics
    /// If an image is not there or the network does not look at 784 pixels.
    #[must_use]
    pub fn show(&self, split: &Split, images: &[usize]) -> Reactions<F> {
        let mut block = Reactions::unseen(split, images);
        block.deepen(self, self.model.layers.len() - 1);
        block
    }

    /// The weighted sums of every layer for images `x`, `(n, 784)`, and the answers of every hidden one.
    ///
    /// # Panics
    /// If the network does not look at so many pixels.
    #[must_use]
    pub fn forward(&self, x: &Sparse<F>) -> (Vec<Array2<F>>, Vec<Array2<F>>) {
        let (mut z, mut a) = (Vec::new(), Vec::new());
        self.go_on(x, self.model.layers.len() - 1, &mut z, &mut a);
        (z, a)
    }

    /// [`Self::forward`] from the first layer that is missing in `z` up to layer `to`.
    fn go_on(&self, x: &Sparse<F>, to: usize, z: &mut Vec<Array2<F>>, a: &mut Vec<Array2<F>>) {
        for l in z.len()..=to {
            let layer = &self.model.layers[l];
            let sums = match l.checked_sub(1) {
                None => x.dot(&self.first),
                Some(below) => {
                    a.push(z[below].mapv(|z| self.model.activation.apply(z)));
                    F::product(&a[below].view(), &layer.weight.t())
                }
            };
            z.push(sums + &layer.bias);
        }
    }

    /// The slopes of the activation at the answers `a` of a hidden layer: its gates, for ReLU 1 where a node fires.
    #[must_use]
    pub fn gates(&self, a: &Array2<F>) -> Array2<F> {
        a.mapv(|a| self.model.activation.slope(a))
    }
}

impl<F: Precision> From<Mlp<F>> for Network<F> {
    fn from(model: Mlp<F>) -> Self {
        Self { first: Panels::new(&model.layers[0].weight.t()), model }
    }
}

impl<F: Precision> Reactions<F> {
    /// Images of `split`, by their places, that no network has seen yet.
    ///
    /// # Panics
    /// If an image is not there.
    #[must_use]
    pub fn unseen(split: &Split, images: &[usize]) -> Self {
        Self {
            x: Sparse::images(split, images),
            images: images.to_vec(),
            labels: images.iter().map(|&i| split.labels()[i]).collect(),
            z: Vec::new(),
            a: Vec::new(),
        }
    }

    /// What `network` makes of the images as far up as layer `to`; what is known is kept.
    ///
    /// # Panics
    /// If the layer is not there or the network does not look at 784 pixels.
    pub fn deepen(&mut self, network: &Network<F>, to: usize) {
        network.go_on(&self.x, to, &mut self.z, &mut self.a);
    }

    /// Forgets the network, not the images.
    pub fn forget(&mut self) {
        (self.z, self.a) = (Vec::new(), Vec::new());
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The network's logits.
    ///
    /// # Panics
    /// If no network has seen the images up to its last layer.
    #[must_use]
    pub fn logits(&self) -> &Array2<F> {
        &self.z[self.z.len() - 1]
    }

    /// The probabilities that the network gives to the classes, `(n, classes)`: softmax of the logits.
    #[must_use]
    pub fn probabilities(&self) -> Array2<F> {
        let mut p = self.logits().clone();
        for mut row in p.rows_mut() {
            let highest = row.fold(F::neg_infinity(), |a, &b| a.max(b));
            row.mapv_inplace(|z| (z - highest).exp());
            let sum = row.sum();
            row /= sum;
        }
        p
    }
}
