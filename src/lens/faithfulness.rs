//! The honest number under every picture: how much of what a node does is in its map.

use std::sync::Arc;

use ndarray::Array2;

use super::backproject::{self, Precision};
use super::measure::{Moments, mean};
use super::reactions::Reactions;
use super::sparse::Panels;
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

/// The plain maps of every layer, `(nodes, 784)`.
#[must_use]
pub fn all_plain_maps<F: Precision>(model: &Mlp) -> Vec<Array2<F>> {
    let mut maps: Vec<Array2<F>> = Vec::new();
    for layer in &model.layers {
        let matrix = F::matrix(&layer.weight);
        let below = maps.last().map(|p: &Array2<F>| F::product(&matrix.view(), &p.view()));
        maps.push(below.unwrap_or_else(|| matrix.to_owned()));
    }
    maps
}

/// The sums that [`Faithfulness`] needs, filled block by block.
pub struct FaithfulnessSums<F: Precision> {
    model: Arc<Mlp>,
    /// The maps of each layer but the first, whose nodes see the pixels themselves: `x . P_1 = z_1 - b_1`.
    maps: Vec<Panels<F>>,
    offsets: Vec<F>,
    moments: Vec<Vec<Moments>>,
    n: usize,
    agreeing: usize,
}

impl<F: Precision> FaithfulnessSums<F> {
    /// For all nodes of all layers of `model`, whose plain maps `maps` are.
    ///
    /// # Panics
    /// If the maps are not its own.
    #[must_use]
    pub fn new(model: &Arc<Mlp>, maps: &[Array2<F>]) -> Self {
        let last = maps.len() - 1;
        Self {
            moments: maps.iter().map(|p| vec![Moments::default(); p.nrows()]).collect(),
            maps: maps[1..].iter().map(|p| Panels::new(&p.t())).collect(),
            offsets: backproject::offsets(model, last, false).iter().map(|&c| F::near(c)).collect(),
            model: Arc::clone(model),
            n: 0,
            agreeing: 0,
        }
    }

    /// Takes in a block of images.
    pub fn add(&mut self, block: &Reactions<F>) {
        let bias = self.model.layers[0].bias.mapv(F::of);
        let mut scores = &block.z[0] - &bias;
        for (l, (z, moments)) in block.z.iter().zip(&mut self.moments).enumerate() {
            if l > 0 {
                scores = block.x.dot(&self.maps[l - 1]);
            }
            for (scores, z) in scores.rows().into_iter().zip(z.rows()) {
                for ((moments, &score), &z) in moments.iter_mut().zip(scores).zip(z) {
                    moments.add(score.into(), z.into());
                }
            }
        }
        self.n += block.len();
        for (scores, logits) in scores.rows().into_iter().zip(block.logits().rows()) {
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
