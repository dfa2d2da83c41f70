//! The honest number under every picture: how much of what a node does is in its map.

use ndarray::Array2;

use super::backproject::{self, Precision};
use super::measure::{Moments, mean};
use super::reactions::Reactions;
use crate::nn::Mlp;
use crate::nn::loss::argmax;

/// How well the plain maps foretell what the network does on held-out images.
#[derive(Debug, Clone, PartialEq)]
pub struct Faithfulness {
    /// Number of images that it rests on.
    pub n: usize,
    /// `r2[layer][node]`: squared correlation of `x . P_k` with `z_k(x)`. `None` where either is constant.
    pub r2: Vec<Vec<Option<f64>>>,
    /// Share of images where the highest `x . P_k + c_k` is the network's own answer.
    pub agreement: Option<f64>,
}

impl Faithfulness {
    /// Mean over the nodes of a layer that have a number.
    ///
    /// # Panics
    /// If the layer is not there.
    #[must_use]
    pub fn layer_mean(&self, layer: usize) -> Option<f64> {
        mean(self.r2[layer].iter().copied())
    }
}

/// The sums that [`Faithfulness`] needs, filled block by block.
pub struct FaithfulnessSums<F: Precision> {
    /// `(784, nodes)` of each layer: the maps stand as columns.
    maps: Vec<Array2<F>>,
    offsets: Vec<F>,
    moments: Vec<Vec<Moments>>,
    n: usize,
    agreeing: usize,
}

impl<F: Precision> FaithfulnessSums<F> {
    /// For all nodes of all layers of `model`.
    #[must_use]
    pub fn new(model: &Mlp) -> Self {
        let mut maps: Vec<Array2<F>> = Vec::new();
        for layer in &model.layers {
            let matrix = F::matrix(&layer.weight);
            let below = maps.last().map(|p: &Array2<F>| F::product(&matrix.view(), &p.view()));
            maps.push(below.unwrap_or_else(|| matrix.to_owned()));
        }
        let last = model.layers.len() - 1;
        Self {
            moments: maps.iter().map(|p| vec![Moments::default(); p.nrows()]).collect(),
            maps: maps.into_iter().map(Array2::reversed_axes).collect(),
            offsets: backproject::offsets(model, last).iter().map(|&c| F::of(c as f32)).collect(),
            n: 0,
            agreeing: 0,
        }
    }

    /// Takes in a block of images.
    pub fn add(&mut self, block: &Reactions<F>) {
        let mut scores = Array2::zeros((0, 0));
        for ((maps, z), moments) in self.maps.iter().zip(&block.z).zip(&mut self.moments) {
            scores = block.x.dot(maps);
            for (scores, z) in scores.rows().into_iter().zip(z.rows()) {
                for ((moments, &score), &z) in moments.iter_mut().zip(scores).zip(z) {
                    moments.add(score.into(), z.into());
                }
            }
        }
        self.n += block.len();
        for (scores, logits) in scores.rows().into_iter().zip(block.z[block.z.len() - 1].rows()) {
            let linear = argmax(scores.iter().zip(&self.offsets).map(|(&s, &c)| s + c));
            self.agreeing += usize::from(linear == argmax(logits.iter().copied()));
        }
    }

    /// The numbers so far.
    #[must_use]
    pub fn finish(&self) -> Faithfulness {
        let r2 = |moments: &Moments| moments.correlation().map(|r| r * r);
        Faithfulness {
            n: self.n,
            r2: self.moments.iter().map(|layer| layer.iter().map(r2).collect()).collect(),
            agreement: (self.n > 0).then(|| self.agreeing as f64 / self.n as f64),
        }
    }
}
