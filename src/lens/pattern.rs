//! Lenses that look at images instead of weights: what does the input tend to look like when a node is high?

use std::borrow::Borrow;

use ndarray::{Array1, Array2, Axis};

use super::backproject::Precision;
use super::reactions::Reactions;
use super::sparse::Panels;
use crate::data::PIXELS;

/// Response pattern (Haufe et al. 2014): `A_k(p) = cov(x_p, z_k) / var(z_k)` over the images of `blocks`, `(nodes, 784)`.
/// A node whose `z` is constant has none: its row is zero.
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn response<F: Precision>(
    blocks: impl Iterator<Item = impl Borrow<Reactions<F>>>,
    layer: usize,
    nodes: &[usize],
) -> Array2<f64> {
    let mut sums = WeightedImages::new(nodes.len());
    let mut first: Option<Array1<F>> = None;
    for block in blocks {
        let block = block.borrow();
        let z = block.z[layer].select(Axis(1), nodes);
        // Counted from the first image, so that a constant z has exactly no variance.
        let first = first.get_or_insert_with(|| z.row(0).to_owned());
        sums.add(&(z - &*first), block);
    }
    sums.pattern()
}

/// Activation-weighted mean: `sum r(x) x / sum r(x) - mean x` over the images of `blocks`, `(nodes, 784)`. r is relu(z),
/// of outputs the probability. A node that never fires has none: its row is zero.
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn weighted_mean<F: Precision>(
    blocks: impl Iterator<Item = impl Borrow<Reactions<F>>>,
    layer: usize,
    nodes: &[usize],
    are_outputs: bool,
) -> Array2<f64> {
    let mut sums = WeightedImages::new(nodes.len());
    for block in blocks {
        let block = block.borrow();
        let answers = if are_outputs {
            block.probabilities().select(Axis(1), nodes)
        } else {
            block.z[layer].select(Axis(1), nodes).mapv_into(|z| z.max(F::zero()))
        };
        sums.add(&answers, block);
    }
    sums.mean()
}

/// The images that each node answers most to: their places in the split and the node's `z`, highest first.
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn top_images<F: Precision>(
    blocks: impl Iterator<Item = impl Borrow<Reactions<F>>>,
    layer: usize,
    nodes: &[usize],
    count: usize,
) -> Vec<Vec<(usize, f64)>> {
    let mut tops = Tops::new(nodes.len(), count);
    for block in blocks {
        let block = block.borrow();
        for (&image, z) in block.images.iter().zip(block.z[layer].rows()) {
            tops.add(image, nodes.iter().map(|&node| z[node].into()));
        }
    }
    tops.best
}

/// The images that each of some nodes answers most to, filled image by image.
pub(super) struct Tops {
    count: usize,
    /// Of each node: places of images and its `z`, highest first; of equal ones the first image of the split, in
    /// whatever order the images come.
    pub best: Vec<Vec<(usize, f64)>>,
    /// Of each node: a lower `z` is none of the best.
    bars: Vec<f64>,
}

impl Tops {
    /// For `n_nodes` nodes, `count` images each.
    pub fn new(n_nodes: usize, count: usize) -> Self {
        Self { count, best: vec![Vec::new(); n_nodes], bars: vec![f64::NEG_INFINITY; n_nodes] }
    }

    /// Takes in an image with the `z` of each node.
    pub fn add(&mut self, image: usize, z: impl Iterator<Item = f64>) {
        for ((best, bar), z) in self.best.iter_mut().zip(&mut self.bars).zip(z) {
            // Most images are none of the best: nothing more is looked at then.
            if z < *bar {
                continue;
            }
            let at = best.partition_point(|&(other, value)| value.total_cmp(&z).then(image.cmp(&other)).is_gt());
            best.insert(at, (image, z));
            best.truncate(self.count);
            if best.len() == self.count {
                *bar = best.last().map_or(f64::INFINITY, |last| last.1);
            }
        }
    }
}

/// Sums over images, each weighted by what a node makes of it.
struct WeightedImages {
    n: f64,
    /// `sum w x`, `(nodes, 784)`.
    images: Array2<f64>,
    /// `sum w` and `sum w^2`, a pair a node.
    weights: Vec<(f64, f64)>,
    /// `sum x`.
    plain: Array1<f64>,
}

impl WeightedImages {
    fn new(nodes: usize) -> Self {
        Self {
            n: 0.0,
            images: Array2::zeros((nodes, PIXELS)),
            weights: vec![(0.0, 0.0); nodes],
            plain: Array1::zeros(PIXELS),
        }
    }

    fn add<F: Precision>(&mut self, weights: &Array2<F>, block: &Reactions<F>) {
        self.n += block.len() as f64;
        let products = block.x.transposed().dot(&Panels::new(&weights.view()));
        self.images.zip_mut_with(&products.t(), |sum, &product| *sum += product.into());
        for row in weights.rows() {
            for (sums, &w) in self.weights.iter_mut().zip(row) {
                let w: f64 = w.into();
                *sums = (sums.0 + w, sums.1 + w * w);
            }
        }
        self.plain.zip_mut_with(&block.x.sum(), |sum, &ink| *sum += ink.into());
    }

