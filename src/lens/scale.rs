//! From a map's values to grey levels.

use serde::{Deserialize, Serialize};

/// Which values the levels 0 and 255 stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Scale {
    /// Each node from its own lowest to its own highest value, as in the article.
    #[default]
    Node,
    /// All nodes of the page's layer alike.
    Layer,
    /// Each node from -a to +a, a its highest absolute value: zero is mid grey.
    Symmetric,
}
