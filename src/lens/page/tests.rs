use super::*;
use crate::lens::fixture::{dataset, net, snapshot, split};
use crate::lens::numbers::Numbers;
use crate::lens::scale;
use crate::lens::statistics::Statistics;
use crate::nn::Activation;
use crate::session::Phase;

fn request(model: &Arc<Mlp>, lens: Lens, layer: usize, nodes: &[usize]) -> Request {
    Request {
        id: 7,
        snapshot: snapshot(model, 3, Phase::Paused),
        sight: Sight { lens, layer, nodes: nodes.to_vec(), side: SIDE, ..Sight::default() },
    }
}

/// One with images to look at.
fn projector() -> Projector {
    let data = SharedDataset::default();
    data.put(dataset());
    Projector::new(Arc::new(data))
}

/// `request` with something else to see.
fn but(mut request: Request, change: impl FnOnce(&mut Sight)) -> Request {
    change(&mut request.sight);
    request
}

#[test]
fn a_page_holds_what_was_asked_for_in_that_order() {
    let model = Arc::new(net(&[784, 20, 12, 10]));
    let mut projector = Projector::default();
    let page = projector.page(&but(request(&model, Lens::Plain, 1, &[5, 2, 11]), |sight| sight.focus = Some(4)));
    assert_eq!(page.maps.iter().map(|map| map.node.index).collect::<Vec<_>>(), [5, 2, 11]);
    assert_eq!((page.request, page.version, page.step, page.exact), (7, 3, 30, true));
    let focus = page.focus.unwrap();
    assert_eq!((focus.node.index, focus.map.node.index), (4, 4));
    assert_eq!(focus.map, projector.page(&request(&model, Lens::Plain, 1, &[4])).maps[0]);
    for map in &page.maps {
        assert!(map.levels.contains(&0) && map.levels.contains(&255) && !map.flat);
        let offset = backproject::offsets(&model, 1, false)[map.node.index];
        assert_eq!(map.offset, Some(offset as f32));
    }
}

#[test]
fn nodes_and_layers_that_are_not_there_are_left_out() {
    let model = Arc::new(net(&[784, 20, 10]));
    let mut projector = Projector::default();
    let page = projector.page(&but(request(&model, Lens::Bias, 1, &[9, 10, 400]), |sight| sight.focus = Some(10)));
    assert_eq!((page.maps.len(), page.focus.is_none()), (1, true));
    assert!(projector.page(&request(&model, Lens::Bias, 2, &[0])).maps.is_empty());
    let other = Arc::new(net(&[50, 20, 10]));
    assert!(projector.page(&request(&other, Lens::Article, 1, &[0])).maps.is_empty());
}

#[test]
fn a_new_network_is_never_shown_with_the_old_ones_images() {
    let (old, new) = (Arc::new(net(&[784, 20, 12, 10])), Arc::new(net(&[784, 24, 12, 10])));
    for scale in [Scale::Node, Scale::Layer] {
        let mut projector = Projector::default();
        projector.page(&but(request(&old, Lens::Article, 2, &[0]), |sight| sight.scale = scale));
        let page = projector.page(&but(request(&new, Lens::Article, 2, &[0]), |sight| sight.scale = scale));
        let fresh = Projector::default().page(&but(request(&new, Lens::Article, 2, &[0]), |sight| sight.scale = scale));
        assert_eq!(page.maps, fresh.maps);
    }
}

#[test]
fn while_training_maps_are_quick_and_close() {
    let model = Arc::new(net(&[784, 40, 30, 10]));
    // An image that is searched for in many steps may come out otherwise.
    for lens in Lens::ALL.into_iter().filter(|&lens| lens != Lens::Preferred) {
        let mut projector = projector();
        let exact = projector.page(&request(&model, lens, 2, &[1, 8]));
        let live = Request { snapshot: snapshot(&model, 3, Phase::Training), ..request(&model, lens, 2, &[1, 8]) };
        let live = projector.page(&live);
        assert!(!live.exact && exact.exact);
        assert_eq!((live.maps.len(), exact.maps.len(), live.needs), (2, 2, None), "{lens:?}");
        for (a, b) in live.maps.iter().zip(&exact.maps) {
            let off = a.levels.iter().zip(&b.levels).filter(|(a, b)| a != b).count();
            assert!(off < 8, "{off} of 784 levels differ");
        }
    }
}

