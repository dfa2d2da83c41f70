//! One training step, in panels, on rayon.
//!
//! ```text
//! list      the batch's inked pixels                                         one thread
//! forward   layer by layer: z = a . w + bias, a = activation(z)              panels of the layer in parallel
//! loss      softmax cross-entropy of the logits, and its gradient            one thread
//! backward  layer by layer from above: da = dz . w^T, dz = da * slope(a)     panels of the layer below in parallel
//! update    dw = a^T . dz, and w changes at once                             panels of all layers in parallel
//! ```
//!
//! No gradient of a layer is ever stored: the thread that owns a panel sums 16 nodes' gradients in registers and updates
//! the weights, still in its cache, on the spot. So there is nothing to reduce, and as every sum is taken whole by one
//! thread in a fixed order, the bits do not depend on the number of threads. Buffers are allocated once.

use fearless_simd::{Level, dispatch};
use rayon::prelude::*;

use super::lanes::{LANES, Lanes, Panels, zeros};
use super::loss::cross_entropy;
use super::network::Network;
use super::sparse::{Batch, GROUP};
use super::update::{activate, slope};
use super::{dense, sparse};
use crate::data::Split;
use crate::nn::optim::Rule;
use crate::nn::{Activation, Linear, Mlp};

/// Multiply-adds below which handing work to other threads costs more than it saves.
const SMALL: usize = 200_000;
/// A gradient that may be larger than this counts as not finite: squared, or added up, it soon would not be.
const LARGEST: f32 = 1e18;

/// What a step saw before it changed anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Sum of the images' losses, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: usize,
    /// Whether the loss and the whole gradient are finite; if not, no weight was touched.
    pub finite: bool,
}

/// A network in training, with the buffers of a step.
pub struct Step {
    network: Network,
    level: Level,
    batch: Batch,
    /// What each layer answers, `answers[layer][panel][image]`.
    answers: Vec<Panels>,
    /// The loss's gradient by each layer's weighted sums, in the same form.
    deltas: Vec<Panels>,
    /// Each layer's weights turned round, for the way back; see [`dense::backward`].
    turned: Vec<Panels>,
}

impl Step {
    /// A step on batches of at most `batch_size` images, from the weights of `model` and the memory `slots`.
    #[must_use]
    pub fn new(model: &Mlp, slots: &[Vec<Linear>], batch_size: usize) -> Self {
        let network = Network::new(model, slots);
        let rows = dense::padded(batch_size);
        let answers: Vec<_> = network.layers.iter().map(|layer| zeros(rows, layer.nodes)).collect();
        let turned = network.layers.iter().map(|layer| zeros(layer.panels.len() * LANES, layer.inputs));
        Self {
            level: Level::new(),
            batch: Batch::default(),
            deltas: answers.clone(),
            turned: turned.collect(),
            answers,
            network,
        }
    }

    /// The network as it is now.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Trains on the `images` of `split`, on the rayon pool that the caller is in.
    ///
    /// If the loss or the gradient is not finite, no weight is changed.
    pub fn run(&mut self, rule: Rule<f32>, split: &Split, images: &[u32]) -> Seen {
        self.batch.fill(split, images);
        let n = images.len();
        let mut largest = self.forward(n);
        let labels: Vec<u8> = images.iter().map(|&i| split.labels()[i as usize]).collect();
        let last = self.answers.len() - 1;
        let (loss, correct) = cross_entropy(&self.answers[last][0][..n], &labels, &mut self.deltas[last][0][..n]);
        let mut seen = Seen { loss, correct, finite: loss.is_finite() };
        largest *= self.backward(n);
        seen.finite &= largest < LARGEST;
        if seen.finite {
            self.update(rule, n);
        }
        seen
    }

