//! The gated lens: the network's own derivative, averaged over images.
//!
//! For one image x a network is linear near x: `J_k(x) = W_1 D_1(x) W_2 … D_{l-1}(x) W_l[:,k]`, where `D_i` holds the
//! slopes of the activation (for ReLU 1 where a node fires: its gates). The node's own gate is not part of it. For ReLU
//! `z_k(x) = J_k(x) . x + beta_k(x)` exactly.

use std::borrow::Borrow;

use ndarray::{Array1, Array2, Axis};

use super::backproject::Precision;
use super::reactions::{Network, Reactions};
use crate::data::Split;
use crate::nn::Activation;

/// Mean of `J_k(x)` over the images of `blocks`, `(nodes, 784)`; zero if there is no image.
///
/// The gates enter the mean only through how often they are open (layer 2: `W_1 diag(m) W_2`) and open together
/// (layer 3: `W_1 (W_2 o C) W_3`, `C = mean g_1^T g_2`); deeper layers need every image's own product.
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn mean_jacobian<F: Precision>(
    network: &Network<F>,
    blocks: impl Iterator<Item = impl Borrow<Reactions<F>>>,
    layer: usize,
    nodes: &[usize],
) -> Array2<F> {
    let weights = |l: usize| &network.model.layers[l].weight;
    let rows = weights(layer).select(Axis(0), nodes);
    if layer == 0 {
        return rows;
    }
    let mut n = 0;
    let blocks = blocks.inspect(|block| n += block.borrow().len());
    let gates = |block: &Reactions<F>, l: usize| network.gates(&block.a[l]);
    let hidden = match layer {
        1 => {
            let none = Array1::zeros(rows.ncols());
            let open = blocks.fold(none, |sum, block| sum + gates(block.borrow(), 0).sum_axis(Axis(0)));
            rows * open
        }
        2 => {
            let none = Array2::zeros(weights(1).dim());
            let together = blocks.fold(none, |sum, block| {
                let block = block.borrow();
                sum + F::product(&gates(block, 1).t(), &gates(block, 0).view())
            });
            F::product(&rows.view(), &(together * weights(1)).view())
        }
        _ => {
            let none = Array2::zeros((nodes.len(), weights(0).nrows()));
            blocks.fold(none, |sum, block| sum + per_image_sum(network, block.borrow(), layer, &rows))
        }
    };
    F::product(&(hidden / F::of(n.max(1) as f32)).view(), &weights(0).view())
}

/// Sum over the images of a block of each image's own product down to the first hidden layer, `(nodes, width)`.
fn per_image_sum<F: Precision>(
    network: &Network<F>,
    block: &Reactions<F>,
    layer: usize,
    rows: &Array2<F>,
) -> Array2<F> {
    let gates: Vec<Array2<F>> = block.a[..layer].iter().map(|a| network.gates(a)).collect();
    let mut sums = Array2::zeros((rows.nrows(), network.model.layers[0].nodes()));
    for (row, mut sum) in rows.rows().into_iter().zip(sums.rows_mut()) {
        let mut product = &gates[layer - 1] * &row;
        for l in (1..layer).rev() {
            product = F::product(&product.view(), &network.model.layers[l].weight.view()) * &gates[l - 1];
        }
        sum.assign(&product.sum_axis(Axis(0)));
    }
    sums
}

/// The slopes of one node on each image, `(images, 784)`: what each pixel adds to its `z` if it changes a little. Row i
/// of `rows` holds the weights of the node that image i is about; `a` is what [`Network::forward`] answers to the images.
///
/// # Panics
/// If the arrays do not belong together.
#[must_use]
pub fn slopes<F: Precision>(network: &Network<F>, a: &[Array2<F>], layer: usize, rows: Array2<F>) -> Array2<F> {
    let below = a[..layer].iter().zip(&network.model.layers).rev();
    below.fold(rows, |rows, (a, layer)| F::product(&(rows * network.gates(a)).view(), &layer.weight.view()))
}

/// Why one class and not another, on one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// `(J_a - J_b)(x) o x`: what each pixel adds to the lead of `a` over `b`.
    pub map: Vec<f64>,
    /// `z_a - z_b`.
    pub lead: f64,
    /// `beta_a - beta_b`: the part of the lead that comes from the biases, carried through the same gates.
    pub from_biases: f64,
}