#[test]
fn the_layer_scale_rests_on_all_nodes_and_the_symmetric_one_on_zero() {
    let model = Arc::new(net(&[784, 20, 10]));
    let mut projector = Projector::default();
    let page = |projector: &mut Projector, scale, nodes: &[usize]| {
        projector.page(&but(request(&model, Lens::Plain, 1, nodes), |sight| sight.scale = scale)).maps
    };
    let all = page(&mut projector, Scale::Node, &(0..10).collect::<Vec<_>>());
    let low = all.iter().map(|map| map.range.0).fold(f32::INFINITY, f32::min);
    let high = all.iter().map(|map| map.range.1).fold(f32::NEG_INFINITY, f32::max);
    assert_eq!(page(&mut projector, Scale::Layer, &[3])[0].range, (low, high));

    let map = &page(&mut projector, Scale::Symmetric, &[3])[0];
    let a = map.raw.iter().fold(0.0f32, |a, v| a.max(v.abs()));
    assert_eq!(map.range, (-a, a));
}

#[test]
fn a_smaller_picture_has_the_scale_of_the_large_one() {
    let model = Arc::new(net(&[784, 20, 10]));
    let mut projector = Projector::default();
    let large = projector.page(&request(&model, Lens::Plain, 1, &[3])).maps.remove(0);
    for side in [24, 20, 14] {
        let small =
            projector.page(&but(request(&model, Lens::Plain, 1, &[3]), |sight| sight.side = side)).maps.remove(0);
        assert_eq!((small.range, small.side, small.levels.len()), (large.range, side, side * side));
        assert_eq!(small.raw, large.raw);
    }
}

#[test]
fn a_flat_map_is_said_to_be_flat_on_every_scale() {
    let mut model = net(&[784, 20, 10]);
    model.layers[0].weight.row_mut(2).fill(0.5);
    let model = Arc::new(model);
    for scale in Scale::ALL {
        let page =
            Projector::default().page(&but(request(&model, Lens::Plain, 0, &[2, 3]), |sight| sight.scale = scale));
        assert!(page.maps[0].flat && page.maps[0].levels.iter().all(|&level| level == scale::FLAT));
        assert!(!page.maps[1].flat);
    }
}

// layers = net(784, 32, 16, 10)  # fixture.rs; weights widened to f64
// train, _ = split(300, 0); train = train / 255
// x, y = split(200, 1000); x = x / 255
// zs, a = [], x
// for W, b in layers: zs.append(a @ W + b); a = np.maximum(zs[-1], 0)
// g = [(z > 0) * 1. for z in zs]
// W1, W2, W3 = [W for W, _ in layers]; B1, B2, B3 = [W + b for W, b in layers]
// N = lambda P: np.trunc(255 * ((P - P.min(0)) / (P.max(0) - P.min(0))))
// gated = lambda s: W1 @ ((W2 * (g[0][s].T @ g[1][s]) / s.sum()) @ W3)  # over the images s
// z = zs[2]; p = np.exp(z - z.max(1, keepdims=True)); p /= p.sum(1, keepdims=True); P = W1 @ W2 @ W3
// lenses = dict(
//     Plain=P, Bias=B1 @ B2 @ B3, Article=N(N(B1) @ B2) @ B3,
//     Pattern=(x - x.mean(0)).T @ (z - z.mean(0)) / len(x) / z.var(0), Influence=P * train.std(0)[:, None],
//     Gated=np.stack([gated(y == k)[:, k] for k in range(10)], 1), All=gated(y >= 0),
//     Mean=((p / p.sum(0)).T @ x - x.mean(0)).T)
// r2 = lambda s, z: np.corrcoef(s, z)[0, 1] ** 2
// centred = lambda v: v - v.mean(1, keepdims=True)
// for name, M in lenses.items():
//     print(name, r2(x @ M[:, 9], z[:, 9]), r2(x @ centred(M)[:, 9], centred(z)[:, 9]),
//           r2(x @ (M[:, 9] - M[:, 2]), z[:, 9] - z[:, 2]))
#[test]
fn the_number_under_a_picture_is_its_own_through_every_lens() {
    let model = Arc::new(net(&[784, 32, 16, 10]));
    for (lens, over, expected) in R2 {
        for phase in [Phase::Paused, Phase::Training] {
            let asked = but(request(&model, lens, 2, &[4, 9]), |sight| {
                (sight.over, sight.focus, sight.minus) = (over, Some(9), Some(2));
            });
            let asked = Request { snapshot: snapshot(&model, 3, phase), ..asked };
            let mut projector = projector();
            let page = projector.page(&asked);
            assert_eq!(page.n_judged, Some(200), "{lens:?}");
            let report = page.focus.unwrap();
            assert_eq!(report.map.faithfulness, page.maps[1].faithfulness);
            let centred = projector.page(&but(asked, |sight| sight.centred = true));
            let found =
                [page.maps[1].faithfulness, centred.maps[1].faithfulness, report.difference.unwrap().faithfulness];
            for (found, expected) in found.into_iter().zip(expected) {
                approx::assert_relative_eq!(found.unwrap(), expected, epsilon = 1e-5);
            }
        }
    }
}

