//! One training step, in panels, on rayon.
//!
//! ```text
//! forward   layer by layer: z = a . w + bias, a = activation(z)      panels and blocks of images in parallel
//! list      the next batch's inked pixels                    one thread, beside the forward pass or the top
//! top       the last layer, softmax cross-entropy, and the gradients below     blocks of images in parallel
//! backward  from the top: da = dz . w^T, dz = da * slope(a)    panels of the layer below in parallel
//! update    dw = a^T . dz, and w changes at once                  panels of all layers in parallel
//! ahead     the first layer's forward of the next batch, as soon as a panel's weights have changed
//! ```
//!
//! No gradient of a layer is ever stored: the thread that owns a panel sums 16 nodes' gradients in registers and updates
//! the weights, still in its cache, on the spot. So there is nothing to reduce, and as every sum is taken whole by one
//! thread in a fixed order, the bits do not depend on the number of threads. Buffers are allocated once.

use super::activate::slope;
use super::dense::{self, GROUP};
use super::forward::{Below, answer, answers, each, forward_layer, rows, share};
use super::input::{Form, Input};
use super::network::{Network, Nodes, Panel};
use super::sparse;
use super::top::judge_batch;
use crate::data::Split;
use crate::nn::optim::Rule;
use crate::nn::{Activation, Linear, Mlp};
use crate::simd::lanes::LANES;
use crate::simd::tile;
use crate::simd::{Level, dispatch};

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
    /// The labels of the batch.
    labels: Vec<u8>,
    /// What the step keeps of each layer's nodes, panel by panel.
    nodes: Vec<Vec<Nodes>>,
    /// The first layer's nodes for the batch after this one.
    ahead: Vec<Nodes>,
    /// The largest sum of a panel's absolute answers in `ahead`, if they are those to the batch after this one.
    ready: Option<f32>,
}

impl Step {
    /// A step on batches of at most `batch_size` images of `split`, from the weights of `model` and the memory `slots`.
    #[must_use]
    pub fn new(model: &Mlp, slots: &[Vec<Linear>], split: &Split, batch_size: usize) -> Self {
        let network = Network::new(model, slots);
        let rows = tile::padded(batch_size);
        let nodes = network.nodes(rows);
        // Only SGD remembers nothing.
        let input = || if slots.is_empty() { Input::new(split, rows).tiled() } else { Input::new(split, rows) };
        let inputs = [input(), input()];
        Self { network, level: Level::new(), inputs, labels: Vec::new(), ahead: nodes[0].clone(), nodes, ready: None }
    }

    /// The network as it is now.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Trains on the `images` of `split`, on the rayon pool that the caller is in. `next` are the images of the step after
    /// it: their first layer is answered while its new weights are still in the cache.
    ///
    /// If the loss or the gradient is not finite, no weight is changed.
    pub fn run(&mut self, rule: Rule<f32>, split: &Split, images: &[u32], next: &[u32]) -> Seen {
        let n = images.len();
        self.inputs.reverse();
        std::mem::swap(&mut self.nodes[0], &mut self.ahead);
        let ready = self.ready.take();
        let Self { network, level, inputs: [input, next_input], labels, nodes, .. } = self;
        let level = *level;
        let mut largest_answers = ready.filter(|_| input.holds(images)).unwrap_or_else(|| {
            input.fill(split, images);
            forward_layer(level, network, 0, input, n, nodes, || ())
        });
        let mut fill = Some(|| next_input.fill(split, next));
        let last = network.layers.len() - 1;
        for i in 1..last {
            let mut beside = fill.take();
            let largest = forward_layer(level, network, i, input, n, nodes, || {
                if let Some(fill) = &mut beside {
                    fill();
                }
            });
            largest_answers = largest_answers.max(largest);
        }
        labels.clear();
        labels.extend(images.iter().map(|&i| split.labels()[i as usize]));
        let ((loss, correct), mut largest_deltas) = judge_batch(level, network, labels, nodes, fill);
        for i in (1..last).rev() {
            largest_deltas = largest_deltas.max(backward_layer(level, network, i, n, nodes));
        }
        let gradients = largest_answers.max(1.0) * largest_deltas.max(1.0);
        let finite = loss.is_finite() && gradients * rule.rate().max(1.0) < LARGEST;
        if finite {
            self.update(rule, n, next.len());
        }
        Seen { loss, correct, finite }
    }

