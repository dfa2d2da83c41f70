//! What a hidden node makes of its weighted sum.

use ndarray::NdFloat;
use serde::{Deserialize, Serialize};

/// The activation function of the hidden layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Activation {
    /// max(z, 0).
    #[default]
    Relu,
    /// Hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(-z)).
    Sigmoid,
}

impl Activation {
    /// Its name in files and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }

    /// The node's answer `a` to the weighted sum `z`.
    ///
    /// NaN stays NaN, also through the rectifier, so that a broken number is seen in the loss and not hidden by a zero.
    #[must_use]
    pub fn apply<F: NdFloat>(self, z: F) -> F {
        match self {
            Self::Relu => {
                if z < F::zero() {
                    F::zero()
                } else {
                    z
                }
            }
            Self::Tanh => z.tanh(),
            Self::Sigmoid => F::one() / (F::one() + (-z).exp()),
        }
    }

    /// The slope da/dz, from the answer `a` itself: all three functions allow that, so `z` need not be kept.
    ///
    /// At its kink the rectifier has slope 0.
    #[must_use]
    pub fn slope<F: NdFloat>(self, a: F) -> F {
        match self {
            Self::Relu => {
                if a > F::zero() {
                    F::one()
                } else {
                    F::zero()
                }
            }
            Self::Tanh => F::one() - a * a,
            Self::Sigmoid => a * (F::one() - a),
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    // import numpy as np
    // z = np.array([-2.0, -0.5, 0.0, 0.75, 3.0]); s = 1 / (1 + np.exp(-z))
    // print(np.tanh(z), 1 - np.tanh(z)**2, s, s * (1 - s))
    #[test]
    fn values_and_slopes_are_those_of_the_definitions() {
        let z = [-2.0, -0.5, 0.0, 0.75, 3.0];
        let expected = [
            (Activation::Relu, [0.0, 0.0, 0.0, 0.75, 3.0], [0.0, 0.0, 0.0, 1.0, 1.0]),
            (
                Activation::Tanh,
                [
                    -0.964_027_580_075_816_9,
                    -0.462_117_157_260_009_8,
                    0.0,
                    0.635_148_952_387_287_4,
                    0.995_054_753_686_730_5,
                ],
                [
                    0.070_650_824_853_164_43,
                    0.786_447_732_965_927_4,
                    1.0,
                    0.596_585_808_281_320_4,
                    0.009_866_037_165_440_211,
                ],
            ),
            (
                Activation::Sigmoid,
                [
                    0.119_202_922_022_117_55,
                    0.377_540_668_798_145_4,
                    0.5,
                    0.679_178_699_175_393,
                    0.952_574_126_822_433_3,
                ],
                [
                    0.104_993_585_403_506_5,
                    0.235_003_712_201_594_46,
                    0.25,
                    0.217_894_993_761_814_04,
                    0.045_176_659_730_912,
                ],
            ),
        ];
        for (activation, values, slopes) in expected {
            for i in 0..z.len() {
                let a = activation.apply(z[i]);
                assert_relative_eq!(a, values[i], max_relative = 1e-12);
                assert_relative_eq!(activation.slope(a), slopes[i], max_relative = 1e-10);
            }
        }
    }

    #[test]
    fn a_broken_number_stays_visible() {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            assert!(activation.apply(f32::NAN).is_nan());
        }
    }
}
