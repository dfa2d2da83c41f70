//! The honest numbers of a whole network at one step: what can be said of its plain maps, and when its nodes fire.

mod trend;
mod work;

use std::sync::Arc;

pub use self::trend::Trend;
pub use self::work::{Task, Work};
use super::firing::Habit;
use super::measure::mean;
use crate::data::{CLASSES, Dataset};

/// Everything known of every node of a network. What is not known is `None`: without a dataset, all that rests on images.
#[derive(Debug, Clone)]
pub struct Study {
    /// [`crate::session::Snapshot::version`] that it was made from.
    pub version: u64,
    /// Training step of that snapshot.
    pub step: u64,
    /// Number of test images that it rests on.
    pub n_images: usize,
    /// Number of test images that there are.
    pub n_test: usize,
    /// Share of the images where the output maps alone give the network's own answer.
    pub agreement: Option<f64>,
    /// Mean template match of the outputs.
    pub template_match: Option<f64>,
    /// Mean over the outputs of the share of a map's energy on edge pixels.
    pub edge_share: Option<f64>,
    /// Layer by layer.
    pub layers: Vec<LayerStudy>,
    /// Output by output.
    pub outputs: Vec<OutputStudy>,
    /// The images looked at, in the order of the test split.
    pub judged: Arc<[Judged]>,
    /// The step that [`NodeStudy::change`] counts from.
    pub since: Option<u64>,
    /// How the numbers went so far in this run.
    pub trend: Arc<Trend>,
    /// Where the images are.
    pub data: Option<Arc<Dataset>>,
}

/// Numbers of one layer.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerStudy {
    /// Node by node.
    pub nodes: Vec<NodeStudy>,
    /// Mean structure index of its maps.
    pub structure: Option<f64>,
    /// Mean faithfulness (R²) of its maps.
    pub faithfulness: Option<f64>,
    /// Nodes that fire on none of the images; `None` where a node has no off (tanh, sigmoid, outputs).
    pub dead: Option<usize>,
    /// Nodes that fire on fewer than 1 % of them, the dead not counted.
    pub rare: Option<usize>,
    /// Nodes that fire on all of them.
    pub always_on: Option<usize>,
}

/// Numbers of one node.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeStudy {
    /// Length of its plain map: root of the sum of squares.
    pub norm: f64,
    /// Structure index of its plain map: 0 for noise, 1 for one smooth shape.
    pub structure: Option<f64>,
    /// R²: squared correlation of what its plain map foretells with what the node adds up.
    pub faithfulness: Option<f64>,
    /// Share of the images on which it fires (`z > 0`).
    pub firing: Option<f64>,
    /// How often that is; `None` where a node has no off.
    pub habit: Option<Habit>,
    /// Its mean answer to each class; of an output, its mean probability. NaN for a class without images.
    pub class_means: Option<[f64; CLASSES]>,
    /// The class that it answers most to, and how selectively, from 0 to 1.
    pub preference: Option<(usize, f64)>,
    /// How far its plain map has moved since the mark, as a share of its length then.
    pub change: Option<f64>,
    /// The images that it answers most to, by their places in the test split, and its `z`, highest first: at most
    /// [`TOP`].
    pub top: Vec<(usize, f64)>,
}

/// How many top images are named of each node.
pub const TOP: usize = 12;

/// Numbers of one output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputStudy {
    /// Correlation of its map with its own class's template on core pixels.
    pub template_match: Option<f64>,
    /// The class whose template its map matches best.
    pub best_template: Option<usize>,
    /// Correlation of its plain map with its weights + bias map.
    pub plain_vs_bias: Option<f64>,
}

/// A test image and what the network says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Its place in the test split.
    pub image: usize,
    /// Its class.
    pub label: u8,
    /// The network's answer.
    pub answer: u8,
}

impl Study {
    /// Whether it rests on all test images, not on a sample.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.n_images == self.n_test
    }

    /// Mean faithfulness of the output maps.
    #[must_use]
    pub fn output_faithfulness(&self) -> Option<f64> {
        self.layers.last()?.faithfulness
    }

    /// Dead nodes of all layers.
    #[must_use]
    pub fn dead(&self) -> Option<usize> {
        let counts: Vec<usize> = self.layers.iter().filter_map(|layer| layer.dead).collect();
        (!counts.is_empty()).then(|| counts.iter().sum())
    }
}

impl LayerStudy {
    fn new(nodes: Vec<NodeStudy>) -> Self {
        let count = |habit| {
            let known: Vec<Habit> = nodes.iter().filter_map(|node| node.habit).collect();
            (!known.is_empty()).then(|| known.into_iter().filter(|&h| h == habit).count())
        };
        Self {
            structure: mean(nodes.iter().map(|node| node.structure)),
            faithfulness: mean(nodes.iter().map(|node| node.faithfulness)),
            dead: count(Habit::Dead),
            rare: count(Habit::Rare),
            always_on: count(Habit::AlwaysOn),
            nodes,
        }
    }
}
