//! What a page of maps costs: 784-512-256-10, one thread.

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use ndarray::{Array1, Array2};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use weightscope::lens::page::Projector;
use weightscope::lens::worker::Request;
use weightscope::lens::{Lens, Sight};
use weightscope::nn::{Activation, Init, Linear, Mlp, Optimizer, Shape};
use weightscope::session::{History, Pace, Phase, Plan, Snapshot};

/// A page of every lens, live (f32) and exact (f64), and all 778 maps of the network.
pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("maps");
    let all: [Vec<usize>; 3] = [512, 256, 10].map(|n| (0..n).collect());
    for (name, phase) in [("live", Phase::Training), ("exact", Phase::Paused)] {
        let snapshot = Arc::new(snapshot(phase));
        let request = |lens, layer: usize, nodes: usize| Request {
            id: 0,
            snapshot: Arc::clone(&snapshot),
            sight: Sight { lens, layer, nodes: all[layer][..nodes].to_vec(), side: 28, ..Sight::default() },
        };
        group.bench_function(format!("plain, all 778, {name}"), |b| {
            let requests = [512, 256, 10].iter().enumerate().map(|(l, &n)| request(Lens::Plain, l, n));
            let requests: Vec<Request> = requests.collect();
            b.iter(|| {
                let mut projector = Projector::default();
                for request in &requests {
                    black_box(projector.page(request));
                }
            });
        });
        for lens in Lens::ALL {
            for (layer, nodes) in [(0, 32), (1, 32), (2, 10)] {
                let request = request(lens, layer, nodes);
                group.bench_function(format!("{}, {nodes} of layer {}, {name}", lens.name(), layer + 1), |b| {
                    b.iter(|| black_box(Projector::default().page(&request)));
                });
            }
        }
    }
    group.finish();
}

fn snapshot(phase: Phase) -> Snapshot {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
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