    /// Changes all weights, and has the first layer answer the `n_next` images of the next batch.
    fn update(&mut self, rule: Rule<f32>, n: usize, n_next: usize) {
        let Self { network, level, inputs: [input, next_input], nodes, ahead, .. } = self;
        let (level, activation) = (*level, network.activation_of(0));
        let Some((first, above)) = network.layers.split_first_mut() else { return };
        let width = first.nodes;
        let mut operations = 2 * n * input.cost() * width;
        let n_panels = first.panels.len();
        let groups = first.panels.chunks_mut(GROUP).zip(ahead.chunks_mut(GROUP)).zip((0..).step_by(GROUP));
        let mut tasks: Vec<(usize, Task<'_>)> = groups
            .map(|((panels, ahead), at)| (place(at, panels.len(), n_panels), Task::First { at, panels, ahead }))
            .collect();
        for (layer, nodes) in above.iter_mut().zip(nodes.windows(2)) {
            operations += n * layer.inputs * layer.nodes;
            let n_panels = layer.panels.len();
            let groups = layer.panels.chunks_mut(GROUP).zip(nodes[1].chunks(GROUP)).zip((0..).step_by(GROUP));
            let below = &nodes[0][..];
            tasks.extend(groups.map(|((p, d), at)| (place(at, p.len(), n_panels), Task::Above { below, p, d })));
        }
        // So that a thread begins at the same place of all layers, as it does when they answer.
        tasks.sort_by_key(|(place, _)| *place);
        let largest = share(operations, tasks.into_iter(), |(_, task)| {
            dispatch!(level, simd => match task {
                Task::First { at, panels, ahead } => {
                    let nodes = &nodes[0][at..][..panels.len()];
                    match input.form() {
                        Form::Sparse(ledger) => sparse::learn(simd, ledger, rule, nodes, panels),
                        Form::Dense(x) => dense::learn(simd, n, rule, x.iter().map(Vec::as_slice), nodes, panels),
                    }
                    let used = width - at * LANES;
                    answer(simd, Below::Images(next_input), 0..n_next, panels, used, activation, &mut rows(ahead))
                }
                Task::Above { below, p, d } => {
                    dense::learn(simd, n, rule, answers(below), d, p);
                    0.0
                }
            })
        });
        self.ready = Some(largest);
    }
}

/// A part of the update.
enum Task<'a> {
    /// Panels of the first layer, from number `at` on: they learn, and answer the next batch.
    First { at: usize, panels: &'a mut [Panel], ahead: &'a mut [Nodes] },
    /// Panels of a layer above, with what is `below` and their own deltas.
    Above { below: &'a [Nodes], p: &'a mut [Panel], d: &'a [Nodes] },
}

/// Where in a layer of `n` panels the middle of the `size` from number `at` on lies, in thousandths.
fn place(at: usize, size: usize, n: usize) -> usize {
    500 * (2 * at + size) / n
}

/// Fills in the deltas below layer `i`. Returns the largest sum of a panel's absolute deltas.
fn backward_layer(level: Level, network: &Network, i: usize, n: usize, nodes: &mut [Vec<Nodes>]) -> f32 {
    let (layer, activation) = (&network.layers[i], network.activation);
    let (below, above) = nodes.split_at_mut(i);
    each(n * layer.inputs * layer.nodes, GROUP, &mut below[i - 1], |first, nodes| {
        dispatch!(level, simd => {
            let relu = activation == Activation::Relu;
            dense::backward(simd, n, &above[0], &layer.panels, first, nodes, relu);
            let mut sum = 0.0;
            for Nodes { answers, deltas, .. } in nodes {
                sum += slope(simd, activation, &answers[..n], &mut deltas[..n]);
            }
            sum
        })
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::PIXELS;
    use crate::nn::{Optimizer, loss};
    use crate::train::evaluate::pixel;
    use crate::train::test_data::{images, levels, options};

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
            compare(level, &[150], Activation::Relu, SGD, 0.2, 70);
            // More than one tile of images.
            for optimizer in [SGD, MOMENTUM] {
                compare(level, &[37, 20], Activation::Relu, optimizer, 0.2, 300);
            }
        }
    }
}
