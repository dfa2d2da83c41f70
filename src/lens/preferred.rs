//! Activation maximisation: the image that a node likes most. Experimental: the more a network has learnt, the less it
//! looks like anything.

use ndarray::{Array1, Axis};

use super::gated::jacobian;
use super::reactions::Reactions;
use crate::data::{PIXELS, SIDE};
use crate::nn::Mlp;

/// How the image is searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ascent {
    /// Steps uphill.
    pub steps: usize,
    /// Length of a step: root mean square of the change of a pixel, in ink from 0 to 1.
    pub rate: f64,
    /// Share of the ink that fades in each step.
    pub decay: f64,
    /// Share of each pixel that is replaced, in each step, by the mean of its four neighbours.
    pub smoothing: f64,
}

impl Default for Ascent {
    fn default() -> Self {
        Self { steps: 100, rate: 0.05, decay: 0.02, smoothing: 0.1 }
    }
}

impl Ascent {
    /// The image found for a node (layer, node), from an empty one uphill along `J_k(x)`, clipped to 0..=1 in each step;
    /// and the node's `z` for it. A node whose derivative vanishes keeps the image at which it did.
    ///
    /// # Panics
    /// If the node is not there.
    #[must_use]
    pub fn preferred(&self, model: &Mlp<f64>, (layer, node): (usize, usize)) -> (Vec<f64>, f64) {
        let mut image = vec![0.0; PIXELS];
        for _ in 0..self.steps {
            let uphill = jacobian(model, &show(model, image.clone()), 0, (layer, node));
            let length = (uphill.dot(&uphill) / PIXELS as f64).sqrt();
            if length == 0.0 {
                break;
            }
            let moved: Vec<f64> =
                image.iter().zip(&uphill).map(|(x, g)| x * (1.0 - self.decay) + self.rate * g / length).collect();
            for (p, x) in image.iter_mut().enumerate() {
                *x = ((1.0 - self.smoothing) * moved[p] + self.smoothing * mean_of_neighbours(&moved, p))
                    .clamp(0.0, 1.0);
            }
        }
        let z = show(model, image.clone()).z[layer][[0, node]];
        (image, z)
    }
}

fn show(model: &Mlp<f64>, image: Vec<f64>) -> Reactions<f64> {
    Reactions::to(model, Array1::from(image).insert_axis(Axis(0)), vec![0])
}

/// The mean of the pixels above, below, left and right, as far as there are any.
fn mean_of_neighbours(image: &[f64], p: usize) -> f64 {
    let (y, x) = (p / SIDE, p % SIDE);
    let neighbours = [
        (y > 0).then(|| image[p - SIDE]),
        (y + 1 < SIDE).then(|| image[p + SIDE]),
        (x > 0).then(|| image[p - 1]),
        (x + 1 < SIDE).then(|| image[p + 1]),
    ];
    super::measure::mean(neighbours).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bit equality is what is claimed")]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::net;
    use crate::lens::reactions::in_precision;

    // layers = net(784, 32, 16, 10)  # fixture.rs; weights widened to f64
    // def show(x, l):
    //     zs, a = [], x
    //     for W, b in layers[:l + 1]:
    //         zs.append(a @ W + b); a = np.maximum(zs[-1], 0)
    //     return zs
    // def blur(x):
    //     s, n = np.zeros((28, 28)), np.zeros((28, 28)); x = x.reshape(28, 28)
    //     s[1:] += x[:-1]; s[:-1] += x[1:]; s[:, 1:] += x[:, :-1]; s[:, :-1] += x[:, 1:]
    //     n[1:] += 1; n[:-1] += 1; n[:, 1:] += 1; n[:, :-1] += 1
    //     return (s / n).ravel()
    // for l in range(3):
    //     x = np.zeros(784)
    //     for _ in range(100):
    //         g = layers[l][0][:, 3]
    //         for i in range(l - 1, -1, -1): g = layers[i][0] @ (g * (show(x, i)[i] > 0))
    //         y = x * .98 + .05 * g / np.sqrt((g * g).mean())
    //         x = np.clip(.9 * y + .1 * blur(y), 0, 1)
    //     print(show(x, l)[l][3], x.sum(), x[[100, 400]])
    #[test]
    fn the_image_found_equals_numpys() {
        let model = in_precision::<f64>(&net(&[784, 32, 16, 10]));
        for (layer, (z, ink, pixels)) in EXPECTED.into_iter().enumerate() {
            let (image, found) = Ascent::default().preferred(&model, (layer, 3));
            assert_relative_eq!(found, z, max_relative = 1e-6);
            assert_relative_eq!(image.iter().sum::<f64>(), ink, max_relative = 1e-6);
            assert_relative_eq!(image[100], pixels[0], max_relative = 1e-6);
            assert_relative_eq!(image[400], pixels[1], max_relative = 1e-6);
        }
    }

    const EXPECTED: [(f64, f64, [f64; 2]); 3] = [
        (78.177_697_314, 318.678_396_178, [0.030_362_923_772, 0.890_673_437_356]),
        (77.777_109_245, 309.608_267_7, [0.0, 0.997_733_367_021]),
        (62.567_788_0, 312.771_107_497, [0.379_952_816, 0.500_307_186_87]),
    ];

    #[test]
    fn a_node_that_nothing_moves_keeps_the_empty_image() {
        let mut model = in_precision::<f64>(&net(&[784, 5, 3]));
        model.layers[1].weight.row_mut(2).fill(0.0);
        let (image, z) = Ascent::default().preferred(&model, (1, 2));
        assert!(image.iter().all(|&x| x == 0.0));
        assert_eq!(z, model.layers[1].bias[2]);
    }
}
