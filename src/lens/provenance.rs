//! Which nodes of the layer below make a map.

use ndarray::{Array1, Axis};

use super::NodeId;
use super::backproject::{self, Precision};
use crate::nn::{Linear, Mlp};

/// How much each node of the layer below adds to a plain map.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// `pi_j = <C_j, P_k> / |P_k|^2`, where `C_j = W_l[j,k] P_{l-1}[:,j]` is what node j adds to map k. They sum to 1;
    /// one below zero works against the picture.
    pub shares: Vec<f64>,
}

impl Provenance {
    /// Where the map of `node` comes from. `None` in the first layer, which is made of pixels, and for a map that is
    /// zero.
    ///
    /// # Panics
    /// If the node is not there.
    #[must_use]
    pub fn of<F: Precision>(model: &Mlp, node: NodeId) -> Option<Self> {
        let below = node.layer.checked_sub(1)?;
        let map: Array1<F> = backproject::plain(model, node.layer, &[node.index]).remove_axis(Axis(0));
        let energy = map.dot(&map);
        // <P_{l-1}[:,j], P_k> for all j at once: the map carried forwards through the lower layers.
        let carried = |values: Array1<F>, layer: &Linear| F::matrix(&layer.weight).dot(&values);
        let alike = model.layers[..=below].iter().fold(map, carried);
        let weights = model.layers[node.layer].weight.row(node.index).mapv(F::of);
        (energy > F::zero()).then(|| Self { shares: (weights * alike / energy).mapv(Into::into).to_vec() })
    }

    /// The nodes of the layer below, largest share first.
    #[must_use]
    pub fn ranked(&self) -> Vec<usize> {
        let mut nodes: Vec<usize> = (0..self.shares.len()).collect();
        nodes.sort_by(|&a, &b| self.shares[b].total_cmp(&self.shares[a]));
        nodes
    }

    /// How many nodes, largest shares first, make half of the picture: "43 of 512 nodes".
    #[must_use]
    pub fn half(&self) -> usize {
        let mut sum = 0.0;
        let reaches = |&node: &usize| {
            sum += self.shares[node];
            sum >= 0.5
        };
        self.ranked().iter().position(reaches).map_or(self.shares.len(), |i| i + 1)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::lens::fixture::net;

    // P = None
    // for W, b in net(784, 32, 16, 10):  # fixture.rs; weights widened to f64
    //     if P is not None:
    //         for k in (0, 9):
    //             C = P * W[:, k]; p = P @ W[:, k]; pi = C.T @ p / (p @ p)
    //             print(pi.sum(), pi[:2], np.argsort(-pi)[:3], (np.cumsum(-np.sort(-pi)) < .5).sum() + 1)
    //     P = W if P is None else P @ W
    #[test]
    fn shares_equal_numpy_and_sum_to_1() {
        let model = net(&[784, 32, 16, 10]);
        for ((layer, index), shares, first, half) in EXPECTED {
            let provenance = Provenance::of::<f64>(&model, NodeId { layer, index }).unwrap();
            assert_relative_eq!(provenance.shares.iter().sum::<f64>(), 1.0, epsilon = 1e-12);
            assert_relative_eq!(provenance.shares[0], shares[0], epsilon = 1e-8);
            assert_relative_eq!(provenance.shares[1], shares[1], epsilon = 1e-8);
            assert_eq!(provenance.ranked()[..3], first);
            assert_eq!(provenance.half(), half);
        }
        assert_eq!(Provenance::of::<f64>(&model, NodeId { layer: 0, index: 0 }), None);
    }

    type Expected = ((usize, usize), [f64; 2], [usize; 3], usize);
    const EXPECTED: [Expected; 4] = [
        ((1, 0), [-0.002_670_738_5, 0.064_683_328_15], [26, 31, 24], 7),
        ((1, 9), [0.004_179_939_64, 0.055_970_846_03], [11, 17, 2], 8),
        ((2, 0), [-0.000_860_495_15, 0.136_264_262_6], [3, 2, 1], 4),
        ((2, 9), [0.003_230_637_65, 0.027_199_442_43], [4, 10, 3], 3),
    ];

    #[test]
    fn a_map_of_zeros_comes_from_nowhere() {
        let mut model = net(&[784, 5, 3]);
        model.layers[1].weight.row_mut(1).fill(0.0);
        assert_eq!(Provenance::of::<f64>(&model, NodeId { layer: 1, index: 1 }), None);
    }
}
