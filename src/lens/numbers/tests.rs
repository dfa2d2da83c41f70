//! The numbers against numpy. `net` and `split` stand in fixture.rs; all weights are widened to f64 first.
//!
//! ```python
//! layers = net(784, 32, 16, 10)
//! train, labels = split(300, 0); train = train / 255
//! test, answers = split(200, 1000); test = test / 255
//! T = np.stack([train[labels == c].mean(0) - train.mean(0) for c in range(10)])
//! sigma = train.std(0); inked = (train > 0).mean(0); core = inked > .2; edge = inked < .05
//! print(core.sum(), edge.sum(), sigma[[100, 400]], T[[0, 4, 9], [100, 400, 401]])
//! corr = lambda a, b: np.corrcoef(a, b)[0, 1]
//! def structure(p):
//!     m = (p - p.mean()).reshape(28, 28)
//!     return ((m[:, 1:] * m[:, :-1]).mean() + (m[1:] * m[:-1]).mean()) / 2 / m.var()
//! P = B = None; c = np.zeros(784); a = test
//! for l, (W, b) in enumerate(layers):
//!     P = W if P is None else P @ W
//!     B = W + b if B is None else B @ (W + b)
//!     c = c @ W + b
//!     z = a @ W + b; a = np.maximum(z, 0); fires = (z > 0).mean(0)
//!     r2 = [corr(test @ p, zk) ** 2 for p, zk in zip(P.T, z.T)]
//!     print(np.mean([structure(p) for p in P.T]), np.mean(r2), (fires == 0).sum(),
//!           ((fires > 0) & (fires < .01)).sum(), (fires == 1).sum(), fires[:3])
//!     means = np.stack([a[answers == k].mean(0) for k in range(10)])
//!     rest = (means.sum(0) - means.max(0)) / 9
//!     print(means[[0, 4], 1], means.argmax(0)[:4], ((means.max(0) - rest) / (means.max(0) + rest))[:4])
//! match = np.array([[corr(p[core], t[core]) for t in T] for p in P.T])
//! print(r2, match.diagonal(), match.argmax(1), [corr(p, q) for p, q in zip(P.T, B.T)])
//! print(((test @ P + c).argmax(1) == z.argmax(1)).mean(), match.diagonal().mean(),
//!       np.mean((P[edge] ** 2).sum(0) / (P ** 2).sum(0)))
//! p = np.exp(z - z.max(1, keepdims=True)); p /= p.sum(1, keepdims=True)
//! print(p[answers == 4].mean(0)[:3])
//! ```

use approx::assert_relative_eq;

use super::*;
use crate::lens::firing::FiringSums;
use crate::lens::fixture::{dataset, net};
use crate::lens::reactions::Network;
use crate::lens::statistics::Statistics;
use crate::nn::Activation;

fn numbers(model: Mlp) -> Numbers {
    Numbers::of(&Arc::new(model), Some(Arc::new(HeldOut::new(dataset())))).unwrap()
}

fn near(value: Option<f64>, expected: f64) {
    assert_relative_eq!(value.unwrap(), expected, epsilon = 1e-7);
}

#[test]
fn the_yardsticks_equal_numpy() {
    let statistics = Statistics::of(&dataset().train);
    assert_eq!((statistics.core.len(), statistics.edge.len()), (484, 300));
    near(Some(statistics.sigma[100]), 0.328_096_88);
    near(Some(statistics.sigma[400]), 0.315_090_41);
    near(Some(statistics.templates[0][100]), -0.057_921_57);
    near(Some(statistics.templates[4][400]), 0.006_885_98);
    near(Some(statistics.templates[9][401]), -0.081_580_25);
}

