//! One training step on one thread: by network, batch size, optimizer and share of ink.

use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use weightscope::data::{CLASSES, Dataset, PIXELS, Split};
use weightscope::nn::{Activation, Init, Optimizer, Shape};
use weightscope::train::{Options, Trainer};

/// MNIST's share of inked pixels.
const MNIST: f64 = 0.19;
const SGD: Optimizer = Optimizer::Sgd { learning_rate: 0.01 };
const ADAM: Optimizer = Optimizer::Adam { learning_rate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/// Images with this share of inked pixels, at random places.
fn noise(ink: f64) -> Arc<Dataset> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut split = |n: usize| {
        let pixels =
            (0..n * PIXELS).map(|_| if rng.random_bool(ink) { rng.random_range(1..=255) } else { 0 }).collect();
        Split::new(pixels, (0..n).map(|i| (i % CLASSES) as u8).collect())
    };
    let class_names = std::array::from_fn(|class| class.to_string());
    Arc::new(Dataset { name: "noise".into(), train: split(4096), test: split(10), class_names })
}

fn trainer(data: &Arc<Dataset>, hidden: &[usize], optimizer: Optimizer, batch_size: usize) -> Option<Trainer> {
    let shape = Shape {
        inputs: PIXELS,
        hidden: hidden.to_vec(),
        outputs: CLASSES,
        activation: Activation::Relu,
        init: Init::GlorotUniform,
    };
    let options = Options { shape, optimizer, batch_size, epochs: 1, seed: 1, threads: 1, train_size: None };
    Trainer::new(Arc::clone(data), &options).ok()
}

/// The groups `step/…`.
pub fn benches(c: &mut Criterion) {
    let digits = noise(MNIST);
    let mut group = c.benchmark_group("step");
    let mut bench = |name: &str, data: &Arc<Dataset>, hidden: &[usize], optimizer: Optimizer, batch: usize| {
        let Some(mut trainer) = trainer(data, hidden, optimizer, batch) else { return };
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::new(name, batch), |b| b.iter(|| trainer.step()));
    };
    for batch in [32, 128, 512] {
        bench("512-256 sgd", &digits, &[512, 256], SGD, batch);
        bench("512-256 adam", &digits, &[512, 256], ADAM, batch);
    }
    bench("none", &digits, &[], SGD, 128);
    bench("128", &digits, &[128], SGD, 128);
    bench("2048", &digits, &[2048], SGD, 128);
    bench("512-512-512-512", &digits, &[512; 4], SGD, 128);
    bench("512-256, all ink", &noise(1.0), &[512, 256], SGD, 128);
    group.finish();
}
