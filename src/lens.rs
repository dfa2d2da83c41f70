//! Lenses: what does a node look for? The layer's weights carried back to the pixels, as 28x28 maps.
//!
//! A lens turns a network into one 784-vector a node ([`backproject`]); a scale turns that vector into grey levels
//! ([`scale`]); the worker does both off everybody else's thread, newest request first, only for what is visible
//! ([`worker`], [`page`]). Formulas: `P_1 = W_1`, `P_l = P_{l-1} W_l` with `W_l` of shape (inputs, nodes).

pub mod backproject;
pub mod faithfulness;
pub mod firing;
#[cfg(test)]
pub(crate) mod fixture;
pub mod gated;
pub mod halves;
pub mod held_out;
mod hold;
pub mod looker;
pub mod map;
pub mod measure;
pub mod node;
pub mod numbers;
pub mod page;
pub mod pattern;
pub mod preferred;
pub mod product;
pub mod provenance;
pub mod reactions;
pub mod scale;
pub mod sight;
pub mod sparse;
pub mod statistics;
pub mod study;
pub mod survey;
pub mod worker;

use serde::{Deserialize, Serialize};

pub use map::{Because, Map, Needs, Page, Shown};
pub use scale::Scale;
pub use sight::{Over, Sight};
pub use study::Study;
pub use survey::Survey;

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
    /// Response pattern: what the input tends to look like when the node is high ([`pattern::response`]).
    Pattern,
    /// Plain, times how much each pixel varies ([`statistics::Statistics::influence`]).
    Influence,
    /// Mean Jacobian: the network's own derivative, averaged over images ([`gated`]).
    Gated,
    /// What the node responds to: the mean of the images, weighted by its answers ([`pattern::weighted_mean`]).
    Mean,
    /// The image that the node answers most to.
    Top,
    /// Experimental: an image made to please the node ([`preferred`]).
    Preferred,
}

impl Lens {
    /// All lenses, in the order in which a key goes through them.
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::Bias,
        Self::Article,
        Self::Pattern,
        Self::Influence,
        Self::Gated,
        Self::Mean,
        Self::Top,
        Self::Preferred,
    ];

    /// Its name on the command line, which takes all but the last two.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Bias => "bias",
            Self::Article => "article",
            Self::Pattern => "pattern",
            Self::Influence => "influence",
            Self::Gated => "gated",
            Self::Mean => "mean",
            Self::Top => "top",
            Self::Preferred => "preferred",
        }
    }

    /// Whether there is nothing to see without a dataset.
    #[must_use]
    pub fn needs_images(self) -> bool {
        !matches!(self, Self::Plain | Self::Bias | Self::Article | Self::Preferred)
    }

    /// Whether its maps, laid over an image, foretell what the node adds up: not so for images.
    #[must_use]
    pub fn foretells(self) -> bool {
        !matches!(self, Self::Top | Self::Preferred)
    }

    /// Whether 0 divides its maps: more or raising is above it, less or lowering below.
    #[must_use]
    pub fn has_sides(self) -> bool {
        self.foretells() && !matches!(self, Self::Bias | Self::Article)
    }

    /// Whether its maps are functions of the logit, which may be centred.
    #[must_use]
    pub fn can_be_centred(self) -> bool {
        !matches!(self, Self::Top | Self::Preferred)
    }
}

/// One node of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Index of the layer, 0 for the first hidden layer (shown as 1).
    pub layer: usize,
    /// Index of the node in its layer.
    pub index: usize,
}
