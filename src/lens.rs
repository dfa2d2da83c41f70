//! Lenses: what does a node look for? The layer's weights carried back to the pixels, as 28x28 maps.

pub mod backproject;
pub mod node;
pub mod scale;
pub mod worker;

use serde::{Deserialize, Serialize};

/// A way of asking what a node looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Lens {
    /// `P_1 = W_1, P_l = P_{l-1} W_l`: the weights multiplied back to the pixels.
    #[default]
    Plain,
    /// The same with each bias added to every row of its matrix, as the article's words have it.
    Bias,
    /// The article's own program: each layer's images are scaled to integers before the next product.
    Article,
}

/// One node of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Index of the layer, 0 for the first hidden layer (shown as 1).
    pub layer: usize,
    /// Index of the node in its layer.
    pub index: usize,
}
