//! How a gradient changes a weight.

use ndarray::NdFloat;
use serde::{Deserialize, Serialize};

use super::Linear;
use super::init::from_f64;

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
    /// `s = rho * s + (1 - rho) * g^2; w -= rate * g / (sqrt(s) + epsilon)`: epsilon outside the root, as in Tieleman &
    /// Hinton's slides, PyTorch, and the Keras 2 of the article. (Keras 3 has it inside: pixels that are almost never
    /// inked then move a hundred times less, and the bright borders of the article's pictures do not appear.)
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

impl Optimizer {
    /// The same optimizer with another step size.
    #[must_use]
    pub fn with_learning_rate(mut self, rate: f32) -> Self {
        match &mut self {
            Self::Sgd { learning_rate }
            | Self::Momentum { learning_rate, .. }
            | Self::RmsProp { learning_rate, .. }
            | Self::Adam { learning_rate, .. } => *learning_rate = rate,
        }
        self
    }

    /// A step size that it mostly does well with: Keras' default, for SGD and momentum 0.01.
    #[must_use]
    pub fn usual_learning_rate(&self) -> f32 {
        match self {
            Self::Sgd { .. } | Self::Momentum { .. } => 0.01,
            Self::RmsProp { .. } | Self::Adam { .. } => 0.001,
        }
    }

    /// How many numbers it remembers of each weight.
    #[must_use]
    pub fn n_slots(&self) -> usize {
        match self {
            Self::Sgd { .. } => 0,
            Self::Momentum { .. } | Self::RmsProp { .. } => 1,
            Self::Adam { .. } => 2,
        }
    }

    /// The numbers of step `step`, counted from 1: all that [`Rule::update`] needs.
    #[must_use]
    pub fn rule<F: NdFloat>(&self, step: u64) -> Rule<F> {
        let f = |x: f32| from_f64::<F>(f64::from(x));
        match *self {
            Self::Sgd { learning_rate } => Rule::Sgd { rate: f(learning_rate) },
            Self::Momentum { learning_rate, momentum } => {
                Rule::Momentum { rate: f(learning_rate), momentum: f(momentum) }
            }
            Self::RmsProp { learning_rate, rho, epsilon } => {
                Rule::RmsProp { rate: f(learning_rate), rho: f(rho), epsilon: f(epsilon) }
            }
            Self::Adam { learning_rate, beta1, beta2, epsilon } => {
                // Both means begin at zero; this undoes their lag (Kingma & Ba, end of section 2).
                let (b1, b2) = (f64::from(beta1), f64::from(beta2));
                let lag = (1.0 - libm::pow(b2, step as f64)).sqrt() / (1.0 - libm::pow(b1, step as f64));
                let rate = from_f64(f64::from(learning_rate) * lag);
                Rule::Adam { rate, beta1: f(beta1), beta2: f(beta2), epsilon: f(epsilon) }
            }
        }
    }
}

/// An optimizer at one step, with its numbers ready for use.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names are those of Optimizer")]
pub enum Rule<F> {
    Sgd {
        rate: F,
    },
    Momentum {
        rate: F,
        momentum: F,
    },
    RmsProp {
        rate: F,
        rho: F,
        epsilon: F,
    },
    /// `rate` holds the correction of the step.
    Adam {
        rate: F,
        beta1: F,
        beta2: F,
        epsilon: F,
    },
}

impl<F: NdFloat> Rule<F> {
    /// The step size.
    #[must_use]
    pub fn rate(self) -> F {
        match self {
            Self::Sgd { rate } | Self::Momentum { rate, .. } | Self::RmsProp { rate, .. } | Self::Adam { rate, .. } => {
                rate
            }
        }
    }

    /// Whether a gradient of zero leaves a weight and its memory as they are.
    #[must_use]
    pub fn rests(self) -> bool {
        matches!(self, Self::Sgd { .. })
    }

    /// Changes the weights `w` by their gradient `g`; `slots` is what the optimizer remembers of them (slices that this
    /// optimizer does not use may be empty, see [`Optimizer::n_slots`]).
    ///
    /// Inlined always, so that a caller that is compiled for a CPU's vector unit gets this loop compiled for it too.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the loops must take on the caller's target features")]
    pub fn update(self, w: &mut [F], g: &[F], slots: [&mut [F]; 2]) {
        let [first, second] = slots;
        match self {
            Self::Sgd { rate } => {
                for (w, &g) in w.iter_mut().zip(g) {
                    *w -= rate * g;
                }
            }
            Self::Momentum { rate, momentum } => {
                for ((w, &g), v) in w.iter_mut().zip(g).zip(first) {
                    *v = momentum * *v - rate * g;
                    *w += *v;
                }
            }
            Self::RmsProp { rate, rho, epsilon } => {
                for ((w, &g), s) in w.iter_mut().zip(g).zip(first) {
                    *s = rho * *s + (F::one() - rho) * (g * g);
                    *w -= rate * g / (s.sqrt() + epsilon);
                }
            }
            Self::Adam { rate, beta1, beta2, epsilon } => {
                for (((w, &g), m), v) in w.iter_mut().zip(g).zip(first).zip(second) {
                    *m += (g - *m) * (F::one() - beta1);
                    *v += (g * g - *v) * (F::one() - beta2);
                    *w -= rate * *m / (v.sqrt() + epsilon);
                }
            }
        }
    }