#[test]
fn a_picture_says_how_much_of_it_lies_where_hardly_ever_ink_is() {
    let model = Arc::new(net(&[784, 32, 16, 10]));
    let statistics = Statistics::of(&dataset().train);
    for lens in [Lens::Plain, Lens::Pattern, Lens::Gated] {
        let page = projector().page(&but(request(&model, lens, 2, &[4, 9]), |sight| sight.focus = Some(9)));
        assert_eq!(page.inked, statistics.inked_area());
        let own = &page.focus.unwrap().map;
        for map in page.maps.iter().chain([own]) {
            let energy = |pixels: &[usize]| pixels.iter().map(|&p| f64::from(map.raw[p]).powi(2)).sum::<f64>();
            let expected = energy(&statistics.edge) / energy(&(0..784).collect::<Vec<_>>());
            approx::assert_relative_eq!(map.edge_share.unwrap(), expected, epsilon = 1e-12);
            assert!(lens != Lens::Plain || (expected > 0.01 && expected < 0.99), "{expected}");
        }
    }
    let page = Projector::default().page(&request(&model, Lens::Plain, 2, &[3]));
    assert_eq!(page.maps[0].edge_share, None, "without images");
    let page = projector().page(&request(&model, Lens::Top, 2, &[3]));
    assert_eq!(page.maps[0].edge_share, None, "of an image");
}

const R2: [(Lens, Over, [f64; 3]); 8] = [
    (Lens::Plain, Over::Own, [0.176_266_25, 0.302_115_79, 0.123_190_07]),
    (Lens::Bias, Over::Own, [0.000_066_29, 0.005_563_63, 0.075_776_71]),
    (Lens::Article, Over::Own, [0.016_398_39, 0.003_067_37, 0.034_074_47]),
    (Lens::Pattern, Over::Own, [0.794_882_42, 0.682_717_65, 0.799_778_83]),
    (Lens::Influence, Over::Own, [0.177_936_01, 0.301_375_06, 0.123_968_32]),
    (Lens::Gated, Over::Own, [0.627_477_59, 0.688_661_57, 0.657_596_59]),
    (Lens::Gated, Over::All, [0.641_347_37, 0.707_644_86, 0.671_151_01]),
    (Lens::Mean, Over::Own, [0.277_147_29, 0.216_531_33, 0.275_105_72]),
];

#[test]
fn a_picture_that_foretells_nothing_has_no_number() {
    let mut model = net(&[784, 20, 10]);
    model.layers[1].weight.row_mut(2).fill(0.0);
    let model = Arc::new(model);
    let page = projector().page(&request(&model, Lens::Plain, 1, &[2, 3]));
    assert_eq!((page.maps[0].faithfulness, page.maps[1].faithfulness.is_some()), (None, true));
    for lens in [Lens::Top, Lens::Preferred] {
        let page = projector().page(&request(&model, lens, 1, &[3]));
        assert_eq!((page.maps[0].faithfulness, page.n_judged), (None, None));
    }
    let page = Projector::default().page(&request(&model, Lens::Plain, 1, &[3]));
    assert_eq!((page.maps[0].faithfulness, page.n_judged), (None, None), "without images");
}