#[test]
fn all_numbers_of_a_network_equal_numpy() {
    let found = numbers(net(&[784, 32, 16, 10]));
    let layer = [
        (32, -0.029_587_324, 1.0, Some((0, 0, 0))),
        (16, -0.044_058_389, 0.793_662_239, Some((1, 0, 0))),
        (10, -0.025_703_349, 0.451_289_512, None),
    ];
    for (l, (numbers, (nodes, structure, r2, habits))) in found.per_layer.iter().zip(layer).enumerate() {
        assert_eq!((numbers.layer, numbers.nodes), (l + 1, nodes));
        near(numbers.structure, structure);
        near(numbers.faithfulness_mean, r2);
        let found = numbers.dead.zip(numbers.rare).zip(numbers.always_on).map(|((dead, rare), on)| (dead, rare, on));
        assert_eq!(found, habits);
    }
    let digit = &found.outputs[9];
    assert_eq!((digit.digit, digit.best_template), (9, Some(9)));
    near(digit.faithfulness, 0.176_266_253);
    near(digit.template_match, 0.058_353_81);
    near(digit.plain_vs_bias, 0.109_353_698);
    let best: Vec<_> = found.outputs.iter().filter_map(|o| o.best_template).collect();
    assert_eq!(best, [7, 9, 3, 0, 6, 2, 8, 8, 5, 9]);
    near(found.agreement, 0.13);
    near(found.template_match, 0.016_616_644);
    near(found.edge_share, 0.374_417_528);
}

#[test]
fn firing_and_preferences_equal_numpy() {
    let (network, data) = (Network::<f64>::new(&net(&[784, 32, 16, 10])), dataset());
    let images: Vec<usize> = (0..200).collect();
    let mut sums = FiringSums::new(&network.model);
    images.chunks(70).for_each(|block| sums.add(&network.show(&data.test, block)));
    let layers = sums.finish();
    assert_eq!(layers[1].rate[..3], [0.0, 0.97, 0.225]);
    near(Some(layers[0].class_means[[1, 0]]), 1.290_021_59);
    near(Some(layers[1].class_means[[1, 4]]), 5.488_315_22);
    near(Some(layers[2].class_means[[2, 4]]), 0.278_688_18);
    let preferred = [None, Some((7, 0.164_607_922)), Some((4, 0.334_389_653)), Some((7, 0.399_643_099))];
    for (node, expected) in preferred.into_iter().enumerate() {
        let found = layers[1].preference(node);
        assert_eq!(found.map(|f| f.0), expected.map(|e| e.0));
        assert_relative_eq!(found.map_or(0.0, |f| f.1), expected.map_or(0.0, |e| e.1), epsilon = 1e-7);
    }
}

#[test]
fn a_network_without_hidden_layers_is_wholly_faithful() {
    let found = numbers(net(&[784, 10]));
    near(found.agreement, 1.0);
    near(found.per_layer[0].faithfulness_mean, 1.0);
}

#[test]
fn what_is_constant_or_has_no_off_has_no_number() {
    let mut model = net(&[784, 8, 10]);
    model.layers[0].weight.row_mut(3).fill(0.0);
    model.layers[0].bias[3] = 1.0;
    model.layers[1].weight.row_mut(5).fill(0.0);
    let found = numbers(model.clone());
    assert_eq!(found.per_layer[0].always_on, Some(1));
    let zero = &found.outputs[5];
    assert_eq!((zero.faithfulness, zero.template_match, zero.best_template), (None, None, None));

    model.activation = Activation::Tanh;
    assert_eq!(numbers(model).per_layer[0].dead, None);
}

#[test]
fn f32_gives_nearly_the_same_numbers() {
    let model = Arc::new(net(&[784, 32, 16, 10]));
    let mut work = Work::<f32>::new(&model, Some(Arc::new(HeldOut::new(dataset()))), false, None);
    while work.advance() {}
    let quick = Numbers::from(&work.finish());
    near(quick.agreement, 0.13);
    assert_relative_eq!(quick.per_layer[2].faithfulness_mean.unwrap(), 0.451_289_512, epsilon = 1e-5);
    assert_relative_eq!(quick.per_layer[1].structure.unwrap(), -0.044_058_389, epsilon = 1e-5);
    assert_relative_eq!(quick.template_match.unwrap(), 0.016_616_644, epsilon = 1e-5);
}
