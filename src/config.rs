//! What the user wrote in config.ron: read, checked, and turned into the rooms' options.
//!
//! [`Config`] is the file with its defaults ([`read`]); flags and environment variables are written over it by
//! [`crate::cli`]; [`Settings::resolve`] makes of the outcome a value that cannot be wrong.

pub mod check;
pub mod place;
pub mod read;
pub mod settings;
pub mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use settings::Settings;
pub use words::{Colors, Out, Word};

use crate::data::Source;
use crate::lens::{Lens, Scale};
use crate::nn::{Activation, Init, Optimizer};
use crate::session::Pace;
use crate::train::worker::Every;
use crate::ui::palette::{Background, Glyphs, Marker, Ramp};

/// The documented default: what `weightscope config default` prints. A test holds it to [`Config::default`].
pub const DEFAULT: &str = include_str!("../config.ron");

/// All of config.ron. What is not written there has its default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What to learn from.
    pub data: Data,
    /// What learns.
    pub network: Network,
    /// How it learns.
    pub training: Training,
    /// Where the run is kept.
    pub run: Run,
    /// How it is shown.
    pub display: Display,
    /// Keys that differ from the key table: action to its chords.
    pub keys: BTreeMap<String, Chords>,
}

/// What to learn from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// Where the images come from.
    #[serde(with = "words")]
    pub source: Source,
    /// Train on the first so many images; `None` = all.
    pub train_size: Option<usize>,
}

/// What learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// Nodes of each hidden layer.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Distribution of the initial weights.
    pub init: Init,
}

/// How it learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Training {
    /// Passes over the training images.
    pub epochs: usize,
    /// Images a step.
    pub batch_size: usize,
    /// The optimizer and its step size.
    pub optimizer: Optimizer,
    /// Seed of weights and shuffling.
    pub seed: u64,
    /// Threads that train; `None` = one a core.
    pub threads: Option<usize>,
    /// How fast training may go.
    #[serde(with = "words")]
    pub pace: Pace,
}

/// Where the run is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Run {
    /// The run folder.
    #[serde(with = "words")]
    pub dir: Out,
    /// How often a checkpoint is written.
    #[serde(with = "words")]
    pub checkpoint_every: Every,
    /// How many of them are kept.
    pub keep: usize,
}

/// How it is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Display {
    /// How many colours to use.
    #[serde(with = "words")]
    pub color: Colors,
    /// Whether only ASCII characters may be written.
    pub ascii: bool,
    /// What text stands on; `None` = what `COLORFGBG` says, or dark.
    pub background: Option<Background>,
    /// Frames a second at most; `None` = 10, and 5 over SSH.
    pub fps: Option<u32>,
    /// Kilobytes a second for pictures; `None` = 256, and 20 over SSH.
    pub max_rate: Option<u32>,
    /// Lens at the start.
    pub lens: Lens,
    /// Scale at the start.
    pub scale: Scale,
    /// Colours of maps at the start.
    pub palette: Ramp,
    /// Characters of small maps at the start; `None` = quadrants, and half blocks on the Linux console.
    pub glyphs: Option<Glyphs>,
    /// Characters of curves; `None` = braille, and dots on the Linux console.
    pub marker: Option<Marker>,
    /// Pixels along one side of a map; `None` = the largest that shows the whole layer.
    pub map_size: Option<usize>,
    /// Whether the mouse is listened to from the start.
    pub mouse: bool,
}

/// The keys of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a chord in quotes, or a list of them")]
pub enum Chords {
    /// `"q"`.
    One(String),
    /// `["q", "ctrl-c"]`; none: the action has no key.
    Many(Vec<String>),
}

impl Chords {
    /// The chords as a list.
    #[must_use]
    pub fn to_vec(&self) -> Vec<String> {
        match self {
            Self::One(chord) => vec![chord.clone()],
            Self::Many(chords) => chords.clone(),
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { hidden: vec![512, 256], activation: Activation::Relu, init: Init::GlorotUniform }
    }
}

impl Default for Training {
    fn default() -> Self {
        Self { epochs: 6, batch_size: 128, optimizer: Optimizer::default(), seed: 1, threads: None, pace: Pace::Auto }
    }
}

impl Default for Run {
    fn default() -> Self {
        Self { dir: Out::Auto, checkpoint_every: Every::Epochs(1), keep: 3 }
    }
}
