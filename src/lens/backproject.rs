//! The three lenses of the article: a layer's weights multiplied back to the pixels.
//!
//! | lens | formula, `W_l` of shape (inputs, nodes) as Keras stores it |
//! |---|---|
//! | plain | `P_1 = W_1`, `P_l = P_{l-1} W_l` |
//! | weights + bias | the same with `W_l + b_l` for `W_l`, each bias added to every row of its matrix |
//! | article code | `Q_1 = N(W_1 + b_1)`, `Q_l = N(Q_{l-1} (W_l + b_l))`, N = scaled to integers from 0 to 255 |
//!
//! Our weights are `(out, in)`, so a map is a row: `P_l[k] = w_l[k] . w_{l-1} . … . w_1`. Multiplied from the left
//! end, a page of a few nodes never needs the whole of a lower layer's maps. The article's lens does need them, because
//! it scales them in between.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix2, NdFloat};

use super::{product, scale};
use crate::nn::{Linear, Mlp};

/// The precision that maps are computed in: f32 while the network trains, f64 when its levels have to be exact.
pub trait Precision: NdFloat + Into<f64> {
    /// A number of the network in this precision.
    fn of(value: f32) -> Self;
    /// The nearest number in this precision.
    fn near(value: f64) -> Self;
    /// A matrix of the network in this precision, without copying where it already is.
    fn matrix(weight: &Array2<f32>) -> CowArray<'_, Self, Ix2>;
    /// `left . right`.
    fn product(left: &ArrayView2<Self>, right: &ArrayView2<Self>) -> Array2<Self>;
}

impl Precision for f32 {
    fn of(value: f32) -> Self {
        value
    }

    fn near(value: f64) -> Self {
        value as Self
    }

    fn matrix(weight: &Array2<f32>) -> CowArray<'_, Self, Ix2> {
        weight.into()
    }

    fn product(left: &ArrayView2<Self>, right: &ArrayView2<Self>) -> Array2<Self> {
        if left.nrows() != 1 {
            return product::quick(left, right);
        }
        // Without copying the right matrix first.
        let mut sum = Array1::zeros(right.ncols());
        for (&factor, row) in left.iter().zip(right.rows()) {
            sum.scaled_add(factor, &row);
        }
        sum.insert_axis(Axis(0))
    }
}

impl Precision for f64 {
    fn of(value: f32) -> Self {
        value.into()
    }

    fn near(value: f64) -> Self {
        value
    }

    fn matrix(weight: &Array2<f32>) -> CowArray<'_, Self, Ix2> {
        weight.mapv(f64::from).into()
    }

    fn product(left: &ArrayView2<Self>, right: &ArrayView2<Self>) -> Array2<Self> {
        product::in_order(left, right)
    }
}

/// Plain maps of some nodes of a layer, before scaling: `(nodes, inputs)`, one row a node in the order asked for.
/// `layer` is an index, 0 for the first hidden layer.
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn plain<F: Precision>(model: &Mlp, layer: usize, nodes: &[usize]) -> Array2<F> {
    let mut maps = model.layers[layer].weight.select(Axis(0), nodes).mapv_into_any(F::of);
    for below in model.layers[..layer].iter().rev() {
        maps = F::product(&maps.view(), &F::matrix(&below.weight).view());
    }
    maps
}

/// Weights + bias maps of some nodes of a layer, as [`plain`].
///
/// # Panics
/// If the layer or a node is not there.
#[must_use]
pub fn with_bias<F: Precision>(model: &Mlp, layer: usize, nodes: &[usize]) -> Array2<F> {
    let mut maps = biased_rows(&model.layers[layer], nodes);
    for below in model.layers[..layer].iter().rev() {
        maps = F::product(&maps.view(), &biased(below).view());
    }
    maps
}

/// The article's maps of some nodes of a layer, before their own scaling to integers: `Q_{l-1} (W_l + b_l)`, as
/// [`plain`]. `below` is what [`article_below`] gives for this layer.
///
/// # Panics
/// If the layer or a node is not there, or `below` belongs to another layer.
#[must_use]
pub fn article(model: &Mlp, layer: usize, nodes: &[usize], below: Option<&Array2<f64>>) -> Array2<f64> {
    let rows = biased_rows(&model.layers[layer], nodes);
    below.map_or_else(|| rows.clone(), |below| f64::product(&rows.view(), &below.view()))
}

