//! What a page of maps costs: 784-512-256-10, one thread.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use ndarray::{Array1, Array2};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use weightscope::data::{CLASSES, Dataset, PIXELS, SharedDataset, Split};
use weightscope::lens::page::Projector;
use weightscope::lens::worker::Request;
use weightscope::lens::{Lens, Over, Sight};
use weightscope::nn::{Activation, Init, Linear, Mlp, Optimizer, Shape};
use weightscope::session::{History, Pace, Phase, Plan, Snapshot};

/// All 778 maps of the network; and a page of every lens while the network trains: each time another network, with 1,000
/// held-out images, and with the faithfulness of each map. The same exact (f64).
pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("maps");
    let all: [Vec<usize>; 3] = [512, 256, 10].map(|n| (0..n).collect());
    let request = |snapshot: &Arc<Snapshot>, lens, layer: usize, nodes: usize, over| Request {
        id: 0,
        snapshot: Arc::clone(snapshot),
        sight: Sight { lens, over, layer, nodes: all[layer][..nodes].to_vec(), side: 28, ..Sight::default() },
    };
    let data = Arc::new(SharedDataset::default());
    data.put(images());
    for (name, phase) in [("live", Phase::Training), ("exact", Phase::Paused)] {
        let snapshots = [1, 2].map(|seed| Arc::new(snapshot(phase.clone(), seed)));
        group.bench_function(format!("plain, all 778, {name}"), |b| {
            let layers = [512, 256, 10].into_iter().enumerate();
            let requests: Vec<Request> =
                layers.map(|(l, n)| request(&snapshots[0], Lens::Plain, l, n, Over::Own)).collect();
            b.iter(|| {
                let mut projector = Projector::default();
                for request in &requests {
                    black_box(projector.page(request));
                }
            });
        });
        let lenses = Lens::ALL.into_iter().filter(|&lens| lens != Lens::Preferred);
        let questions = lenses.flat_map(|lens| [(0, 32), (1, 32), (2, 10)].map(|(l, n)| (lens, l, n, Over::Own)));
        for (lens, layer, nodes, over) in questions.chain([(Lens::Gated, 2, 10, Over::All)]) {
            let set = if over == Over::All { " over all" } else { "" };
            group.bench_function(format!("{}{set}, {nodes} of layer {}, {name}", lens.name(), layer + 1), |b| {
                let requests = snapshots.each_ref().map(|snapshot| request(snapshot, lens, layer, nodes, over));
                let mut projector = Projector::new(Arc::clone(&data));
                let mut turn = requests.iter().cycle();
                b.iter(|| black_box(turn.next().map(|request| projector.page(request))));
            });
        }
    }
    group.finish();
}

/// 1,000 images to judge by, a fifth of whose pixels have ink, as in MNIST.
fn images() -> Arc<Dataset> {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut split = |n: usize| {
        let pixels = (0..n * PIXELS).map(|_| if rng.random_bool(0.19) { rng.random_range(1..=255) } else { 0 });
        Split::new(pixels.collect(), (0..n).map(|i| (i % CLASSES) as u8).collect())
    };
    let (train, test) = (split(1000), split(1000));
    Arc::new(Dataset { name: "random".into(), train, test, class_names: Default::default() })
}

fn snapshot(phase: Phase, seed: u64) -> Snapshot {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut layer = |nodes, inputs| Linear {
        weight: Array2::from_shape_simple_fn((nodes, inputs), || rng.random_range(-0.1..0.1)),
        bias: Array1::from_shape_simple_fn(nodes, || rng.random_range(-0.1..0.1)),
    };
    let model = Mlp { layers: vec![layer(512, 784), layer(256, 512), layer(10, 256)], activation: Activation::Relu };
    let shape =
        Shape { inputs: 784, hidden: vec![512, 256], outputs: 10, activation: Activation::Relu, init: Init::default() };
    let plan = Plan {
        data: "none".into(),
        train_size: 0,
        test_size: 0,
        class_names: Vec::new(),
        shape,
        optimizer: Optimizer::default(),
        batch_size: 128,
        epochs: 6,
        seed: 1,
        threads: 1,
    };
    Snapshot {
        version: 1,
        plan: Arc::new(plan),
        phase,
        epoch: 0,
        step: 0,
        epochs: 6,
        learning_rate: 0.001,
        pace: Pace::Max,
        steps_per_second_limit: None,
        samples_per_second: None,
        time_left: None,
        model: Arc::new(model),
        history: Arc::new(History::default()),
        test: None,
        notice: None,
    }
}
