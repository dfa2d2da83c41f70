//! One node in full: its map, its weights and its strongest links.

use super::{Map, NodeId};

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
