//! One node in full: its map, its weights and its strongest links.

use ndarray::{Array2, Axis};

use super::backproject::{self, Precision};
use super::halves::Halves;
use super::measure::correlation;
use super::provenance::Provenance;
use super::scale::Scale;
use super::{Map, NodeId};
use crate::nn::{Linear, Mlp};

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
    /// How the weights into it are spread over `weight_range`: counts of equally wide bins.
    pub weight_histogram: [u32; BINS],
    /// Which nodes below make its plain map; `None` in the first layer and for a map that is zero.
    pub origin: Option<Origin>,
    /// In the first layer: which pixels make it.
    pub halves: Option<Halves>,
    /// Its map less the one of [`super::Sight::minus`].
    pub difference: Option<Map>,
    /// Correlation of its plain map with that of each node of its layer, if [asked for](super::Sight::alike).
    pub alike: Option<Vec<Option<f32>>>,
    /// With [`super::Lens::Top`]: the images that it answers most to, highest first.
    pub top: Vec<TopImage>,
    /// With [`super::Lens::Preferred`]: its `z` for the image found.
    pub z: Option<f32>,
}

/// Where a plain map comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The signed share of each node of the layer below; they sum to 1.
    pub shares: Vec<f64>,
    /// How many nodes, largest shares first, make half of the picture.
    pub half: usize,
    /// The nodes with the largest shares, largest first.
    pub parts: Vec<Part>,
    /// The nodes that work most against the picture, strongest first: shares below zero.
    pub against: Vec<Part>,
}

/// What one node of the layer below adds to a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its share of the map.
    pub share: f64,
    /// The weight that it is added with.
    pub weight: f32,
    /// Its own plain map times that weight, at 14x14: these pictures add up to the map.
    pub map: Map,
}

/// An image that a node answers much to.
#[derive(Debug, Clone, PartialEq)]
pub struct TopImage {
    /// Its place in the test split.
    pub image: usize,
    /// Its class.
    pub label: usize,
    /// The node's `z`.
    pub z: f32,
    /// Its pixels, 28x28, 0 = no ink.
    pub levels: Box<[u8]>,
}

/// Bins of the histogram of weights.
pub const BINS: usize = 24;
/// How many parts of a map are named, and how many that work against it.
pub const PARTS: usize = 16;
/// Pixels along one side of the picture of a part.
const PART_SIDE: usize = 14;
/// How many top images are named.
pub const TOP: usize = 16;

/// How many links of each kind a report names.
pub const LINKS: usize = 16;

impl NodeReport {
    /// The report on the node that `map` is of, with products in a given precision; `alike` compares it with its layer.
    ///
    /// # Panics
    /// If the network has no such node.
    #[must_use]
    pub fn new<F: Precision>(model: &Mlp, map: Map, alike: bool) -> Self {
        let node = map.node;
        let layer = &model.layers[node.layer];
        let weights = layer.weight.row(node.index);
        let range = weights.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |r, &w| (r.0.min(w), r.1.max(w)));
        let mut weight_histogram = [0; BINS];
        for &weight in weights {
            // Of a flat row all are in the first bin: 0 / 0 becomes 0.
            let bin = (weight - range.0) / (range.1 - range.0) * BINS as f32;
            weight_histogram[(bin as usize).min(BINS - 1)] += 1;
        }
        Self {
            node,
            map,
            bias: layer.bias[node.index],
            weight_range: range,
            weight_histogram,
            origin: Origin::of::<F>(model, node),
            halves: Halves::of(model, node),
            difference: None,
            alike: alike.then(|| likeness::<F>(model, node)),
            top: Vec::new(),
            z: None,
            incoming: strongest(weights.iter().copied()),
            outgoing: model
                .layers
                .get(node.layer + 1)
                .map(|above| strongest(above.weight.column(node.index).iter().copied()))
                .unwrap_or_default(),
        }
    }
}

impl Origin {
    fn of<F: Precision>(model: &Mlp, node: NodeId) -> Option<Self> {
        let provenance = Provenance::of::<F>(model, node)?;
        let ranked = provenance.ranked();
        let weights = model.layers[node.layer].weight.row(node.index);
        let below = node.layer - 1;
        let parts = |nodes: &[usize]| -> Vec<Part> {
            let maps: Array2<F> = backproject::plain(model, below, nodes);
            let part = |(map, &index): (ndarray::ArrayView1<F>, &usize)| {
                let added = map.mapv(|value| value * F::of(weights[index])).to_vec();
                let range = Scale::Node.range(&added, (0.0, 0.0));
                let map = Map::new(NodeId { layer: below, index }, &added, range, PART_SIDE, None);
                Part { share: provenance.shares[index], weight: weights[index], map }
            };
            maps.rows().into_iter().zip(nodes).map(part).collect()
        };
        let against: Vec<usize> =
            ranked.iter().rev().copied().take_while(|&j| provenance.shares[j] < 0.0).take(PARTS).collect();
        let half = provenance.half();
        Some(Self {
            half,
            parts: parts(&ranked[..PARTS.min(ranked.len())]),
            against: parts(&against),
            shares: provenance.shares,
        })
    }
}

