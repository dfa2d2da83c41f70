//! How a gradient changes a weight.

use serde::{Deserialize, Serialize};

/// An optimizer and its hyper-parameters. The defaults are Keras'.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Optimizer {
    /// `w -= rate * g`.
    Sgd {
        /// Step size.
        learning_rate: f32,
    },
    /// `v = momentum * v - rate * g; w += v` (Keras' form).
    Momentum {
        /// Step size.
        learning_rate: f32,
        /// Share of the last step that is kept.
        #[serde(default = "default::momentum")]
        momentum: f32,
    },
    /// `s = rho * s + (1 - rho) * g^2; w -= rate * g / (sqrt(s + epsilon))` (Keras' form: epsilon under the root).
    RmsProp {
        /// Step size.
        learning_rate: f32,
        /// Decay of the mean square.
        #[serde(default = "default::rho")]
        rho: f32,
        /// Keeps the division finite.
        #[serde(default = "default::epsilon")]
        epsilon: f32,
    },
    /// Adam (Kingma & Ba 2015), in Keras' form: `w -= rate_t * m / (sqrt(v) + epsilon)`.
    Adam {
        /// Step size.
        learning_rate: f32,
        /// Decay of the mean gradient.
        #[serde(default = "default::beta1")]
        beta1: f32,
        /// Decay of the mean square.
        #[serde(default = "default::beta2")]
        beta2: f32,
        /// Keeps the division finite.
        #[serde(default = "default::epsilon")]
        epsilon: f32,
    },
}

mod default {
    pub fn momentum() -> f32 {
        0.9
    }
    pub fn rho() -> f32 {
        0.9
    }
    pub fn beta1() -> f32 {
        0.9
    }
    pub fn beta2() -> f32 {
        0.999
    }
    pub fn epsilon() -> f32 {
        1e-7
    }
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::RmsProp { learning_rate: 0.001, rho: default::rho(), epsilon: default::epsilon() }
    }
}

impl Optimizer {
    /// Its name in files, on the command line and on screen.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::Momentum { .. } => "momentum",
            Self::RmsProp { .. } => "rmsprop",
            Self::Adam { .. } => "adam",
        }
    }

    /// The current step size.
    #[must_use]
    pub fn learning_rate(&self) -> f32 {
        match *self {
            Self::Sgd { learning_rate }
            | Self::Momentum { learning_rate, .. }
            | Self::RmsProp { learning_rate, .. }
            | Self::Adam { learning_rate, .. } => learning_rate,
        }
    }
}
