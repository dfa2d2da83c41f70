//! The lines that a run writes: on stdout when headless, and in `metrics.jsonl`.

use std::path::PathBuf;

use serde::Serialize;

/// One line of a run's record; as JSON `{"event":"epoch",…}`. What is not known is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// The run begins.
    Start {
        /// Version of weightscope.
        version: &'static str,
        /// Name of the dataset.
        data: String,
        /// Images trained on.
        train_size: usize,
        /// Images judged on.
        test_size: usize,
        /// Widths, `[784, 512, 256, 10]`.
        layers: Vec<usize>,
        /// Number of weights and biases.
        parameters: usize,
        /// Name of the optimizer.
        optimizer: &'static str,
        /// Its initial step size.
        learning_rate: f32,
        /// Images a step.
        batch_size: usize,
        /// Seed of weights and shuffling.
        seed: u64,
        /// Threads that train.
        threads: usize,
    },
    /// The first training step is done.
    FirstStep {
        /// Since the start of the process.
        seconds: f64,
    },
    /// An epoch is done; epoch 0 is the untrained network.
    Epoch {
        /// Epochs done.
        epoch: usize,
        /// Steps done.
        step: u64,
        /// Mean loss over the epoch's batches; `None` for epoch 0.
        train_loss: Option<f64>,
        /// Share of right answers over the epoch's batches; `None` for epoch 0.
        train_accuracy: Option<f64>,
        /// Loss on the test split.
        test_loss: f64,
        /// Share of right answers on the test split.
        test_accuracy: f64,
        /// Training time of this epoch alone, evaluation excluded; `None` for epoch 0.
        seconds: Option<f64>,
        /// Training images a second; `None` for epoch 0.
        samples_per_second: Option<f64>,
    },
    /// The loss is no longer finite.
    Diverged {
        /// Step that failed.
        step: u64,
        /// Epoch, loss, rate, and a rate to try.
        reason: String,
    },
    /// The run has ended.
    Done {
        /// Why.
        reason: Reason,
        /// Epochs done.
        epochs: usize,
        /// Since the start of the process.
        seconds: f64,
        /// The last checkpoint written.
        checkpoint: Option<PathBuf>,
    },
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All epochs are done.
    Finished,
    /// The user quit.
    Quit,
    /// A signal.
    Signal,
}