    fn pattern(mut self) -> Array2<f64> {
        let n = self.n;
        for (mut row, (sum, squares)) in self.images.rows_mut().into_iter().zip(self.weights) {
            let variance = squares / n - (sum / n) * (sum / n);
            let slope = |product: f64, pixel: f64| (product / n - sum / n * pixel / n) / variance;
            row.zip_mut_with(&self.plain, |value, &pixel| {
                *value = if variance > 0.0 { slope(*value, pixel) } else { 0.0 }
            });
        }
        self.images
    }

    fn mean(mut self) -> Array2<f64> {
        for (mut row, (sum, _)) in self.images.rows_mut().into_iter().zip(self.weights) {
            let mean = |value: f64, pixel: f64| value / sum - pixel / self.n;
            row.zip_mut_with(&self.plain, |value, &pixel| *value = if sum > 0.0 { mean(*value, pixel) } else { 0.0 });
        }
        self.images
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::{net, split};
    use crate::lens::reactions::Network;

    // layers = net(784, 32, 16, 10)  # fixture.rs; weights widened to f64
    // x, _ = split(1200, 1000); x = x / 255; a = x
    // for l, (W, b) in enumerate(layers):
    //     z = a @ W + b; a = np.maximum(z, 0)
    //     A = np.array([[np.cov(x[:, p], z[:, k], bias=True)[0, 1] for p in (100, 400)] for k in (1, 9)])
    //     r = a if l < 2 else np.exp(z - z.max(1, keepdims=True)); r = r if l < 2 else r / r.sum(1, keepdims=True)
    //     M = (r.T @ x / r.sum(0)[:, None] - x.mean(0))[[1, 9]][:, [100, 400]]
    //     print(A / z.var(0)[[1, 9]][:, None], M, np.argsort(-z[:400, 1])[:3], -np.sort(-z[:400, 1])[:3])
    #[test]
    fn patterns_means_and_top_images_equal_numpy() {
        let (network, images) = (Network::<f64>::new(&net(&[784, 32, 16, 10])), split(1200, 1000));
        let all: Vec<usize> = (0..1200).collect();
        let blocks: Vec<_> = all.chunks(400).map(|block| network.show(&images, block)).collect();
        for (layer, (pattern, mean, top)) in EXPECTED.into_iter().enumerate() {
            let found = response(blocks.iter(), layer, &[1, 9]);
            let found_mean = weighted_mean(blocks.iter(), layer, &[1, 9], layer == 2);
            for (node, pixel, i) in [(0, 100, 0), (0, 400, 1), (1, 100, 2), (1, 400, 3)] {
                assert_relative_eq!(found[[node, pixel]], pattern[i], max_relative = 1e-6, epsilon = 1e-9);
                assert_relative_eq!(found_mean[[node, pixel]], mean[i], max_relative = 1e-6, epsilon = 1e-9);
            }
            let tops = top_images(blocks[..1].iter(), layer, &[9, 1], 3);
            for (found, expected) in tops[1].iter().zip(top) {
                assert_eq!(found.0, expected.0);
                assert_relative_eq!(found.1, expected.1, max_relative = 1e-7);
            }
        }
    }

    type Expected = ([f64; 4], [f64; 4], [(usize, f64); 3]);
    const EXPECTED: [Expected; 3] = [
        (
            [0.028_346_915_874_6, -0.000_349_408_746_434, 0.004_994_522_133_59, 0.005_003_890_399_15],
            [0.077_519_772_640_6, -0.004_683_356_214_92, 0.005_900_061_525_1, 0.005_761_261_791_19],
            [(70, 7.449_979_323_73), (256, 5.620_995_386_68), (114, 5.579_092_059_3)],
        ),
        (
            [-0.007_242_164_540_33, 0.009_469_292_851_36, 0.002_065_882_004_29, 0.002_335_612_809_32],
            [-0.010_292_034_264_8, 0.012_208_479_078_5, 0.006_652_344_174_19, 0.002_335_819_735_03],
            [(2, 13.319_457_602_4), (14, 12.453_564_013), (333, 12.439_630_944_5)],
        ),
        (
            [-0.006_854_490_099_39, -0.005_664_070_788_84, 0.005_929_182_090_8, -0.015_170_712_297_3],
            [-0.051_093_793_343_8, -0.037_206_674_142_1, -0.024_934_092_439_5, -0.031_470_675_430_1],
            [(191, 2.705_515_645_26), (86, 1.783_129_520_94), (248, 1.364_638_052_39)],
        ),
    ];

    #[test]
    fn a_silent_or_constant_node_has_no_picture() {
        let mut model = net(&[784, 8, 10]);
        model.layers[0].weight.row_mut(3).fill(0.0);
        model.layers[0].bias[3] = -1.0;
        let block = Network::<f64>::new(&model).show(&split(50, 0), &(0..50).collect::<Vec<_>>());
        assert!(response([&block].into_iter(), 0, &[3]).iter().all(|&v| v == 0.0));
        assert!(weighted_mean([&block].into_iter(), 0, &[3], false).iter().all(|&v| v == 0.0));
    }
}
