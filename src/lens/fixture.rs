//! Networks and images for tests, which a few lines of numpy rebuild.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use crate::data::{Dataset, PIXELS, Split};
use crate::nn::{Activation, Init, Linear, Mlp, Optimizer, Shape};
use crate::session::{History, Pace, Phase, Plan, Snapshot};

/// A network with weights from -0.5 to 0.5 in no order.
///
/// ```python
/// import numpy as np
/// def net(*widths):  # (inputs, nodes) weights and biases of each layer, as Keras stores them
///     layers = []
///     for l, (i, o) in enumerate(zip(widths, widths[1:])):
///         n = np.arange(o * i + o) + 7 * l
///         w = ((n * n * 31 + n * 17) % 1009).astype(np.float32) / np.float32(1009) - np.float32(0.5)
///         layers.append((w[:o * i].reshape(o, i).T, w[o * i:]))
///     return layers
/// ```
pub(crate) fn net(widths: &[usize]) -> Mlp {
    let layers = widths
        .windows(2)
        .enumerate()
        .map(|(l, w)| {
            let value = |n: usize| ((n * n * 31 + n * 17) % 1009) as f32 / 1009.0 - 0.5;
            let (inputs, nodes) = (w[0], w[1]);
            Linear {
                weight: Array2::from_shape_fn((nodes, inputs), |(o, i)| value(o * inputs + i + 7 * l)),
                bias: Array1::from_shape_fn(nodes, |o| value(nodes * inputs + o + 7 * l)),
            }
        })
        .collect();
    Mlp { layers, activation: Activation::Relu }
}

/// A split of images, half of whose pixels have ink, except for a margin of three that has none; every class is there,
/// 4 twice as often.
///
/// ```python
/// def split(n, seed):  # images from 0 to 255, labels
///     i, p = np.meshgrid(np.arange(n) + seed, np.arange(784), indexing='ij')
///     v = (i * i * 37 + p * p * 11 + i * p * 5) % 509
///     y, x = p // 28, p % 28
///     inside = (y >= 3) & (y < 25) & (x >= 3) & (x < 25)
///     return np.where((v < 256) & inside, v, 0), np.minimum(np.arange(n) * 7 % 11, 9 - 5 * (np.arange(n) * 7 % 11 == 10))
/// ```
pub(crate) fn split(n: usize, seed: usize) -> Split {
    let pixel = |i: usize, p: usize| {
        let v = (i * i * 37 + p * p * 11 + i * p * 5) % 509;
        let inside = |at: usize| (3..25).contains(&at);
        if v < 256 && inside(p / 28) && inside(p % 28) { v as u8 } else { 0 }
    };
    let images = (0..n).flat_map(|i| (0..PIXELS).map(move |p| pixel(i + seed, p))).collect();
    let labels = (0..n).map(|i| i * 7 % 11).map(|label| if label == 10 { 4 } else { label as u8 }).collect();
    Split::new(images, labels)
}

/// 300 images to train on and 200 others.
pub(crate) fn dataset() -> Arc<Dataset> {
    Arc::new(Dataset {
        name: "arithmetic".into(),
        train: split(300, 0),
        test: split(200, 1000),
        class_names: std::array::from_fn(|class| class.to_string()),
    })
}

/// A snapshot of `model` in a given phase.
pub(crate) fn snapshot(model: &Arc<Mlp>, version: u64, phase: Phase) -> Arc<Snapshot> {
    let widths = model.widths();
    let shape = Shape {
        inputs: widths[0],
        hidden: widths[1..widths.len() - 1].to_vec(),
        outputs: widths[widths.len() - 1],
        activation: model.activation,
        init: Init::default(),
    };
    let plan = Plan {
        data: "none".into(),
        train_size: 0,
        test_size: 0,
        class_names: Vec::new(),
        shape,
        optimizer: Optimizer::default(),
        batch_size: 1,
        epochs: 1,
        seed: 0,
        threads: 1,
    };
    Arc::new(Snapshot {
        version,
        plan: Arc::new(plan),
        phase,
        epoch: 0,
        step: version * 10,
        epochs: 1,
        learning_rate: 0.001,
        pace: Pace::Max,
        steps_per_second_limit: None,
        samples_per_second: None,
        time_left: None,
        model: Arc::clone(model),
        history: Arc::new(History::default()),
        test: None,
        notice: None,
    })
}
