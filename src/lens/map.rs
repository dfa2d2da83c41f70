//! The answer of a lens: one picture, and a page of them.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::backproject::Precision;
use super::node::NodeReport;
use super::{NodeId, Sight, scale};
use crate::data::SIDE;

/// What one node looks for, as a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// Whose picture it is.
    pub node: NodeId,
    /// The map before scaling, 28x28 row by row.
    pub raw: Box<[f32]>,
    /// Grey levels 0..=255, `side` x `side` row by row.
    pub levels: Box<[u8]>,
    /// Pixels along one side of `levels`: 28, or fewer for a smaller picture.
    pub side: usize,
    /// Lowest and highest value that the levels 0 and 255 stand for.
    pub range: (f32, f32),
    /// All values are the same: there is no scale and every level is 127.
    pub flat: bool,
    /// The constant that the lens adds to every image's score (plain: `c_l = c_{l-1} W_l + b_l`), where it has one.
    pub offset: Option<f32>,
    /// R² of this very picture, of whatever lens: squared correlation of `x . raw` with what the node adds up, over
    /// [`Page::n_judged`] images (of a centred map or a difference, with what the node adds up beyond the mean of its
    /// layer or the other node). `None` where it is not known or either is constant, and for pictures of images.
    pub faithfulness: Option<f64>,
    /// Share of its energy on pixels that hardly any image inks ([`super::statistics::Statistics::edge_share`]): what it
    /// says there the network was hardly ever asked. `None` for a map that is zero, and while there are no images.
    pub edge_share: Option<f64>,
}

impl Map {
    /// The picture of `values` (28x28) at `side` x `side`, where level 0 stands for the first value of `range` and 255
    /// for the second. A flat map is mid grey whatever the range.
    #[must_use]
    pub fn new<F: Precision>(node: NodeId, values: &[F], range: (f64, f64), side: usize, offset: Option<f64>) -> Self {
        let flat = scale::is_flat(values);
        let range = if flat { scale::range(values).unwrap_or_default() } else { range };
        let levels = if side == SIDE {
            scale::levels(values, range)
        } else {
            scale::levels(&scale::resample(values, side), range)
        };
        Self {
            node,
            raw: values.iter().map(|&v| v.into() as f32).collect(),
            levels,
            side,
            range: (range.0 as f32, range.1 as f32),
            flat,
            offset: offset.map(|c| c as f32),
            faithfulness: None,
            edge_share: None,
        }
    }
}

/// The maps of the nodes that are visible, all of one network at one step.
#[derive(Debug, Clone)]
pub struct Page {
    /// The request that this answers ([`super::worker::Request::id`]).
    pub request: u64,
    /// [`crate::session::Snapshot::version`] that the maps were computed from.
    pub version: u64,
    /// Training step of that snapshot.
    pub step: u64,
    /// What was asked for.
    pub sight: Sight,
    /// One map a node, in the order asked for; none if something is [missing](Self::needs).
    pub maps: Vec<Map>,
    /// The node under the cursor, large and with its numbers, if it was asked for.
    pub focus: Option<NodeReport>,
    /// The one image that the page is about, if it is about one.
    pub image: Option<Shown>,
    /// The answer to [`Sight::why`].
    pub because: Option<Because>,
    /// How many held-out images the maps rest on; `None` for a lens that looks at weights alone.
    pub n_images: Option<usize>,
    /// How many held-out images [`Map::faithfulness`] rests on; `None` if no map has one.
    pub n_judged: Option<usize>,
    /// Training step of the network that [`Map::faithfulness`] was found with. While the network trains it may be older
    /// than [`step`](Self::step), by a few seconds.
    pub judged_step: Option<u64>,
    /// The rows and columns outside of which images hardly ever have ink, where that is known
    /// ([`super::statistics::Statistics::inked_area`]).
    pub inked: Option<[RangeInclusive<usize>; 2]>,
    /// What the lens would need to show something; where there are maps all the same, what [`Sight::why`] would need.
    pub needs: Option<Needs>,
    /// Whether the products were taken in f64 and over all test images, as `weightscope maps` does (they are while
    /// nothing trains).
    pub exact: bool,
    /// Time that the computation took.
    pub took: Duration,
}

/// What keeps a lens from showing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Needs {
    /// The dataset, which has not been read or was not found.
    Data,
    /// An image of that class or with that number; there is none.
    Image,
    /// ReLU: with another activation a decision has no exact explanation.
    Relu,
}

/// A held-out image, and what the network makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Its place in the test split.
    pub image: usize,
    /// Its class.
    pub label: usize,
    /// The network's answer.
    pub answer: usize,
    /// Probability of each class.
    pub probabilities: Vec<f32>,
    /// Its pixels, 28x28, 0 = no ink.
    pub levels: Box<[u8]>,
}

impl Shown {
    /// The most probable output but `a`.
    #[must_use]
    pub fn runner_up(&self, a: usize) -> usize {
        let others = self.probabilities.iter().enumerate().filter(|&(k, _)| k != a);
        others.max_by(|x, y| x.1.total_cmp(y.1).then(y.0.cmp(&x.0))).map_or(a, |(k, _)| k)
    }
}

/// Why output `a` and not `b`, on one image; exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// The output that is asked about.
    pub a: usize,
    /// The output that it is compared with.
    pub b: usize,
    /// What each pixel adds to the lead of `a` over `b`, at 28x28; its values add up to `lead - from_biases`.
    pub map: Map,
    /// `z_a - z_b`.
    pub lead: f64,
    /// The part of the lead that no pixel makes: the biases, carried through the same gates.
    pub from_biases: f64,
}
