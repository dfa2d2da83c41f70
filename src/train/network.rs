//! The network in the form that trains fastest: panels of 16 nodes.

use crate::nn::{Activation, Linear, Mlp};
use crate::simd::lanes::{LANES, Lanes, transpose_some};
use crate::simd::{Level, dispatch};

/// Sixteen nodes of a layer with all that belongs to them, owned by one thread at a time.
#[derive(Debug, Clone)]
pub struct Panel {
    /// One row an input, then the row of the biases: 16 nodes each.
    pub weights: Vec<Lanes>,
    /// What the optimizer remembers, in the same form; empty where it has no such slot.
    pub slots: [Vec<Lanes>; 2],
}

/// A dense layer in panels.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of nodes; those past it in the last panel stay zero.
    pub nodes: usize,
    /// Its nodes.
    pub panels: Vec<Panel>,
}

/// What a step keeps of sixteen nodes, one row an image.
#[derive(Debug, Clone)]
pub struct Nodes {
    /// What they answer.
    pub answers: Vec<Lanes>,
    /// The gradient of the batch's mean loss by their weighted sums.
    pub deltas: Vec<Lanes>,
    /// The weights that the layer above has for them, one row a node of that layer; see [`super::dense::backward`].
    pub turned: Vec<Lanes>,
}

/// The layers and their activation.
#[derive(Debug, Clone)]
pub struct Network {
    /// From the pixels to the logits.
    pub layers: Vec<Layer>,
    /// Activation of every layer but the last.
    pub activation: Activation,
    n_slots: usize,
}

impl Network {
    /// The network `model` with the optimizer's memory `slots[slot][layer]`, at most two slots.
    #[must_use]
    pub fn new(model: &Mlp, slots: &[Vec<Linear>]) -> Self {
        let layers = model.layers.iter().enumerate().map(|(i, layer)| {
            let [first, second] = [0, 1].map(|slot| slots.get(slot).map(|slot| panels(&slot[i])));
            let [mut first, mut second] = [first, second].map(|p| p.into_iter().flatten());
            let panels = panels(layer).into_iter().map(|weights| {
                let slots = [first.next().unwrap_or_default(), second.next().unwrap_or_default()];
                Panel { weights, slots }
            });
            Layer { inputs: layer.inputs(), nodes: layer.nodes(), panels: panels.collect() }
        });
        Self { layers: layers.collect(), activation: model.activation, n_slots: slots.len() }
    }

    /// Buffers for each layer's nodes, of `rows` rows.
    #[must_use]
    pub fn nodes(&self, rows: usize) -> Vec<Vec<Nodes>> {
        let above = self.layers.iter().skip(1).map(|layer| layer.panels.len()).chain([0]);
        let buffers = |(layer, above): (&Layer, usize)| {
            let rows = vec![Lanes::default(); rows];
            let nodes = Nodes { answers: rows.clone(), deltas: rows, turned: vec![Lanes::default(); above * LANES] };
            vec![nodes; layer.panels.len()]
        };
        self.layers.iter().zip(above).map(buffers).collect()
    }

    /// The activation of layer `i`; the last one has none.
    #[must_use]
    pub fn activation_of(&self, i: usize) -> Option<Activation> {
        (i + 1 < self.layers.len()).then_some(self.activation)
    }

    /// A copy of the weights in the public layout.
    #[must_use]
    pub fn model(&self) -> Mlp {
        let layers = self.layers.iter().map(|layer| layer.linear(|panel| &panel.weights));
        Mlp { layers: layers.collect(), activation: self.activation }
    }

    /// A copy of the optimizer's memory, `slots[slot][layer]`.
    #[must_use]
    pub fn slots(&self) -> Vec<Vec<Linear>> {
        let slot = |slot: usize| self.layers.iter().map(|layer| layer.linear(|panel| &panel.slots[slot])).collect();
        (0..self.n_slots).map(slot).collect()
    }
}

impl Layer {
    /// A layer in the public layout from one part of each panel. A block of 16 rows is turned round in registers: number by
    /// number, each cache line would be read 16 times.
    fn linear(&self, part: impl Fn(&Panel) -> &[Lanes]) -> Linear {
        let mut linear = Linear::zeros(self.inputs, self.nodes);
        let [weight, bias] = linear.flat_mut();
        let level = Level::new();
        for ((panel, weight), bias) in
            self.panels.iter().zip(weight.chunks_mut(LANES * self.inputs)).zip(bias.chunks_mut(LANES))
        {
            let rows = part(panel);
            bias.copy_from_slice(&rows[self.inputs].0[..bias.len()]);
            for (block, first) in rows[..self.inputs].chunks(LANES).zip((0..).step_by(LANES)) {
                let mut turned = [Lanes::default(); LANES];
                dispatch!(level, simd => transpose_some(simd, block, &mut turned));
                for (node, weights) in weight.chunks_exact_mut(self.inputs).enumerate() {
                    weights[first..first + block.len()].copy_from_slice(&turned[node].0[..block.len()]);
                }
            }
        }
        linear
    }
}

/// The weights and biases of a layer, panel by panel.
fn panels(layer: &Linear) -> Vec<Vec<Lanes>> {
    let mut panels = vec![vec![Lanes::default(); layer.inputs() + 1]; layer.nodes().div_ceil(LANES)];
    for (node, (weight, &bias)) in layer.weight.outer_iter().zip(&layer.bias).enumerate() {
        let numbers = weight.iter().copied().chain([bias]);
        for (row, number) in panels[node / LANES].iter_mut().zip(numbers) {
            row.0[node % LANES] = number;
        }
    }
    panels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nn::{Init, Shape};

    proptest! {
        #[test]
        fn panels_and_back_is_the_same_network(
            inputs in 1usize..70,
            hidden in prop::collection::vec(1usize..50, 0..3),
            outputs in 1usize..12,
            n_slots in 0usize..3,
            seed: u64,
        ) {
            let shape = Shape { inputs, hidden, outputs, activation: Activation::Tanh, init: Init::HeNormal };
            let model = Mlp::new(&shape, seed);
            let slots: Vec<_> = (1..=n_slots as u64).map(|i| Mlp::new(&shape, seed.wrapping_add(i)).layers).collect();
            let network = Network::new(&model, &slots);
            prop_assert_eq!(network.model(), model);
            prop_assert_eq!(network.slots(), slots);
        }
    }
}
