//! Activation maximisation: the image that a node likes most. Experimental: the more a network has learnt, the less it
//! looks like anything.

use ndarray::{Array2, Axis};

use super::backproject::Precision;
use super::gated::slopes;
use super::reactions::Network;
use super::sparse::Sparse;
use crate::data::{PIXELS, SIDE};

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
    /// The images found for `nodes` of a layer, `(nodes, 784)`, and each node's `z` for its own: from an empty image uphill
    /// along `J_k(x)`, clipped to 0..=1 in each step. A node whose derivative vanishes keeps the image at which it did.
    /// `None` as soon as `stop` says so.
    ///
    /// # Panics
    /// If a node is not there.
    pub fn preferred<F: Precision>(
        &self,
        network: &Network<F>,
        layer: usize,
        nodes: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Option<(Array2<F>, Vec<F>)> {
        let [decay, rate, smoothing] = [1.0 - self.decay, self.rate, self.smoothing].map(F::near);
        let rows = network.model.layers[layer].weight.select(Axis(0), nodes);
        let mut images: Array2<F> = Array2::zeros((nodes.len(), PIXELS));
        for _ in 0..self.steps {
            if stop() {
                return None;
            }
            let (_, a) = network.forward(&Sparse::dense(&images.view()));
            let uphill = slopes(network, &a, layer, rows.clone());
            for (mut image, uphill) in images.rows_mut().into_iter().zip(uphill.rows()) {
                let length = (uphill.dot(&uphill) / F::of(PIXELS as f32)).sqrt();
                if length == F::zero() {
                    continue;
                }
                let moved: Vec<F> = image.iter().zip(uphill).map(|(&x, &g)| x * decay + rate * g / length).collect();
                for (p, x) in image.iter_mut().enumerate() {
                    let mixed = (F::one() - smoothing) * moved[p] + smoothing * mean_of_neighbours(&moved, p);
                    *x = mixed.max(F::zero()).min(F::one());
                }
            }
        }
        let (z, _) = network.forward(&Sparse::dense(&images.view()));
        let own = nodes.iter().enumerate().map(|(i, &node)| z[layer][[i, node]]).collect();
        Some((images, own))
    }
}

/// The mean of the pixels above, below, left and right, as far as there are any.
fn mean_of_neighbours<F: Precision>(image: &[F], p: usize) -> F {
    let (y, x) = (p / SIDE, p % SIDE);
    let neighbours = [
        (y > 0).then(|| image[p - SIDE]),
        (y + 1 < SIDE).then(|| image[p + SIDE]),
        (x > 0).then(|| image[p - 1]),
        (x + 1 < SIDE).then(|| image[p + 1]),
    ];
    let (sum, n) = neighbours.into_iter().flatten().fold((F::zero(), F::zero()), |(sum, n), v| (sum + v, n + F::one()));
    sum / n
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::net;

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
        let network = Network::<f64>::new(&net(&[784, 32, 16, 10]));
        for (layer, (z, ink, pixels)) in EXPECTED.into_iter().enumerate() {
            let (images, found) = Ascent::default().preferred(&network, layer, &[9, 3], &|| false).unwrap();
            let image = images.row(1);
            assert_relative_eq!(found[1], z, max_relative = 1e-6);
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
        let mut model = net(&[784, 5, 3]);
        model.layers[1].weight.row_mut(2).fill(0.0);
        let network = Network::<f32>::new(&model);
        let (images, z) = Ascent::default().preferred(&network, 1, &[2], &|| false).unwrap();
        assert!(images.iter().all(|&x| x == 0.0));
        assert_eq!(z, [model.layers[1].bias[2]]);
        assert_eq!(Ascent::default().preferred(&network, 1, &[2], &|| true), None);
    }
}
