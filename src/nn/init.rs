//! How weights begin.

use serde::{Deserialize, Serialize};

/// The distribution of the initial weights; biases begin at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Init {
    /// Uniform in ±sqrt(6 / (in + out)) (Glorot & Bengio 2010), Keras' default.
    #[default]
    GlorotUniform,
    /// Normal with variance 2 / in (He et al. 2015).
    HeNormal,
}