/// The scaled images of the layer below `layer` that the article feeds into its product: `Q_{l-1}`, `(nodes, inputs)`,
/// integers from 0 to 255, a flat image 127 all over. None below the first layer.
///
/// # Panics
/// If the layer is not there.
#[must_use]
pub fn article_below(model: &Mlp, layer: usize) -> Option<Array2<f64>> {
    let mut below: Option<Array2<f64>> = None;
    for lower in &model.layers[..layer] {
        let mut maps: Array2<f64> = biased(lower);
        if let Some(images) = below {
            maps = f64::product(&maps.view(), &images.view());
        }
        for mut map in maps.rows_mut() {
            let levels = scale::node_levels(&map.to_vec());
            map.zip_mut_with(&ArrayView1::from(&*levels), |value, &level| *value = level.into());
        }
        below = Some(maps);
    }
    below
}

/// The constant that a plain map leaves out, one for each node of `layer`: `c_1 = b_1`, `c_l = c_{l-1} W_l + b_l`;
/// `centred` less their mean. It is the logit of a network without activations for an empty image.
///
/// # Panics
/// If the layer is not there.
#[must_use]
pub fn offsets(model: &Mlp, layer: usize, centred: bool) -> Array1<f64> {
    let mut offsets = model.layers[0].bias.mapv(f64::from);
    for layer in &model.layers[1..=layer] {
        offsets = f64::matrix(&layer.weight).dot(&offsets) + layer.bias.mapv(f64::from);
    }
    let gauge = if centred { offsets.mean().unwrap_or_default() } else { 0.0 };
    offsets - gauge
}

/// `W + b` of all nodes of a layer.
fn biased<F: Precision>(layer: &Linear) -> Array2<F> {
    biased_rows(layer, &(0..layer.nodes()).collect::<Vec<_>>())
}

/// `W + b` of some nodes of a layer, `(nodes, inputs)`: with our layout each node's bias is added all along its row.
fn biased_rows<F: Precision>(layer: &Linear, nodes: &[usize]) -> Array2<F> {
    let mut rows = layer.weight.select(Axis(0), nodes).mapv_into_any(F::of);
    for (mut row, &node) in rows.rows_mut().into_iter().zip(nodes) {
        row += F::of(layer.bias[node]);
    }
    rows
}

