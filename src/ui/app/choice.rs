//! What the user chooses to see.

use crate::lens::{Lens, Scale};
use crate::ui::keys::KeyMap;
use crate::ui::palette::{Glyphs, Marker, Palette, Ramp};

/// What the user has decided about the dashboard before it opens.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the terminal can show.
    pub palette: Palette,
    /// The first colours of maps.
    pub ramp: Ramp,
    /// The first characters of small maps.
    pub glyphs: Glyphs,
    /// The characters of curves.
    pub marker: Marker,
    /// Which key does what.
    pub keys: KeyMap,
    /// The first lens.
    pub lens: Lens,
    /// The first scale.
    pub scale: Scale,
    /// A run stands behind the screen and can be told something; otherwise a trained network is only looked at.
    pub live: bool,
    /// Whether MNIST can be fetched.
    pub can_fetch: bool,
    /// Whether the mouse is ours from the start.
    pub mouse: bool,
    /// A line to keep on screen: which data this is when nobody asked for it, and how to get better.
    pub note: Option<String>,
    /// Frames a second, at most.
    pub fps: f32,
}

/// Which panes are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Panes {
    /// The gallery, and the side column where there is room for it.
    #[default]
    Both,
    /// The gallery in the whole width.
    Gallery,
    /// The curves in the whole width.
    Curves,
}

/// Which part of the run the curves show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// From the first step on.
    #[default]
    Whole,
    /// The newest measurements in full.
    Recent,
}

/// What a chart shows over the training steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chart {
    /// Mean cross-entropy in nats.
    Loss,
    /// Share of right answers.
    Accuracy,
    /// R² of the output maps, and how often they give the network's answer.
    Faithfulness,
    /// How much the output maps look like the mean images of their classes.
    Template,
    /// How far each layer's maps are from noise.
    Structure,
    /// Nodes of each hidden layer that never fire.
    Dead,
}

/// Which charts come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charts {
    /// Loss and accuracy.
    #[default]
    Learning,
    /// Faithfulness with agreement, and template match.
    Trust,
    /// Structure and dead nodes.
    Structure,
}

impl Charts {
    /// All pairs, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Learning, Self::Trust, Self::Structure];

    /// All charts, this pair's first: as many as there is room for are shown.
    #[must_use]
    pub fn in_order(self) -> [Chart; 6] {
        let mut charts =
            [Chart::Loss, Chart::Accuracy, Chart::Faithfulness, Chart::Template, Chart::Structure, Chart::Dead];
        charts.rotate_left(2 * Self::ALL.iter().position(|pair| *pair == self).unwrap_or(0));
        charts
    }
}

/// What lies on top of the panes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The help screen, scrolled down by so many lines.
    Help {
        /// Lines above the first one shown.
        scroll: u16,
    },
    /// "go to node": the digits typed so far.
    GoTo(String),
    /// "pick an image": what is typed so far, a number or `c` and a class.
    Image(String),
}
