//! How good a network is on a split: loss, accuracy, confusion.

use super::forward::forward;
use super::input::Input;
use super::loss::cross_entropy;
use super::network::{Network, Nodes};
use crate::data::{CLASSES, Split};
use crate::error::{Error, Kind, Result};
use crate::nn::Mlp;
use crate::nn::loss::argmax;
use crate::session::Evaluation;
use crate::simd::Level;
use crate::simd::tile::padded;

/// Images judged at a time.
const BLOCK: usize = 128;

/// A grey level of a file as the network sees it: 0..=255 becomes 0..=1.
#[must_use]
#[inline]
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

/// Judges `model` on every image of `split`, on `threads` threads.
///
/// The same network and split give the same bits on any number of threads.
///
/// # Errors
/// If the threads cannot be started.
pub fn evaluate(model: &Mlp, split: &Split, threads: usize) -> Result<Evaluation> {
    Ok(pool(threads, "evaluate")?.install(|| judge(model, split)))
}

/// A pool of `threads` threads named `NAME-0`, `NAME-1`, …
pub(in crate::train) fn pool(threads: usize, name: &'static str) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |i| format!("{name}-{i}"))
        .build()
        .map_err(|e| Error::new(Kind::Numbers, format!("cannot start {threads} threads: {e}")).help("try --threads 1"))
}

/// [`evaluate`] on the rayon pool that the caller is in.
pub(in crate::train) fn judge(model: &Mlp, split: &Split) -> Evaluation {
    let mut judging = Judging::new(model, split);
    loop {
        if let Some(evaluation) = judging.advance(split) {
            return evaluation;
        }
    }
}

/// An evaluation that is being made, a block of images at a time.
pub(in crate::train) struct Judging {
    network: Network,
    input: Input,
    nodes: Vec<Vec<Nodes>>,
    /// Images judged so far.
    n: usize,
    loss: f64,
    /// Rows: label, columns: answer.
    confusion: Vec<Vec<u64>>,
}

impl Judging {
    /// Begins to judge `model` on `split`.
    pub fn new(model: &Mlp, split: &Split) -> Self {
        let network = Network::new(model, &[]);
        let rows = padded(BLOCK);
        let (input, nodes) = (Input::new(split, rows), network.nodes(rows));
        Self { network, input, nodes, n: 0, loss: 0.0, confusion: vec![vec![0; CLASSES]; CLASSES] }
    }

    /// Judges the next block of the same split, on the rayon pool that the caller is in; the evaluation once all of it
    /// is judged.
    pub fn advance(&mut self, split: &Split) -> Option<Evaluation> {
        let end = split.len().min(self.n + BLOCK);
        let block: Vec<u32> = (self.n as u32..end as u32).collect();
        self.input.fill(split, &block);
        forward(Level::new(), &self.network, &self.input, block.len(), &mut self.nodes);
        let labels = &split.labels()[self.n..end];
        if let Some(Nodes { answers, deltas, .. }) = self.nodes.last_mut().and_then(|nodes| nodes.first_mut()) {
            let logits = &answers[..block.len()];
            self.loss += cross_entropy(logits, labels.iter().copied(), deltas, block.len()).0;
            for (row, &label) in logits.iter().zip(labels) {
                self.confusion[usize::from(label)][argmax(row.0[..CLASSES].iter().copied())] += 1;
            }
        }
        self.n = end;
        (end == split.len()).then(|| self.finish())
    }

    fn finish(&mut self) -> Evaluation {
        let confusion = std::mem::take(&mut self.confusion);
        let correct: u64 = (0..CLASSES).map(|class| confusion[class][class]).sum();
        let n = self.n.max(1) as f64;
        Evaluation { n: self.n, loss: self.loss / n, accuracy: correct as f64 / n, confusion }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PIXELS;
    use crate::nn::loss::cross_entropy;
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
