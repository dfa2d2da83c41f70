//! The thread that computes maps: newest request first, only for what is visible.

use std::sync::Arc;

use super::{Lens, Scale};
use crate::session::Snapshot;

/// What the screen wants to see.
#[derive(Debug, Clone)]
pub struct Request {
    /// Chosen by the asker; comes back in [`super::Page::request`].
    pub id: u64,
    /// The network to look at.
    pub snapshot: Arc<Snapshot>,
    /// Through which lens.
    pub lens: Lens,
    /// On which scale.
    pub scale: Scale,
    /// Index of the layer.
    pub layer: usize,
    /// Which nodes of it, in the order wanted.
    pub nodes: Vec<usize>,
    /// Pixels along one side of each picture (28, 24, 20, 14).
    pub side: usize,
    /// A node to report on in full.
    pub focus: Option<usize>,
}