    /// [`Rule::update`] for whole layers, slots as `slots[slot][layer]`.
    pub fn update_layers(self, layers: &mut [Linear<F>], gradients: &[Linear<F>], slots: &mut [Vec<Linear<F>>]) {
        for (i, (layer, gradient)) in layers.iter_mut().zip(gradients).enumerate() {
            let [weight, bias] = layer.flat_mut();
            let [d_weight, d_bias] = gradient.flat();
            let mut memory = slots.iter_mut().map(|slot| slot[i].flat_mut());
            let [m_weight, m_bias] = memory.next().unwrap_or_default();
            let [v_weight, v_bias] = memory.next().unwrap_or_default();
            self.update(weight, d_weight, [m_weight, v_weight]);
            self.update(bias, d_bias, [m_bias, v_bias]);
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// The weights after each of three steps, from `W` and the gradients `G`.
    fn three_steps(optimizer: Optimizer) -> Vec<[f64; 3]> {
        let mut w = [1.0, -2.0, 0.5];
        let mut slots = [[0.0; 3]; 2];
        let [m, v] = &mut slots;
        let gradients = [[0.1, -3.0, 0.0], [0.2, 4.0, 0.0], [-0.7, 0.5, 1e-9]];
        let mut after = Vec::new();
        for (g, step) in gradients.iter().zip(1..) {
            optimizer.rule::<f64>(step).update(&mut w, g, [&mut *m, &mut *v]);
            after.push(w);
        }
        after
    }

    // Keras' formulas in numpy, RMSprop's as Keras 2 has it; the hyper-parameters are the f32 numbers.
    //
    // import numpy as np
    // f = lambda x: float(np.float32(x)); G = [np.array(g) for g in ([.1, -3, 0], [.2, 4, 0], [-.7, .5, 1e-9])]
    // W = np.array([1, -2, .5]); lr, mo, rho, b1, b2, eps = map(f, (.01, .9, .9, .9, .999, 1e-7))
    // w = W.copy()
    // for g in G: w = w - lr * g; print("sgd", w.tolist())
    // w = W.copy(); v = 0
    // for g in G: v = mo * v - lr * g; w = w + v; print("momentum", w.tolist())
    // w = W.copy(); v = 0
    // for g in G: v = rho * v + (1 - rho) * g * g; w = w - lr * g / (np.sqrt(v) + eps); print("rmsprop", w.tolist())
    // w = W.copy(); m = v = 0
    // for t, g in enumerate(G, 1):
    //     alpha = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
    //     m = m + (g - m) * (1 - b1); v = v + (g * g - v) * (1 - b2); w = w - m * alpha / (np.sqrt(v) + eps)
    //     print("adam", w.tolist())
    #[test]
    fn updates_are_those_of_keras() {
        let rate = 0.01;
        for (optimizer, expected) in [
            (
                Optimizer::Sgd { learning_rate: rate },
                [
                    [0.999_000_000_022_351_8, -1.970_000_000_670_552_3, 0.5],
                    [0.997_000_000_067_055_2, -2.009_999_999_776_482_6, 0.5],
                    [1.003_999_999_910_593, -2.014_999_999_664_724, 0.499_999_999_99],
                ],
            ),
            (
                Optimizer::Momentum { learning_rate: rate, momentum: 0.9 },
                [
                    [0.999_000_000_022_351_8, -1.970_000_000_670_552_3, 0.5],
                    [0.996_100_000_111_013_7, -1.983_000_001_095_235_3, 0.5],
                    [1.000_490_000_103_488_7, -1.999_700_001_055_747_3, 0.499_999_999_99],
                ],
            ),
            (
                Optimizer::RmsProp { learning_rate: rate, rho: 0.9, epsilon: 1e-7 },
                [
                    [0.968_377_327_874_527_1, -1.968_377_231_208_200_4, 0.5],
                    [0.939_805_944_094_447_3, -1.994_143_491_071_690_9, 0.5],
                    [0.970_095_053_380_516_6, -1.997_519_095_978_562_5, 0.499_900_315_234_345_2],
                ],
            ),
            (
                Optimizer::Adam { learning_rate: rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
                [
                    [0.990_000_316_443_315_9, -1.990_000_010_764_499_5, 0.5],
                    [0.980_348_632_850_367_1, -1.991_935_113_721_013_3, 0.5],
                    [0.984_165_122_259_995_5, -1.994_059_591_456_268, 0.499_997_980_545_639_1],
                ],
            ),
        ] {
            for (got, expected) in three_steps(optimizer).iter().zip(expected) {
                assert_relative_eq!(got[..], expected[..], max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn a_new_rate_changes_nothing_else() {
        let adam = Optimizer::Adam { learning_rate: 0.1, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 };
        let slower = Optimizer::Adam { learning_rate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 };
        assert_eq!(adam.with_learning_rate(0.01), slower);
        assert_eq!(slower.learning_rate().to_bits(), 0.01f32.to_bits());
    }
}
