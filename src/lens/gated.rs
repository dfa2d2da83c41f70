//! The gated lens: the network's own derivative, averaged over images.
//!
//! For one image x a network is linear near x: `J_k(x) = W_1 D_1(x) W_2 … D_{l-1}(x) W_l[:,k]`, where `D_i` holds the
//! slopes of the activation (for ReLU 1 where a node fires: its gates). The node's own gate is not part of it. For ReLU
//! `z_k(x) = J_k(x) . x + beta_k(x)` exactly.

use ndarray::{Array1, Array2, Axis};

use super::backproject::Precision;
use super::reactions::Reactions;
use crate::data::Split;
use crate::nn::{Activation, Mlp};

/// Mean of `J_k(x)` over some images of `split`, `(nodes, 784)`; zero if there is no image.
///
/// The gates enter the mean only through how often they are open (layer 2: `W_1 diag(m) W_2`) and open together
/// (layer 3: `W_1 (W_2 o C) W_3`, `C = mean g_1^T g_2`); deeper layers need every image's own product.
///
/// # Panics
/// If the layer, a node or an image is not there.
#[must_use]
pub fn mean_jacobian<F: Precision>(
    model: &Mlp<F>,
    split: &Split,
    images: &[usize],
    layer: usize,
    nodes: &[usize],
) -> Array2<F> {
    let weights = |l: usize| &model.layers[l].weight;
    let rows = weights(layer).select(Axis(0), nodes);
    if layer == 0 {
        return rows;
    }
    let n = F::of(images.len().max(1) as f32);
    let blocks = Reactions::blocks(model, split, images);
    let hidden = match layer {
        1 => {
            let open = blocks.fold(Array1::zeros(rows.ncols()), |sum, b| sum + b.gates(model, 0).sum_axis(Axis(0)));
            rows * (open / n)
        }
        2 => {
            let none = Array2::zeros(weights(1).dim());
            let together = blocks.fold(none, |sum, b| sum + b.gates(model, 1).t().dot(&b.gates(model, 0)));
            rows.dot(&(together / n * weights(1)))
        }
        _ => {
            let none = Array2::zeros((nodes.len(), model.layers[0].nodes()));
            blocks.fold(none, |sum, b| sum + per_image_sum(model, &b, layer, &rows)) / n
        }
    };
    hidden.dot(weights(0))
}

/// Sum over the images of a block of each image's own product down to the first hidden layer, `(nodes, width)`.
fn per_image_sum<F: Precision>(model: &Mlp<F>, block: &Reactions<F>, layer: usize, rows: &Array2<F>) -> Array2<F> {
    let gates: Vec<Array2<F>> = (0..layer).map(|l| block.gates(model, l)).collect();
    let mut sums = Array2::zeros((rows.nrows(), model.layers[0].nodes()));
    for (row, mut sum) in rows.rows().into_iter().zip(sums.rows_mut()) {
        let mut product = &gates[layer - 1] * &row;
        for l in (1..layer).rev() {
            product = product.dot(&model.layers[l].weight) * &gates[l - 1];
        }
        sum.assign(&product.sum_axis(Axis(0)));
    }
    sums
}

/// `J_k(x)` of one image of a block: what each pixel adds to `z_k`, if it changes a little.
///
/// # Panics
/// If the image, the layer or the node is not there.
#[must_use]
pub fn jacobian<F: Precision>(
    model: &Mlp<F>,
    block: &Reactions<F>,
    image: usize,
    (layer, node): (usize, usize),
) -> Array1<F> {
    let mut row = model.layers[layer].weight.row(node).to_owned();
    for l in (0..layer).rev() {
        row.zip_mut_with(&block.a[l].row(image), |value, &a| *value *= model.activation.slope(a));
        row = row.dot(&model.layers[l].weight);
    }
    row
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
    pub fn of(model: &Mlp<f64>, split: &Split, image: usize, a: usize, b: usize) -> Option<Self> {
        let last = model.layers.len() - 1;
        if last > 0 && model.activation != Activation::Relu {
            return None;
        }
        let block = Reactions::new(model, split, &[image]);
        let mut beta = model.layers[0].bias.clone();
        for (l, layer) in model.layers.iter().enumerate().skip(1) {
            beta = layer.weight.dot(&(beta * block.gates(model, l - 1).row(0))) + &layer.bias;
        }
        let slopes = jacobian(model, &block, 0, (last, a)) - jacobian(model, &block, 0, (last, b));
        Some(Self {
            map: (slopes * block.x.row(0)).to_vec(),
            lead: block.z[last][[0, a]] - block.z[last][[0, b]],
            from_biases: beta[a] - beta[b],
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::{net, split};
    use crate::lens::reactions::in_precision;

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
        let mut model = in_precision::<f64>(&net(&[784, 12, 11, 9, 10]));
        let (images, all) = (split(60, 1000), (0..60).collect::<Vec<_>>());
        for (activation, layers) in [(Activation::Relu, RELU), (Activation::Tanh, TANH)] {
            model.activation = activation;
            for (layer, expected) in layers.into_iter().enumerate() {
                let found = mean_jacobian(&model, &images, &all, layer, &[2, 8]);
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
    fn the_mean_over_one_image_is_its_own_jacobian() {
        let model = in_precision::<f64>(&net(&[784, 12, 11, 9, 10]));
        let images = split(60, 1000);
        for layer in 0..4 {
            let mean = mean_jacobian(&model, &images, &[17], layer, &[4]);
            let own = jacobian(&model, &Reactions::new(&model, &images, &[17]), 0, (layer, 4));
            for (a, b) in mean.iter().zip(own) {
                assert_relative_eq!(*a, b, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn evidence_adds_up_to_the_difference_of_the_logits() {
        let model = in_precision::<f64>(&net(&[784, 32, 16, 10]));
        let images = split(60, 1000);
        for image in 0..60 {
            let evidence = Evidence::of(&model, &images, image, 2, 9).unwrap();
            let sum: f64 = evidence.map.iter().sum();
            assert_relative_eq!(sum, evidence.lead - evidence.from_biases, epsilon = 1e-9);
            assert!(sum.abs() > 1e-3, "an empty map would add up as well");
        }
        let tanh = Mlp { activation: Activation::Tanh, ..model };
        assert_eq!(Evidence::of(&tanh, &images, 0, 2, 9), None);
    }
}