/// Correlation of a node's plain map with that of each node of its layer; `None` where one of both is flat.
fn likeness<F: Precision>(model: &Mlp, node: NodeId) -> Vec<Option<f32>> {
    let all: Vec<usize> = (0..model.layers.get(node.layer).map_or(0, Linear::nodes)).collect();
    let maps = backproject::plain::<F>(model, node.layer, &all).mapv(Into::into);
    let own = maps.index_axis(Axis(0), node.index).to_vec();
    maps.rows().into_iter().map(|map| correlation(&own, &map.to_vec()).map(|r| r as f32)).collect()
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
    use crate::nn::Activation;

    fn map_of(layer: usize, index: usize) -> Map {
        Map {
            node: NodeId { layer, index },
            raw: [].into(),
            levels: [].into(),
            side: 28,
            range: (0.0, 0.0),
            flat: true,
            offset: None,
            faithfulness: None,
            edge_share: None,
        }
    }

    /// Two hidden nodes and three outputs, without weights but for some of the first pixels.
    fn model() -> Mlp {
        let pixels = |first: [f32; 3]| first.into_iter().chain(std::iter::repeat_n(0.0, 781));
        let weights = pixels([0.5, -2.0, 0.5]).chain(pixels([1.0, 0.0, -1.0])).collect();
        Mlp {
            layers: vec![
                Linear { weight: Array2::from_shape_vec((2, 784), weights).unwrap(), bias: array![0.25, -0.5] },
                Linear { weight: array![[3.0, 0.1], [-4.0, 0.2], [0.0, 0.3]], bias: array![0.0, 1.0, 2.0] },
            ],
            activation: Activation::Relu,
        }
    }

    #[test]
    fn links_are_ranked_by_absolute_weight_in_both_directions() {
        let link = |index, weight| Link { index, weight };
        let report = NodeReport::new::<f64>(&model(), map_of(0, 0), false);
        assert_eq!(report.incoming[..3], [link(1, -2.0), link(0, 0.5), link(2, 0.5)]);
        assert_eq!(report.outgoing, [link(1, -4.0), link(0, 3.0), link(2, 0.0)]);
        assert_eq!((report.bias, report.weight_range), (0.25, (-2.0, 0.5)));
        // 24 bins of 2.5 / 24: 0 is in the one from 1.979 to 2.083 above the lowest.
        let mut histogram = [0; BINS];
        (histogram[0], histogram[19], histogram[23]) = (1, 781, 2);
        assert_eq!(report.weight_histogram, histogram);
        assert_eq!((report.origin, report.alike), (None, None));
        assert_eq!(report.halves.map(|halves| halves.n), Some(1));

        let output = NodeReport::new::<f64>(&model(), map_of(1, 1), false);
        assert_eq!(output.incoming, [link(0, -4.0), link(1, 0.2)]);
        assert_eq!((output.bias, output.outgoing.len()), (1.0, 0));
    }

    #[test]
    fn parts_add_up_to_the_map_and_likeness_is_correlation() {
        let report = NodeReport::new::<f64>(&model(), map_of(1, 1), true);
        let origin = report.origin.unwrap();
        // P_1 = -4 (0.5, -2, 0.5) + 0.2 (1, 0, -1); shares <C_j, P> / |P|^2.
        let map = [-1.8, 8.0, -2.2];
        let energy: f64 = map.iter().map(|v| v * v).sum();
        let share = (0.2 * -1.8 + 0.2 * 2.2) / energy;
        approx::assert_relative_eq!(origin.shares[1], share, epsilon = 1e-8);
        assert_eq!((origin.half, origin.parts.len(), origin.against.len()), (1, 2, 0));
        for (pixel, value) in map.into_iter().enumerate() {
            let sum: f32 = origin.parts.iter().map(|part| part.map.raw[pixel]).sum();
            approx::assert_relative_eq!(f64::from(sum), value, epsilon = 1e-6);
        }
        let alike = report.alike.unwrap();
        approx::assert_relative_eq!(alike[1].unwrap(), 1.0, epsilon = 1e-6);
        assert!(alike[0].unwrap() < -0.9 && alike[2].unwrap().abs() < 0.2, "{alike:?}");
    }
}
