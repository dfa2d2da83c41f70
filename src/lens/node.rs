//! One node in full: its map, its weights and its strongest links.

use super::{Map, NodeId};
use crate::nn::Mlp;

/// A connection to or from another node (or a pixel, in the first layer).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Index of the node (or pixel) at the other end.
    pub index: usize,
    /// The weight.
    pub weight: f32,
}

/// What the inspector shows of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeReport {
    /// Which node.
    pub node: NodeId,
    /// Its map at 28x28.
    pub map: Map,
    /// Its bias.
    pub bias: f32,
    /// Lowest and highest weight into it.
    pub weight_range: (f32, f32),
    /// Strongest links into it, by absolute weight, strongest first.
    pub incoming: Vec<Link>,
    /// Strongest links out of it; empty on the output layer.
    pub outgoing: Vec<Link>,
}

/// How many links of each kind a report names.
pub const LINKS: usize = 16;

impl NodeReport {
    /// The report on the node that `map` is of.
    ///
    /// # Panics
    /// If the network has no such node.
    #[must_use]
    pub fn new(model: &Mlp, map: Map) -> Self {
        let node = map.node;
        let layer = &model.layers[node.layer];
        let weights = layer.weight.row(node.index);
        Self {
            node,
            map,
            bias: layer.bias[node.index],
            weight_range: weights.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |r, &w| (r.0.min(w), r.1.max(w))),
            incoming: strongest(weights.iter().copied()),
            outgoing: model
                .layers
                .get(node.layer + 1)
                .map(|above| strongest(above.weight.column(node.index).iter().copied()))
                .unwrap_or_default(),
        }
    }
}

/// The links with the highest absolute weight, strongest first; of equal ones the lower index first.
fn strongest(weights: impl Iterator<Item = f32>) -> Vec<Link> {
    let mut links: Vec<Link> = weights.enumerate().map(|(index, weight)| Link { index, weight }).collect();
    links.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    links.truncate(LINKS);
    links
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::nn::{Activation, Linear};

    fn map_of(layer: usize, index: usize) -> Map {
        Map {
            node: NodeId { layer, index },
            raw: [].into(),
            levels: [].into(),
            side: 28,
            range: (0.0, 0.0),
            flat: true,
            offset: None,
        }
    }

    #[test]
    fn links_are_ranked_by_absolute_weight_in_both_directions() {
        let model = Mlp {
            layers: vec![
                Linear { weight: array![[0.5, -2.0, 0.5], [1.0, 0.0, -1.0]], bias: array![0.25, -0.5] },
                Linear { weight: array![[3.0, 0.1], [-4.0, 0.2], [0.0, 0.3]], bias: array![0.0, 1.0, 2.0] },
            ],
            activation: Activation::Relu,
        };
        let link = |index, weight| Link { index, weight };
        let report = NodeReport::new(&model, map_of(0, 0));
        assert_eq!(report.incoming, [link(1, -2.0), link(0, 0.5), link(2, 0.5)]);
        assert_eq!(report.outgoing, [link(1, -4.0), link(0, 3.0), link(2, 0.0)]);
        assert_eq!((report.bias, report.weight_range), (0.25, (-2.0, 0.5)));

        let output = NodeReport::new(&model, map_of(1, 1));
        assert_eq!(output.incoming, [link(0, -4.0), link(1, 0.2)]);
        assert_eq!((output.bias, output.outgoing.len()), (1.0, 0));
    }
}
