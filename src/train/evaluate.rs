//! How good a network is on a split: loss, accuracy, confusion.

use ndarray::ArrayView2;
use rayon::prelude::*;

use crate::data::{CLASSES, PIXELS, Split};
use crate::error::{Error, Kind, Result};
use crate::nn::Mlp;
use crate::nn::loss::{argmax, cross_entropy};
use crate::session::Evaluation;

/// Images judged at a time; fixed, so that the sums do not depend on the number of threads.
const CHUNK: usize = 250;

/// A grey level of a file as the network sees it: 0..=255 becomes 0..=1.
#[must_use]
pub fn pixel(level: u8) -> f32 {
    /// A division each is too slow for the training step.
    const LEVELS: [f32; 256] = {
        let mut levels = [0.0; 256];
        let mut level = 0;
        while level < levels.len() {
            levels[level] = level as f32 / 255.0;
            level += 1;
        }
        levels
    };
    LEVELS[usize::from(level)]
}

/// Judges `model` on every image of `split`, on `threads` threads of its own (1 = the calling thread).
///
/// The same network and split give the same bits on any number of threads.
///
/// # Errors
/// If the threads cannot be started.
pub fn evaluate(model: &Mlp, split: &Split, threads: usize) -> Result<Evaluation> {
    if threads <= 1 {
        let parts = (0..split.len().div_ceil(CHUNK)).map(|chunk| judge(model, split, chunk));
        return Ok(total(parts.collect(), split.len()));
    }
    Ok(pool(threads, "evaluate")?.install(|| evaluate_here(model, split)))
}

/// [`evaluate`] on the rayon pool that the caller is in.
pub(super) fn evaluate_here(model: &Mlp, split: &Split) -> Evaluation {
    let parts = (0..split.len().div_ceil(CHUNK)).into_par_iter().map(|chunk| judge(model, split, chunk));
    total(parts.collect(), split.len())
}

/// A pool of `threads` threads named `NAME-0`, `NAME-1`, …
pub(super) fn pool(threads: usize, name: &'static str) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |i| format!("{name}-{i}"))
        .build()
        .map_err(|e| Error::new(Kind::Numbers, format!("cannot start {threads} threads: {e}")).help("try --threads 1"))
}

/// Loss sum and confusion of one chunk.
fn judge(model: &Mlp, split: &Split, chunk: usize) -> (f64, Vec<u64>) {
    let images = chunk * CHUNK..split.len().min((chunk + 1) * CHUNK);
    let x: Vec<f32> = split.images()[images.start * PIXELS..images.end * PIXELS].iter().map(|&p| pixel(p)).collect();
    let labels = &split.labels()[images.clone()];
    let mut confusion = vec![0; CLASSES * CLASSES];
    let Ok(x) = ArrayView2::from_shape((images.len(), PIXELS), &x) else { return (f64::NAN, confusion) };
    let logits = model.logits(x);
    for (row, &label) in logits.outer_iter().zip(labels) {
        confusion[usize::from(label) * CLASSES + argmax(row.iter().copied())] += 1;
    }
    (cross_entropy(logits.view(), labels).loss, confusion)
}

/// Adds the chunks up in their order.
fn total(parts: Vec<(f64, Vec<u64>)>, n: usize) -> Evaluation {
    let mut loss = 0.0;
    let mut confusion = vec![vec![0; CLASSES]; CLASSES];
    for (part, counts) in parts {
        loss += part;
        for (cell, count) in confusion.iter_mut().flatten().zip(counts) {
            *cell += count;
        }
    }
    let correct: u64 = (0..CLASSES).map(|class| confusion[class][class]).sum();
    let n_images = n.max(1) as f64;
    Evaluation { n, loss: loss / n_images, accuracy: correct as f64 / n_images, confusion }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::test_data;

    #[test]
    fn counts_every_image_once_and_is_the_same_on_any_number_of_threads() {
        let split = test_data::split(1013, 4);
        let model = Mlp::new(&test_data::options().shape, 9);
        let one = evaluate(&model, &split, 1).unwrap();
        for (label, row) in one.confusion.iter().enumerate() {
            let expected = split.labels().iter().filter(|&&l| usize::from(l) == label).count() as u64;
            assert_eq!(row.iter().sum::<u64>(), expected);
        }
        assert_eq!(one.n, 1013);
        let right: u64 = (0..CLASSES).map(|c| one.confusion[c][c]).sum();
        assert!((one.accuracy - right as f64 / 1013.0).abs() < 1e-15);
        for threads in [2, 3] {
            assert_eq!(evaluate(&model, &split, threads).unwrap(), one);
        }
    }

    #[test]
    fn the_loss_is_the_mean_over_the_images() {
        let split = test_data::split(300, 5);
        let model: Mlp = Mlp::new(&test_data::options().shape, 2);
        let mut sum = 0.0;
        for i in 0..split.len() {
            let x = ndarray::Array2::from_shape_fn((1, PIXELS), |(_, p)| pixel(split.image(i)[p]));
            sum += cross_entropy(model.logits(x.view()).view(), &split.labels()[i..=i]).loss;
        }
        let got = evaluate(&model, &split, 1).unwrap().loss;
        assert!((got - sum / 300.0).abs() < 1e-5, "{got} {}", sum / 300.0);
    }
}
