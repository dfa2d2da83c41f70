//! Small learnable images for the tests of this room: each class is a bar at its own height, with noise.

use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::Options;
use crate::data::{CLASSES, Dataset, PIXELS, SIDE, Split};
use crate::nn::{Activation, Init, Optimizer, Shape};
use crate::simd::Level;

/// `n` images, about a fifth of their pixels inked.
pub fn split(n: usize, seed: u64) -> Split {
    images(n, seed, 0.1)
}

/// `n` images in which a share `density` of the pixels outside the bar is inked.
pub fn images(n: usize, seed: u64, density: f64) -> Split {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let labels: Vec<u8> = (0..n).map(|_| rng.random_range(0..CLASSES as u8)).collect();
    let mut pixels = Vec::with_capacity(n * PIXELS);
    for &label in &labels {
        let top = 2 + 2 * usize::from(label) + rng.random_range(0..2usize);
        for at in 0..PIXELS {
            let on_bar = (top..top + 3).contains(&(at / SIDE)) && (4..24).contains(&(at % SIDE));
            let ink = if on_bar { 0.8 } else { density };
            pixels.push(if rng.random_bool(ink) { rng.random_range(1..=255) } else { 0 });
        }
    }
    Split::new(pixels, labels)
}

/// A training split of `n` images and a test split of 400.
pub fn dataset(n: usize) -> Arc<Dataset> {
    let class_names = std::array::from_fn(|class| class.to_string());
    Arc::new(Dataset { name: "bars".into(), train: split(n, 1), test: split(400, 2), class_names })
}

/// A small network, Keras' optimizer, one thread.
pub fn options() -> Options {
    Options {
        shape: Shape {
            inputs: PIXELS,
            hidden: vec![40, 24],
            outputs: CLASSES,
            activation: Activation::Relu,
            init: Init::GlorotUniform,
        },
        optimizer: Optimizer::default(),
        batch_size: 50,
        epochs: 2,
        seed: 1,
        threads: 1,
        train_size: None,
    }
}

/// Every kind of processor that this one can stand in for.
pub fn levels() -> Vec<Level> {
    Level::all().collect()
}
