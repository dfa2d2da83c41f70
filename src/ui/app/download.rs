//! The key that fetches MNIST: what the download has come to, and what the key then means.

use std::path::PathBuf;
use std::sync::Arc;

use super::{App, Effect, Options};
use crate::session::Plan;

/// What a download has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Download {
    /// It goes on.
    Running {
        /// Bytes received so far.
        received: u64,
        /// Bytes in all.
        total: u64,
    },
    /// It was given up.
    GivenUp,
    /// No mirror had it, or it could not be written.
    Failed {
        /// Why: a line for each address with what was wrong there.
        why: Vec<String>,
        /// What to do.
        help: String,
    },
    /// It is whole.
    Done {
        /// The folder of its files.
        dir: PathBuf,
    },
}

/// What the download is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// To begin.
    Begin,
    /// To give up.
    GiveUp,
}

/// Bytes of MNIST as it is published, so that the bar has an end from the start.
const MNIST_BYTES: u64 = 11_594_722;

impl App {
    /// Takes in how the download goes.
    pub fn hear(&mut self, download: Download) {
        match &download {
            Download::GivenUp => {
                self.download = None;
                return self.say("the download was given up; nothing is left of it");
            }
            Download::Failed { .. } => self.is_failure_shown = true,
            Download::Running { .. } | Download::Done { .. } => {}
        }
        self.download = Some(download);
    }

    /// What the key means now: begin, give up, or a new run on what was fetched.
    pub(super) fn fetch(&mut self) -> Option<Effect> {
        if !self.options.live {
            self.say("a trained network is shown here: nothing trains");
            return None;
        }
        match &self.download {
            Some(Download::Running { .. }) => Some(Effect::Fetch(Order::GiveUp)),
            Some(Download::Done { .. }) => Some(Effect::NewData),
            _ if self.plan.data == "mnist" => {
                self.say("this run is on MNIST");
                None
            }
            _ if !self.options.can_fetch => {
                self.say("built without downloads: put MNIST's four files into ./data and start again");
                None
            }
            None | Some(Download::Failed { .. } | Download::GivenUp) => {
                self.is_failure_shown = false;
                self.download = Some(Download::Running { received: 0, total: MNIST_BYTES });
                Some(Effect::Fetch(Order::Begin))
            }
        }
    }

    /// Shows another run, of this plan; what the user has chosen to see stays.
    pub fn begin_again(&mut self, plan: Arc<Plan>) {
        let old = self.clone();
        *self = Self {
            options: Options { note: None, ..old.options.clone() },
            size: old.size,
            layer: old.layer,
            cursors: old.cursors,
            lens: old.lens,
            scale: old.scale,
            map_size: old.map_size,
            panes: old.panes,
            span: old.span,
            inspecting: old.inspecting,
            mouse: old.mouse,
            now: old.now,
            ..Self::new(plan, old.options)
        };
        self.data.open = old.data.open;
        self.say(format!("a new run on {}", self.plan.data));
    }

    /// The folder of a fetched set, once it is whole.
    #[must_use]
    pub fn fetched(&self) -> Option<&PathBuf> {
        match &self.download {
            Some(Download::Done { dir }) => Some(dir),
            _ => None,
        }
    }
}
