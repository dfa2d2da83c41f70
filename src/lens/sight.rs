//! What is looked at: shared by the screen, which wants it, and the worker, which shows it.

use std::sync::Arc;

use super::{Lens, Scale};
use crate::nn::Mlp;

/// What is looked at, apart from the moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sight {
    /// Through which lens.
    pub lens: Lens,
    /// Over which images, for a lens that looks at images.
    pub over: Over,
    /// Outputs only: each map less the mean map of all outputs (softmax gauge), as logits are defined only up to a
    /// common function. Lenses that show images have no such freedom and pass it over.
    pub centred: bool,
    /// On which scale.
    pub scale: Scale,
    /// Index of the layer.
    pub layer: usize,
    /// Indices of the nodes, in the order wanted.
    pub nodes: Vec<usize>,
    /// Pixels along one side of each map (28, 24, 20, 14).
    pub side: usize,
    /// The node to report on in full.
    pub focus: Option<usize>,
    /// A node whose map is taken off the one in focus, for a picture of their difference.
    pub minus: Option<usize>,
    /// Whether the report also says how alike every other node of the layer is.
    pub alike: bool,
    /// One decision to explain.
    pub why: Option<Why>,
    /// The earlier network that the study measures the change from.
    pub since: Option<Moment>,
}

/// Over which held-out images a lens looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Over {
    /// The gated lens on outputs: those of the output's own class. Else all.
    #[default]
    Own,
    /// All.
    All,
    /// Those of one class.
    Class(u8),
    /// One, by its place in the test split, for the gated lens: that image's own exact map. Other lenses need many
    /// images and take all.
    Image(usize),
}

/// "Why output `a` and not `b`, on this image?"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Why {
    /// The image's place in the test split.
    pub image: usize,
    /// The output that is asked about; `None`: the network's answer.
    pub a: Option<usize>,
    /// The output that it is compared with; `None`: the image's class, or where that is `a`, the most probable other.
    pub b: Option<usize>,
}

/// A network at one step of its training. Two are the same if they share the network.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Training step.
    pub step: u64,
    /// The network then.
    pub model: Arc<Mlp>,
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model)
    }
}

impl Eq for Moment {}
