//! What every node makes of some images.

use ndarray::Array2;

use super::backproject::Precision;
use crate::data::{PIXELS, Split};
use crate::nn::{Linear, Mlp};

/// So many images are looked at together, which bounds the memory whatever the split.
pub const BLOCK: usize = 1000;

/// Some images, and the weighted sums and answers of every layer.
#[derive(Debug, Clone)]
pub struct Reactions<F: Precision> {
    /// `(n, 784)`, ink from 0 to 1.
    pub x: Array2<F>,
    /// The class of each image.
    pub labels: Vec<u8>,
    /// `z[l]`, `(n, nodes)`: what each node adds up, bias included; the last layer's are the logits.
    pub z: Vec<Array2<F>>,
    /// `a[l]`, `(n, nodes)`: what hidden layer `l` answers.
    pub a: Vec<Array2<F>>,
}

impl<F: Precision> Reactions<F> {
    /// Shows images of `split`, by their place in it, to the network.
    ///
    /// # Panics
    /// If an image is not there or the network does not look at 784 pixels.
    #[must_use]
    pub fn new(model: &Mlp<F>, split: &Split, images: &[usize]) -> Self {
        let levels: Vec<F> = (0..=u8::MAX).map(|level| F::of(f32::from(level)) / F::of(255.0)).collect();
        let x = Array2::from_shape_fn((images.len(), PIXELS), |(i, p)| {
            levels[usize::from(split.images()[images[i] * PIXELS + p])]
        });
        Self::to(model, x, images.iter().map(|&i| split.labels()[i]).collect())
    }

    /// Shows images `x`, `(n, 784)` with ink from 0 to 1, to the network.
    ///
    /// # Panics
    /// If the network does not look at 784 pixels.
    #[must_use]
    pub fn to(model: &Mlp<F>, x: Array2<F>, labels: Vec<u8>) -> Self {
        let depth = model.layers.len();
        let mut reactions = Self { x, labels, z: Vec::with_capacity(depth), a: Vec::with_capacity(depth) };
        for layer in &model.layers {
            if let Some(below) = reactions.z.last() {
                reactions.a.push(below.mapv(|z| model.activation.apply(z)));
            }
            reactions.z.push(layer.forward(reactions.a.last().unwrap_or(&reactions.x).view()));
        }
        reactions
    }

    /// Shows images to the network [`BLOCK`] by [`BLOCK`], in order.
    pub fn blocks<'a>(
        model: &'a Mlp<F>,
        split: &'a Split,
        images: &'a [usize],
    ) -> impl Iterator<Item = Self> + use<'a, F> {
        images.chunks(BLOCK).map(move |block| Self::new(model, split, block))
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

    /// The gates of hidden layer `l`, `(n, nodes)`: the slope of the activation, for ReLU 1 where the node fires.
    #[must_use]
    pub fn gates(&self, model: &Mlp<F>, l: usize) -> Array2<F> {
        self.a[l].mapv(|a| model.activation.slope(a))
    }

    /// The probabilities that the network gives to the classes, `(n, classes)`: softmax of the logits.
    #[must_use]
    pub fn probabilities(&self) -> Array2<F> {
        let mut p = self.z[self.z.len() - 1].clone();
        for mut row in p.rows_mut() {
            let highest = row.fold(F::neg_infinity(), |a, &b| a.max(b));
            row.mapv_inplace(|z| (z - highest).exp());
            let sum = row.sum();
            row /= sum;
        }
        p
    }
}

/// The network in another precision.
#[must_use]
pub fn in_precision<F: Precision>(model: &Mlp) -> Mlp<F> {
    let layer = |l: &Linear| Linear { weight: l.weight.mapv(F::of), bias: l.bias.mapv(F::of) };
    Mlp { layers: model.layers.iter().map(layer).collect(), activation: model.activation }
}
