//! How weights begin.

use ndarray::{Array1, Array2, NdFloat};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Linear;

/// The distribution of the initial weights; biases begin at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Init {
    /// Uniform in ±sqrt(6 / (in + out)) (Glorot & Bengio 2010), Keras' default.
    #[default]
    GlorotUniform,
    /// Normal with variance 2 / in (He et al. 2015).
    HeNormal,
}

impl Init {
    /// A fresh layer of `nodes` nodes with `inputs` inputs each.
    ///
    /// The numbers are drawn in f64 with libm's functions, so a seed means the same weights on every machine.
    pub fn layer<F: NdFloat>(self, inputs: usize, nodes: usize, rng: &mut ChaCha8Rng) -> Linear<F> {
        let weight = Array2::from_shape_simple_fn((nodes, inputs), || from_f64(self.draw(inputs, nodes, rng)));
        Linear { weight, bias: Array1::zeros(nodes) }
    }

    fn draw(self, inputs: usize, nodes: usize, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::GlorotUniform => {
                let limit = (6.0 / (inputs + nodes) as f64).sqrt();
                limit * (2.0 * rng.random::<f64>() - 1.0)
            }
            Self::HeNormal => {
                // Box & Muller 1958; 1 - u lies in (0, 1], so the logarithm is finite.
                let radius = (-2.0 * libm::log(1.0 - rng.random::<f64>())).sqrt();
                let angle = std::f64::consts::TAU * rng.random::<f64>();
                (2.0 / inputs as f64).sqrt() * radius * libm::cos(angle)
            }
        }
    }
}

/// `x` in the network's own precision.
pub(super) fn from_f64<F: NdFloat>(x: f64) -> F {
    F::from(x).unwrap_or_else(F::nan)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn moments(init: Init, inputs: usize, nodes: usize) -> (f64, f64, f64) {
        let layer: Linear<f64> = init.layer(inputs, nodes, &mut ChaCha8Rng::seed_from_u64(3));
        assert!(layer.bias.iter().all(|&b| b == 0.0));
        let n = layer.weight.len() as f64;
        let mean = layer.weight.sum() / n;
        let variance = layer.weight.mapv(|w| (w - mean).powi(2)).sum() / n;
        (mean, variance, layer.weight.fold(0.0, |top, w| w.abs().max(top)))
    }

    #[test]
    fn glorot_is_uniform_up_to_its_limit() {
        let (mean, variance, top) = moments(Init::GlorotUniform, 784, 512);
        let limit = (6.0f64 / 1296.0).sqrt();
        assert!(mean.abs() < 5.0 * limit / 3f64.sqrt() / (784.0f64 * 512.0).sqrt());
        assert!((variance / (limit * limit / 3.0) - 1.0).abs() < 0.01);
        assert!(top < limit && top > 0.999 * limit);
    }

    #[test]
    fn he_is_normal_with_variance_two_over_inputs() {
        let (mean, variance, top) = moments(Init::HeNormal, 784, 512);
        let sd = (2.0f64 / 784.0).sqrt();
        assert!(mean.abs() < 5.0 * sd / (784.0f64 * 512.0).sqrt());
        assert!((variance / (sd * sd) - 1.0).abs() < 0.02);
        assert!(top > 4.0 * sd, "a normal distribution has tails");
    }
}
