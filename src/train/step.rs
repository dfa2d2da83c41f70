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

use super::dense::{self, PAIR};
use super::lanes::LANES;
use super::loss::cross_entropy;
use super::network::{Network, Nodes};
use super::sparse::{self, Batch, GROUP};
use super::update::{activate, slope};
use crate::data::Split;
use crate::nn::optim::Rule;
use crate::nn::{Linear, Mlp};

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
    /// What the step keeps of each layer's nodes, panel by panel.
    nodes: Vec<Vec<Nodes>>,
}

impl Step {
    /// A step on batches of at most `batch_size` images, from the weights of `model` and the memory `slots`.
    #[must_use]
    pub fn new(model: &Mlp, slots: &[Vec<Linear>], batch_size: usize) -> Self {
        let network = Network::new(model, slots);
        let nodes = network.nodes(dense::padded(batch_size));
        let level = if std::env::var("LVL").is_ok() { Level::Avx2(Level::new().as_avx2().unwrap()) } else { Level::new() };
        Self { network, level, batch: Batch::default(), nodes }
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
        let answers = self.forward(n);
        let labels = images.iter().map(|&i| split.labels()[i as usize]);
        let (loss, correct) = self.nodes.last_mut().map_or((0.0, 0), |nodes| {
            let Nodes { answers, deltas, .. } = &mut nodes[0];
            cross_entropy(&answers[..n], labels, deltas)
        });
        let gradients = answers * self.backward(n);
        let finite = loss.is_finite() && gradients < LARGEST;
        if finite {
            self.update(rule, n);
        }
        Seen { loss, correct, finite }
    }

    /// Fills in the answers. Returns the largest sum of the absolute answers of a panel, but at least 1: what a gradient
    /// by a weight can be larger by than the gradients by the weighted sums.
    fn forward(&mut self, n: usize) -> f32 {
        let (level, activation, batch) = (self.level, self.network.activation, &self.batch);
        let last = self.network.layers.len() - 1;
        let mut largest = 1f32;
        for (i, layer) in self.network.layers.iter().enumerate() {
            let (below, here) = self.nodes.split_at_mut(i);
            let below = below.last();
            let (size, inputs) = if below.is_some() { (PAIR, layer.inputs) } else { (GROUP, batch.mean_ink()) };
            let sum = each(n * inputs * layer.nodes, size, &mut here[0], |first, nodes| {
                let panels = &layer.panels[first..][..nodes.len()];
                dispatch!(level, simd => {
                    match below {
                        None => sparse::forward(simd, batch, panels, nodes),
                        Some(below) => dense::forward(simd, n, below.iter().map(|b| &b.answers[..]), panels, nodes),
                    }
                    if i == last {
                        return 0.0;
                    }
                    let mut sum = 0.0;
                    for (p, nodes) in nodes.iter_mut().enumerate() {
                        sum += activate(simd, activation, layer.nodes - (first + p) * LANES, &mut nodes.answers[..n]);
                    }
                    sum
                })
            });
            largest = largest.max(sum);
        }
        largest
    }

    /// Fills in the deltas below the last layer. Returns the largest sum of a panel's absolute deltas, but at least 1.
    fn backward(&mut self, n: usize) -> f32 {
        let (level, activation) = (self.level, self.network.activation);
        let mut largest = 1f32;
        for (i, layer) in self.network.layers.iter().enumerate().skip(1).rev() {
            let (below, above) = self.nodes.split_at_mut(i);
            let sum = each(n * layer.inputs * layer.nodes, PAIR, &mut below[i - 1], |first, nodes| {
                dispatch!(level, simd => {
                    dense::backward(simd, n, &above[0], &layer.panels, first, nodes);
                    let mut sum = 0.0;
                    for Nodes { answers, deltas, .. } in nodes {
                        sum += slope(simd, activation, &answers[..n], &mut deltas[..n]);
                    }
                    sum
                })
            });
            largest = largest.max(sum);
        }
        largest
    }

    /// Changes all weights.
    fn update(&mut self, rule: Rule<f32>, n: usize) {
        let (level, batch, nodes) = (self.level, &self.batch, &self.nodes);
        let Some((first, above)) = self.network.layers.split_first_mut() else { return };
        let learn_first = || {
            each(n * batch.mean_ink() * first.nodes, GROUP, &mut first.panels, |at, panels| {
                let nodes = &nodes[0][at..][..panels.len()];
                dispatch!(level, simd => sparse::learn(simd, batch, rule, nodes, panels));
                0.0
            });
        };
        let learn_above = || {
            for (layer, nodes) in above.iter_mut().zip(nodes.windows(2)) {
                each(n * layer.inputs * layer.nodes, PAIR, &mut layer.panels, |at, panels| {
                    let a = nodes[0].iter().map(|b| &b.answers[..]);
                    let nodes = &nodes[1][at..][..panels.len()];
                    dispatch!(level, simd => dense::learn(simd, n, rule, a, nodes, panels));
                    0.0
                });
            }
        };
        rayon::join(learn_first, learn_above);
    }
}

/// Calls `work` for each `size` neighbours of `items` with the first one's number, in parallel if there are enough
/// `operations`, and returns the largest of its results (NaN if one is NaN).
fn each<T: Send>(operations: usize, size: usize, items: &mut [T], work: impl Fn(usize, &mut [T]) -> f32 + Sync) -> f32 {
    // The bits of floats that are not negative are in the floats' own order, with NaN on top.
    let bits = |(i, group): (usize, &mut [T])| work(i * size, group).abs().to_bits();
    let top = if operations < SMALL {
        items.chunks_mut(size).enumerate().map(bits).max()
    } else {
        items.par_chunks_mut(size).enumerate().with_max_len(1).map(bits).max()
    };
    f32::from_bits(top.unwrap_or_default())
}
