//! A session on disk: safetensors with the run in its metadata, written whole or not at all.

use crate::nn::{Linear, Mlp, Optimizer, Shape};

/// Everything that a run needs to go on to the very same numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// What the network is.
    pub shape: Shape,
    /// Its weights.
    pub model: Mlp,
    /// The optimizer, with its current step size.
    pub optimizer: Optimizer,
    /// What the optimizer remembers, `slots[slot][layer]`, each shaped as the layer: none for SGD, the velocity for
    /// momentum, the mean square for RMSprop, mean and mean square for Adam.
    pub slots: Vec<Vec<Linear>>,
    /// Seed of weights and shuffling. Shuffling is a function of (seed, epoch), so it needs no state of its own.
    pub seed: u64,
    /// Images a step.
    pub batch_size: usize,
    /// Images trained on: the first so many of the training split.
    pub train_size: usize,
    /// Training steps done.
    pub step: u64,
    /// Whole epochs done.
    pub epoch: usize,
    /// What the epoch under way has seen so far.
    pub so_far: EpochSums,
    /// The data source as written on the command line (`mnist`, `builtin`, a folder).
    pub data: String,
}

/// Sums over the batches of the epoch under way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EpochSums {
    /// Sum of the per-image losses, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: u64,
    /// Images seen.
    pub seen: u64,
}
