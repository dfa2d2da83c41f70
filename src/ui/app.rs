//! What the dashboard knows and shows. Pure state: no terminal, no thread, no clock; the loop in [`super::run`] tells it
//! what has happened and does what it asks for.

pub mod browse;
pub mod choice;
pub mod data;
pub mod download;
mod help;
pub mod inspector;
mod keys;
pub mod looking;
pub mod message;
mod mouse;
mod moves;
mod news;
pub mod ranking;
pub mod rate;
pub mod request;
pub mod training;
pub mod trust;

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::{Position, Rect, Size};

use self::browse::Browse;
pub use self::choice::{Chart, Charts, Options, Overlay, Panes, Span};
pub use self::data::{DataView, Reach, Tab, Tone};
use self::download::{Download, Order};
use self::inspector::Inspector;
use self::looking::Looking;
use self::message::Message;
use self::rate::Rate;
use self::training::Wishes;
use super::areas::{Areas, MapSize};
use super::palette::{Glyphs, Ramp};
use crate::lens::{Lens, Page, Scale, Study, Survey};
use crate::session::{Control, Plan, Snapshot};

/// What the loop is asked to do after an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Tell the run something.
    Control(Control),
    /// Give the terminal back to the shell until `fg`.
    Suspend,
    /// Draw every cell again.
    Redraw,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Fetch MNIST, or give that up.
    Fetch(Order),
    /// Leave, for a new run on what was fetched.
    NewData,
    /// Leave: by `q` (exit code 0) or by Ctrl-C (130).
    Quit {
        /// It was Ctrl-C.
        interrupted: bool,
    },
}

/// The state of the dashboard.
#[derive(Debug, Clone)]
pub struct App {
    /// What the user has decided beforehand.
    pub options: Options,
    /// What the run was asked for; known before the first snapshot.
    pub plan: Arc<Plan>,
    /// The newest snapshot, once there is one.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The newest maps, once there are some; perhaps of another layer or lens than the one on screen.
    pub page: Option<Arc<Page>>,
    /// The newest numbers of the whole network, once there are some.
    pub study: Option<Arc<Study>>,
    /// What is in the data, once that is known.
    pub survey: Option<Arc<Survey>>,
    /// Size of the screen.
    pub size: Size,
    /// The data's tab, and whether it is the open one.
    pub data: DataView,
    /// The layer whose tab is open, or was last: its index.
    pub layer: usize,
    /// The cursor of each layer: index of a node.
    pub cursors: Vec<usize>,
    /// In which order the nodes are shown, and which of them.
    pub browse: Browse,
    /// The lens.
    pub lens: Lens,
    /// Which images it takes, and the picked one.
    pub looking: Looking,
    /// The scale.
    pub scale: Scale,
    /// The colours of maps, where the terminal has them.
    pub ramp: Ramp,
    /// The characters of small maps.
    pub glyphs: Glyphs,
    /// The size of the maps, if the user has chosen one.
    pub map_size: Option<MapSize>,
    /// Which panes are open.
    pub panes: Panes,
    /// Which charts come first.
    pub charts: Charts,
    /// Which part of the run the curves show.
    pub span: Span,
    /// Whether everything known of the node under the cursor is shown.
    pub inspecting: bool,
    /// What is done there.
    pub inspector: Inspector,
    /// What lies on top.
    pub overlay: Overlay,
    /// Whether the mouse is ours.
    pub mouse: bool,
    /// What is sent to the terminal.
    pub rate: Rate,
    /// What the run was told and has not shown yet.
    pub wishes: Wishes,
    /// The newest thing worth telling.
    pub message: Option<Message>,
    /// What the download of MNIST has come to, if there was one.
    pub download: Option<Download>,
    /// Whether it is said why it failed.
    pub is_failure_shown: bool,
    /// Time since the dashboard opened, as the loop last said.
    pub now: Duration,
}

impl App {
    /// The dashboard of a run with this plan, before anything has happened.
    #[must_use]
    pub fn new(plan: Arc<Plan>, options: Options) -> Self {
        let n_layers = plan.shape.hidden.len() + 1;
        Self {
            lens: options.lens,
            scale: options.scale,
            ramp: options.ramp,
            glyphs: options.glyphs,
            mouse: options.mouse,
            // Of a network that nobody trains there is nothing else to see.
            charts: if options.live { Charts::Learning } else { Charts::Trust },
            options,
            snapshot: None,
            page: None,
            study: None,
            survey: None,
            size: Size::new(0, 0),
            data: DataView::new(plan.class_names.len()),
            plan,
            layer: 0,
            cursors: vec![0; n_layers],
            browse: Browse::default(),
            looking: Looking::default(),
            map_size: None,
            panes: Panes::default(),
            span: Span::default(),
            inspecting: false,
            inspector: Inspector::default(),
            overlay: Overlay::None,
            rate: Rate::default(),
            wishes: Wishes::default(),
            message: None,
            download: None,
            is_failure_shown: false,
            now: Duration::ZERO,
        }
    }

    /// Number of layers.
    #[must_use]
    pub fn n_layers(&self) -> usize {
        self.cursors.len()
    }

    /// Nodes of the open layer.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.width_of(self.layer)
    }

    /// Nodes of a layer.
    #[must_use]
    pub fn width_of(&self, layer: usize) -> usize {
        self.plan.shape.hidden.get(layer).copied().unwrap_or(self.plan.shape.outputs).max(1)
    }

    /// Whether the open layer is the output layer.
    #[must_use]
    pub fn is_output(&self) -> bool {
        self.layer + 1 == self.n_layers()
    }

    /// The node under the cursor.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursors[self.layer].min(self.n_nodes() - 1)
    }

    /// The whole screen.
    #[must_use]
    pub fn screen(&self) -> Rect {
        Rect::from((Position::ORIGIN, self.size))
    }

    /// Where everything is; `None` while the screen is too small.
    #[must_use]
    pub fn areas(&self) -> Option<Areas> {
        Areas::new(self.screen(), self)
    }
}

/// The entry `by` places after `current`, round and round.
fn next<T: Copy + PartialEq>(all: &[T], current: T, by: isize) -> T {
    let at = all.iter().position(|entry| *entry == current).unwrap_or(0).cast_signed();
    all[(at + by).rem_euclid(all.len().cast_signed()) as usize]
}