#[cfg(test)]
#[expect(clippy::float_cmp, clippy::type_complexity, reason = "bit equality is what is claimed, of three lenses alike")]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::lens::fixture::net;

    /// Sum of all levels, and their sum weighted with their place, so that any wrong or displaced level shows.
    fn sums(maps: &Array2<f64>) -> (u64, u64) {
        let levels = maps.rows().into_iter().flat_map(|map| scale::node_levels(&map.to_vec()));
        levels
            .enumerate()
            .fold((0, 0), |(a, b), (i, level)| (a + u64::from(level), b + u64::from(level) * (i as u64 % 97)))
    }

    // `net` stands in fixture.rs.
    //
    // def t255(P):
    //     lo = P.min(0)
    //     return 255 * ((P - lo) / (P.max(0) - lo))
    // def sums(P):
    //     levels = np.trunc(t255(P)).T  # a row a node
    //     return int(levels.sum()), int((levels * (np.arange(levels.size).reshape(levels.shape) % 97)).sum())
    // P = B = Q = None; c = np.zeros(784)
    // for W, b in [(W.astype(float), b.astype(float)) for W, b in net(784, 32, 16, 10)]:
    //     P = W if P is None else P @ W
    //     B = W + b if B is None else B @ (W + b)
    //     R = W + b if Q is None else Q @ (W + b)
    //     Q = np.trunc(t255(R))
    //     c = c @ W + b
    //     print(P[[0, 783], [0, -1]], B[[0, 783], [0, -1]], R[[0, 783], [0, -1]], c[[0, -1]])
    //     print(sums(P), sums(B), sums(R))
    #[test]
    fn all_three_lenses_equal_numpy_at_every_depth() {
        let model = net(&[784, 32, 16, 10]);
        for (layer, e) in EXPECTED.iter().enumerate() {
            let all: Vec<usize> = (0..model.layers[layer].nodes()).collect();
            let below = article_below(&model, layer);
            let lenses = [
                plain::<f64>(&model, layer, &all),
                with_bias::<f64>(&model, layer, &all),
                article(&model, layer, &all, below.as_ref()),
            ];
            for ((maps, ends), expected) in lenses.iter().zip(e.ends).zip(e.sums) {
                let last = maps[[all.len() - 1, 783]];
                assert_relative_eq!(maps[[0, 0]], ends.0, max_relative = 1e-7);
                assert_relative_eq!(last, ends.1, max_relative = 1e-7);
                assert_eq!(sums(maps), expected, "layer {layer}");
            }
            let c = offsets(&model, layer, false);
            assert_relative_eq!(c[0], e.offsets.0, max_relative = 1e-7);
            assert_relative_eq!(c[all.len() - 1], e.offsets.1, max_relative = 1e-7);
        }
    }

    struct Expected {
        /// First pixel of the first node, last pixel of the last: plain, bias, article.
        ends: [(f64, f64); 3],
        sums: [(u64, u64); 3],
        offsets: (f64, f64),
    }

    const EXPECTED: [Expected; 3] = [
        Expected {
            ends: [(-0.5, 0.273_042_62), (-0.659_068_38, 0.196_233_9), (-0.659_068_38, 0.196_233_9)],
            sums: [(3_250_351, 155_893_553); 3],
            offsets: (-0.159_068_38, -0.076_808_72),
        },
        Expected {
            ends: [(0.210_038_25, 0.375_792_34), (0.354_119_15, -0.390_146_78), (-713.834_530_65, 2_303.877_132_74)],
            sums: [(1_597_162, 76_489_211), (1_612_718, 77_239_283), (1_612_583, 77_233_272)],
            offsets: (0.159_518_77, 0.676_412_79),
        },
        Expected {
            ends: [(0.450_977_78, -0.454_402_49), (0.492_501_1, 2.884_071_3), (-1_013.357_780_19, 961.516_395_36)],
            sums: [(926_719, 44_336_576), (985_940, 47_223_845), (992_530, 47_540_372)],
            offsets: (-0.386_896_51, 1.592_612_11),
        },
    ];

    #[test]
    fn f32_maps_are_near_the_exact_ones() {
        let model = net(&[784, 60, 50, 10]);
        let nodes = [3, 0, 9];
        for (quick, exact) in [
            (plain::<f32>(&model, 2, &nodes), plain::<f64>(&model, 2, &nodes)),
            (with_bias::<f32>(&model, 2, &nodes), with_bias::<f64>(&model, 2, &nodes)),
        ] {
            let (low, high) = scale::range(exact.as_slice().unwrap()).unwrap();
            for (&quick, exact) in quick.iter().zip(exact) {
                assert!((f64::from(quick) - exact).abs() < 1e-5 * (high - low));
            }
        }
    }

    #[test]
    fn a_flat_image_of_the_article_is_127_all_over() {
        let mut model = net(&[784, 3, 2]);
        model.layers[0].weight.row_mut(1).fill(0.25);
        let below = article_below(&model, 1).unwrap();
        assert!(below.row(1).iter().all(|&level| level == 127.0));
        assert!(article_below(&model, 0).is_none());
    }

    proptest! {
        #[test]
        fn an_exact_map_does_not_depend_on_the_rest_of_its_page(
            page in prop::collection::vec(0usize..10, 1..12), hidden in prop::collection::vec(1usize..70, 1..4),
        ) {
            let widths = [&[50], &*hidden, &[10]].concat();
            let (model, layer) = (net(&widths), hidden.len());
            let below = article_below(&model, layer);
            let lenses: [&dyn Fn(&[usize]) -> Array2<f64>; 3] = [
                &|nodes| plain(&model, layer, nodes),
                &|nodes| with_bias(&model, layer, nodes),
                &|nodes| article(&model, layer, nodes, below.as_ref()),
            ];
            for maps in lenses {
                for (row, &node) in maps(&page).rows().into_iter().zip(&page) {
                    let alone = maps(&[node]);
                    prop_assert_eq!(row, alone.row(0));
                }
            }
        }
    }
}