    /// Fills `answers`. Returns the largest sum of absolute answers of a layer.
    fn forward(&mut self, n: usize) -> f32 {
        let level = self.level;
        let mut largest = 1f32;
        for (i, layer) in self.network.layers.iter().enumerate() {
            let is_hidden = i + 1 < self.network.layers.len();
            let activation = is_hidden.then_some(self.network.activation);
            let (below, here) = self.answers.split_at_mut(i);
            let batch = &self.batch;
            let sum = if let Some(a) = below.last() {
                each(n * layer.inputs * layer.nodes, 1, &mut here[0], |panel, z| {
                    let w = &layer.panels[panel].weights;
                    dispatch!(level, simd => dense::forward(simd, n, a, w, &mut z[0]));
                    finish(level, activation, layer.nodes - panel * LANES, &mut z[0][..n])
                })
            } else {
                each(n * 150 * layer.nodes, GROUP, &mut here[0], |group, z| {
                    let first = group * GROUP;
                    let panels = &layer.panels[first..][..z.len()];
                    dispatch!(level, simd => sparse::forward(simd, batch, panels, z));
                    (0..z.len())
                        .map(|p| finish(level, activation, layer.nodes - (first + p) * LANES, &mut z[p][..n]))
                        .sum()
                })
            };
            if is_hidden {
                largest = largest.max(sum);
            }
        }
        largest
    }

    /// Fills `deltas` below the last layer. Returns the largest sum of absolute gradients of a layer.
    fn backward(&mut self, n: usize) -> f32 {
        let level = self.level;
        let activation = self.network.activation;
        let mut largest = 1f32;
        for (i, layer) in self.network.layers.iter().enumerate().skip(1).rev() {
            let (below, here) = self.deltas.split_at_mut(i);
            let dz = &here[0];
            let answers = &self.answers[i - 1];
            let mut pairs: Vec<_> = below[i - 1].iter_mut().zip(&mut self.turned[i]).collect();
            let sum = each(n * layer.inputs * layer.nodes, 1, &mut pairs, |panel, pair| {
                let (da, turned) = &mut pair[0];
                let a = &answers[panel][..n];
                dispatch!(level, simd => {
                    let weights = layer.panels.iter().map(|p| &p.weights[..]);
                    dense::backward(simd, n, dz, weights, panel, turned, da);
                    slope(simd, activation, a, &mut da[..n])
                })
            });
            largest = largest.max(sum);
        }
        largest
    }

    /// Changes all weights.
    fn update(&mut self, rule: Rule<f32>, n: usize) {
        let level = self.level;
        let (batch, answers, deltas) = (&self.batch, &self.answers, &self.deltas);
        let Some((first, above)) = self.network.layers.split_first_mut() else { return };
        rayon::join(
            || {
                each(n * 150 * first.nodes, GROUP, &mut first.panels, |group, panels| {
                    let dz = &deltas[0][group * GROUP..][..panels.len()];
                    dispatch!(level, simd => sparse::learn(simd, batch, rule, dz, panels));
                    0.0
                });
            },
            || {
                for (i, layer) in above.iter_mut().enumerate() {
                    let inputs = layer.inputs;
                    let a = &answers[i];
                    each(n * inputs * layer.nodes, 1, &mut layer.panels, |panel, panels| {
                        let dz = &deltas[i + 1][panel][..n];
                        dispatch!(level, simd => dense::learn(simd, rule, a, inputs, dz, &mut panels[0]));
                        0.0
                    });
                }
            },
        );
    }
}

/// Calls `work` for each `size` neighbours of `items` with the group's number, in parallel if there are enough
/// `operations`, and returns the largest of its results (NaN if one is NaN).
fn each<T: Send>(operations: usize, size: usize, items: &mut [T], work: impl Fn(usize, &mut [T]) -> f32 + Sync) -> f32 {
    // The bits of floats that are not negative are in the floats' own order, with NaN on top.
    let bits = |(i, group): (usize, &mut [T])| work(i, group).abs().to_bits();
    let top = if operations < SMALL {
        items.chunks_mut(size).enumerate().map(bits).max()
    } else {
        items.par_chunks_mut(size).enumerate().with_max_len(1).map(bits).max()
    };
    f32::from_bits(top.unwrap_or_default())
}

fn finish(level: Level, activation: Option<Activation>, nodes: usize, z: &mut [Lanes]) -> f32 {
    activation.map_or(0.0, |activation| dispatch!(level, simd => activate(simd, activation, nodes, z)))
}