impl Evidence {
    /// Why output `a` and not `b`, on image `image` of `split`. The map adds up to `lead - from_biases`. `None` unless
    /// the network has ReLU (or no hidden layer): only then is it linear near an image, and this exact.
    ///
    /// # Panics
    /// If the image or an output is not there.
    #[must_use]
    pub fn of(network: &Network<f64>, split: &Split, image: usize, a: usize, b: usize) -> Option<Self> {
        let model = &network.model;
        let last = model.layers.len() - 1;
        if last > 0 && model.activation != Activation::Relu {
            return None;
        }
        let block = network.show(split, &[image]);
        let mut beta = model.layers[0].bias.clone();
        for (below, layer) in block.a.iter().zip(&model.layers[1..]) {
            beta = layer.weight.dot(&(beta * network.gates(below).row(0))) + &layer.bias;
        }
        let weights = &model.layers[last].weight;
        let lead = (&weights.row(a) - &weights.row(b)).insert_axis(Axis(0));
        let slopes = slopes(network, &block.a, last, lead);
        let mut map = vec![0.0; slopes.ncols()];
        block.x.row(0).for_each(|(pixel, ink)| map[pixel] = ink * slopes[[0, pixel]]);
        Some(Self { map, lead: block.logits()[[0, a]] - block.logits()[[0, b]], from_biases: beta[a] - beta[b] })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::{net, split};

    // layers = net(784, 12, 11, 9, 10)  # fixture.rs; weights widened to f64
    // x, _ = split(60, 1000); x = x / 255
    // for f, slope in [(lambda z: np.maximum(z, 0), lambda a: (a > 0) * 1.), (np.tanh, lambda a: 1 - a * a)]:
    //     for l in range(4):
    //         J = []
    //         for image in x:
    //             a, j = image, np.eye(784)
    //             for i, (W, b) in enumerate(layers[:l + 1]):
    //                 j = j @ W; a = f(a @ W + b)
    //                 if i < l: j = j * slope(a)
    //             J.append(j)
    //         print(np.mean(J, 0)[[100, 400]][:, [2, 8]].T.ravel())
    #[test]
    fn mean_jacobians_equal_numpy_at_every_depth() {
        let mut network = Network::<f64>::new(&net(&[784, 12, 11, 9, 10]));
        let (images, all) = (split(60, 1000), (0..60).collect::<Vec<_>>());
        for (activation, layers) in [(Activation::Relu, RELU), (Activation::Tanh, TANH)] {
            network.model.activation = activation;
            for (layer, expected) in layers.into_iter().enumerate() {
                let blocks = all.chunks(25).map(|block| network.show(&images, block));
                let found = mean_jacobian(&network, blocks, layer, &[2, 8]);
                for (i, at) in [[0, 100], [0, 400], [1, 100], [1, 400]].into_iter().enumerate() {
                    assert_relative_eq!(found[at], expected[i], max_relative = 1e-6, epsilon = 1e-12);
                }
            }
        }
    }

    const RELU: [[f64; 4]; 4] = [
        [0.230_426_192, 0.466_303_289, -0.260_158_569, -0.050_049_543_4],
        [-0.364_540_677, -0.227_124_788, -0.016_025_018, -0.146_484_676],
        [0.007_006_656_9, 0.114_776_73, 0.096_912_051_2, 0.006_706_733_85],
        [0.018_065_383_7, 0.036_306_899, 0.011_239_078_7, 0.030_865_593_6],
    ];
    const TANH: [[f64; 4]; 4] = [
        [0.230_426_192, 0.466_303_289, -0.260_158_569, -0.050_049_543_4],
        [-0.147_452_692, -0.168_886_113, -0.049_504_286_5, -0.105_414_094],
        [0.043_913_671_1, 0.163_525_139, 0.032_838_626_2, 0.011_904_013_9],
        [-0.041_712_517_1, -0.088_281_280_3, -0.007_442_272_77, 0.002_648_903_29],
    ];

    #[test]
    fn the_mean_over_one_image_is_its_own_slopes() {
        let network = Network::<f64>::new(&net(&[784, 12, 11, 9, 10]));
        let block = network.show(&split(60, 1000), &[17]);
        for layer in 0..4 {
            let mean = mean_jacobian(&network, [&block].into_iter(), layer, &[4]);
            let rows = network.model.layers[layer].weight.select(Axis(0), &[4]);
            for (a, b) in mean.iter().zip(slopes(&network, &block.a, layer, rows)) {
                assert_relative_eq!(*a, b, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn evidence_adds_up_to_the_difference_of_the_logits() {
        let mut network = Network::<f64>::new(&net(&[784, 32, 16, 10]));
        let images = split(60, 1000);
        for image in 0..60 {
            let evidence = Evidence::of(&network, &images, image, 2, 9).unwrap();
            let sum: f64 = evidence.map.iter().sum();
            assert_relative_eq!(sum, evidence.lead - evidence.from_biases, epsilon = 1e-9);
            assert!(sum.abs() > 1e-3, "an empty map would add up as well");
        }
        network.model.activation = Activation::Tanh;
        assert_eq!(Evidence::of(&network, &images, 0, 2, 9), None);
    }
}
