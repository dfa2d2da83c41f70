//! One training step, in panels, on rayon.
//!
//! ```text
//! list      the batch's inked pixels                        one thread, beside the update of the step before
//! forward   layer by layer: z = a . w + bias, a = activation(z)      panels of the layer in parallel
//! loss      softmax cross-entropy of the logits, and its gradient                        one thread
//! backward  from the top: da = dz . w^T, dz = da * slope(a)    panels of the layer below in parallel
//! update    dw = a^T . dz, and w changes at once                  panels of all layers in parallel
//! ```
//!
//! No gradient of a layer is ever stored: the thread that owns a panel sums 16 nodes' gradients in registers and updates
//! the weights, still in its cache, on the spot. So there is nothing to reduce, and as every sum is taken whole by one
//! thread in a fixed order, the bits do not depend on the number of threads. Buffers are allocated once.

use fearless_simd::{Level, dispatch};
use rayon::prelude::*;

use super::activate::{activate, slope};
use super::dense::{self, PAIR};
use super::input::{Form, Input};
use super::lanes::{LANES, Lanes};
use super::loss::cross_entropy;
use super::network::{Network, Nodes};
use super::sparse;
use crate::data::Split;
use crate::nn::optim::Rule;
use crate::nn::{Linear, Mlp};

/// Multiply-adds below which handing work to other threads costs more than it saves.
const SMALL: usize = 200_000;
/// A gradient that may be larger than this, or the step along it, counts as not finite: squared, or added up, it soon
/// would not be.
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
    /// The batch, and the one after it.
    inputs: [Input; 2],
    /// What the step keeps of each layer's nodes, panel by panel.
    nodes: Vec<Vec<Nodes>>,
}

impl Step {
    /// A step on batches of at most `batch_size` images of `split`, from the weights of `model` and the memory `slots`.
    #[must_use]
    pub fn new(model: &Mlp, slots: &[Vec<Linear>], split: &Split, batch_size: usize) -> Self {
        let network = Network::new(model, slots);
        let rows = dense::padded(batch_size);
        let nodes = network.nodes(rows);
        Self { network, level: Level::new(), inputs: [(); 2].map(|()| Input::new(split, rows)), nodes }
    }

    /// The network as it is now.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Trains on the `images` of `split`, on the rayon pool that the caller is in. `next` are the images of the step after
    /// it: they are made ready beside the update, so that no thread waits for them.
    ///
    /// If the loss or the gradient is not finite, no weight is changed.
    pub fn run(&mut self, rule: Rule<f32>, split: &Split, images: &[u32], next: &[u32]) -> Seen {
        self.inputs.reverse();
        self.inputs[0].fill(split, images);
        let n = images.len();
        let answers = self.forward(n);
        let labels = images.iter().map(|&i| split.labels()[i as usize]);
        let (loss, correct) = self.nodes.last_mut().map_or((0.0, 0), |nodes| {
            let Nodes { answers, deltas, .. } = &mut nodes[0];
            cross_entropy(&answers[..n], labels, deltas)
        });
        let gradients = answers * self.backward(n);
        let finite = loss.is_finite() && gradients * rule.rate().max(1.0) < LARGEST;
        if finite {
            self.update(rule, n, split, next);
        }
        Seen { loss, correct, finite }
    }