#[test]
fn a_symmetric_scale_stands_still_while_the_network_learns_and_is_exact_at_rest() {
    let model = net(&[784, 20, 10]);
    let mut grown = model.clone();
    grown.layers[0].weight.mapv_inplace(|w| w * 1.05);
    let [model, grown] = [model, grown].map(Arc::new);
    let at = |model: &Arc<Mlp>, phase: Phase| Request {
        id: 1,
        snapshot: snapshot(model, 3, phase),
        sight: Sight { nodes: vec![4], side: SIDE, scale: Scale::Symmetric, focus: Some(4), ..Sight::default() },
    };
    let mut projector = Projector::default();
    let before = projector.page(&at(&model, Phase::Training)).maps.remove(0);
    assert_eq!(before.range, (-before.range.1, before.range.1));
    let page = projector.page(&at(&grown, Phase::Training));
    assert_eq!((page.maps[0].range, page.focus.unwrap().map.range), (before.range, before.range));
    let rest = projector.page(&at(&grown, Phase::Paused)).maps.remove(0);
    assert!((rest.range.1 / before.range.1 - 1.05).abs() < 1e-5);
}

/// A set of `n` images to train on and `n` others.
fn small(n: usize) -> Arc<Dataset> {
    Arc::new(Dataset { train: split(n, 0), test: split(n, 1000), ..(*dataset()).clone() })
}

#[test]
fn every_lens_answers_for_networks_and_sets_of_any_shape() {
    let shapes: [&[usize]; 6] =
        [&[784, 10], &[784, 9, 8, 7, 6, 10], &[784, 300, 10], &[784, 12, 1, 10], &[784, 12, 4], &[784, 12, 12]];
    // Of three images most classes have none; of one no pattern has a variance.
    for (n, shape) in [200, 3, 1].into_iter().flat_map(|n| shapes.map(|shape| (n, shape))) {
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            let model = Arc::new(Mlp { activation, ..net(shape) });
            let data = SharedDataset::default();
            data.put(small(n));
            let mut projector = Projector::new(Arc::new(data));
            for lens in Lens::ALL.into_iter().filter(|&lens| lens != Lens::Preferred) {
                for layer in 0..model.layers.len() {
                    let nodes: Vec<usize> = (0..model.layers[layer].nodes()).collect();
                    let page = projector.page(&request(&model, lens, layer, &nodes));
                    assert_eq!((page.maps.len(), page.needs), (nodes.len(), None), "{lens:?} {shape:?}");
                    for map in &page.maps {
                        assert!(map.raw.iter().all(|v| v.is_finite()), "{lens:?} {shape:?} {:?} of {n}", map.node);
                        assert!(map.faithfulness.is_none_or(|r2| (0.0..=1.0).contains(&r2)));
                    }
                }
            }
            let numbers = Numbers::of(&model, Some(Arc::new(HeldOut::new(small(n))))).unwrap();
            assert_eq!((numbers.per_layer.len(), numbers.outputs.len()), (shape.len() - 1, shape[shape.len() - 1]));
            let json = serde_json::to_string(&numbers).unwrap();
            assert!(n == 1 || json.contains("\"agreement\":0.") || json.contains("\"agreement\":1."), "{json}");
        }
    }
}

#[test]
fn what_takes_long_is_shown_on_the_sample_first() {
    let model = Arc::new(net(&[784, 20, 10]));
    let data = SharedDataset::default();
    data.put(small(1200));
    let mut projector = Projector::new(Arc::new(data));
    let asked = request(&model, Lens::Pattern, 0, &[0, 1]);
    let first = projector.preview(&asked, &|| false).unwrap();
    let whole = projector.page(&asked);
    assert_eq!((first.n_images, first.exact, first.maps.len()), (Some(1000), false, 2));
    assert_eq!((whole.n_images, whole.exact, whole.maps.len()), (Some(1200), true, 2));
    let turned = request(&model, Lens::Pattern, 0, &[5]);
    assert!(projector.preview(&turned, &|| false).is_none(), "it is known by now");
    assert!(projector.preview(&request(&model, Lens::Plain, 0, &[0]), &|| false).is_none(), "it does not take long");
    let live = Request { snapshot: snapshot(&model, 3, Phase::Training), ..request(&model, Lens::Mean, 0, &[0]) };
    assert!(projector.preview(&live, &|| false).is_none());
}