    /// Fills in the answers. Returns the largest sum of the absolute answers of a panel, but at least 1: what a gradient
    /// by a weight can be larger by than the gradients by the weighted sums.
    fn forward(&mut self, n: usize) -> f32 {
        let (level, activation, input) = (self.level, self.network.activation, &self.inputs[0]);
        let last = self.network.layers.len() - 1;
        let mut largest = 1f32;
        for (i, layer) in self.network.layers.iter().enumerate() {
            let (below, here) = self.nodes.split_at_mut(i);
            let below = below.last();
            let (cost, size) = if below.is_some() { (layer.inputs, PAIR) } else { input.cost() };
            let sum = each(n * cost * layer.nodes, size, &mut here[0], |first, nodes| {
                let panels = &layer.panels[first..][..nodes.len()];
                dispatch!(level, simd => {
                    match (below, input.form()) {
                        (Some(below), _) => dense::forward(simd, n, answers(below), panels, nodes),
                        (None, Form::Sparse(ledger)) => sparse::forward(simd, ledger, panels, nodes),
                        (None, Form::Dense(x)) => dense::forward(simd, n, x.iter().map(Vec::as_slice), panels, nodes),
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

    /// Changes all weights, and makes the `next` batch ready.
    fn update(&mut self, rule: Rule<f32>, n: usize, split: &Split, next: &[u32]) {
        let (level, nodes) = (self.level, &self.nodes);
        let [input, next_input] = &mut self.inputs;
        let Some((first, above)) = self.network.layers.split_first_mut() else { return };
        let learn_first = || {
            let (cost, size) = input.cost();
            each(n * cost * first.nodes, size, &mut first.panels, |at, panels| {
                let nodes = &nodes[0][at..][..panels.len()];
                dispatch!(level, simd => match input.form() {
                    Form::Sparse(ledger) => sparse::learn(simd, ledger, rule, nodes, panels),
                    Form::Dense(x) => dense::learn(simd, n, rule, x.iter().map(Vec::as_slice), nodes, panels),
                });
                0.0
            });
        };
        let learn_above = || {
            for (layer, nodes) in above.iter_mut().zip(nodes.windows(2)) {
                each(n * layer.inputs * layer.nodes, PAIR, &mut layer.panels, |at, panels| {
                    let (a, nodes) = (answers(&nodes[0]), &nodes[1][at..][..panels.len()]);
                    dispatch!(level, simd => dense::learn(simd, n, rule, a, nodes, panels));
                    0.0
                });
            }
        };
        rayon::join(|| rayon::join(learn_first, learn_above), || next_input.fill(split, next));
    }
}

fn answers(nodes: &[Nodes]) -> impl Iterator<Item = &[Lanes]> + Clone {
    nodes.iter().map(|nodes| &nodes.answers[..])
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

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::PIXELS;
    use crate::nn::{Activation, Optimizer, loss};
    use crate::train::evaluate::pixel;
    use crate::train::test_data::{images, options};

    /// The same training in plain array operations and f64: what the panels are held to.
    struct Plain {
        model: Mlp<f64>,
        slots: Vec<Vec<Linear<f64>>>,
    }

    impl Plain {
        fn new(model: &Mlp, n_slots: usize) -> Self {
            let layers = model.layers.iter().map(wide);
            let model = Mlp { layers: layers.collect(), activation: model.activation };
            let zeros = model.layers.iter().map(|l| Linear::zeros(l.inputs(), l.nodes())).collect();
            Self { model, slots: vec![zeros; n_slots] }
        }

        fn run(&mut self, rule: Rule<f64>, split: &Split, images: &[u32]) -> (f64, usize) {
            let n = images.len();
            let x = Array2::from_shape_fn((n, PIXELS), |(i, p)| f64::from(pixel(split.image(images[i] as usize)[p])));
            let labels: Vec<u8> = images.iter().map(|&i| split.labels()[i as usize]).collect();
            let answers = self.model.forward(x.view());
            let judged = loss::cross_entropy(answers[answers.len() - 1].view(), &labels);
            let gradients = self.model.backward(x.view(), &answers, judged.d_logits / n as f64);
            rule.update_layers(&mut self.model.layers, &gradients, &mut self.slots);
            (judged.loss, judged.correct)
        }
    }

    fn wide(layer: &Linear) -> Linear<f64> {
        Linear { weight: layer.weight.mapv(f64::from), bias: layer.bias.mapv(f64::from) }
    }

    /// Every kind of processor that this one can stand in for.
    fn levels() -> Vec<Level> {
        let mut levels = vec![Level::new()];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(Level::new().as_avx2().map(Level::Avx2));
            levels.extend(Level::new().as_sse4_2().map(Level::Sse4_2));
        }
        levels
    }

    /// Trains both ways and compares losses, answers and, for optimizers without a division, all weights.
    fn compare(
        level: Level,
        hidden: &[usize],
        activation: Activation,
        optimizer: Optimizer,
        density: f64,
        batch: usize,
    ) {
        let mut shape = options().shape;
        shape.hidden = hidden.to_vec();
        shape.activation = activation;
        let what = format!("{level:?} {hidden:?} {activation:?} {} density {density} batch {batch}", optimizer.name());
        let split = images(4 * batch, 3, density);
        let model = Mlp::new(&shape, 5);
        let mut plain = Plain::new(&model, optimizer.n_slots());
        let zeros: Vec<_> = model.layers.iter().map(|l| Linear::zeros(l.inputs(), l.nodes())).collect();
        let mut step = Step::new(&model, &vec![zeros; optimizer.n_slots()], &split, batch);
        step.level = level;
        let order: Vec<u32> = (0..split.len() as u32).rev().collect();
        // The last batch is a small one.
        let mut batches: Vec<_> = order.chunks(batch).collect();
        batches.push(&order[..batch.div_ceil(3)]);
        for (i, images) in batches.iter().enumerate() {
            let count = i as u64 + 1;
            let next = batches.get(i + 1).copied().unwrap_or_default();
            let seen = step.run(optimizer.rule(count), &split, images, next);
            let (loss, correct) = plain.run(optimizer.rule(count), &split, images);
            assert!(seen.finite, "{what}");
            assert!((seen.loss - loss).abs() < 2e-4 * loss, "{what}: step {i}: loss {} instead of {loss}", seen.loss);
            assert!(seen.correct.abs_diff(correct) <= 1, "{what}: {} instead of {correct} right", seen.correct);
        }
        if optimizer.n_slots() <= 1 && optimizer != Optimizer::default() {
            for (got, exact) in step.network().model().layers.iter().map(wide).zip(&plain.model.layers) {
                let worst = (got.weight - &exact.weight).fold(0f64, |top, d| top.max(d.abs()));
                let bias = (got.bias - &exact.bias).fold(0f64, |top, d| top.max(d.abs()));
                assert!(worst < 2e-5 && bias < 2e-5, "{what}: weights off by {worst}, biases by {bias}");
            }
        }
    }

    const SGD: Optimizer = Optimizer::Sgd { learning_rate: 0.05 };
    const MOMENTUM: Optimizer = Optimizer::Momentum { learning_rate: 0.01, momentum: 0.9 };
    const ADAM: Optimizer = Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

    #[test]
    fn panels_train_as_plain_arrays_do() {
        for level in levels() {
            for hidden in [&[][..], &[1], &[40, 24], &[33, 17, 5], &[32, 32, 32, 32], &[300, 100]] {
                for density in [0.1, 0.95] {
                    compare(level, hidden, Activation::Relu, SGD, density, 20);
                }
            }
        }
    }

    #[test]
    fn every_activation_and_optimizer_trains_as_plain_arrays_do() {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            for optimizer in [SGD, MOMENTUM, Optimizer::default(), ADAM] {
                for density in [0.1, 0.95] {
                    compare(Level::new(), &[40, 24], activation, optimizer, density, 20);
                }
            }
        }
    }

    #[test]
    fn batches_of_any_size_train_as_plain_arrays_do() {
        for level in levels() {
            for batch in [1, 2, 5, 6, 7, 8, 13, 64, 100] {
                for density in [0.1, 0.95] {
                    compare(level, &[37, 20], Activation::Relu, SGD, density, batch);
                }
            }
        }
    }
}
