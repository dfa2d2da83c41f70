//! Training: the step, the epoch, the evaluation, and the thread that does them.
//!
//! Ordinary synchronous minibatch training in f32. The same seed gives the same bits on any number of threads.

pub mod activate;
pub mod dense;
pub mod evaluate;
pub mod forward;
pub mod input;
pub mod ledger;
pub mod loss;
pub mod network;
pub mod pacing;
pub mod rectified;
pub mod shuffle;
pub mod sparse;
pub mod step;
pub mod top;
pub mod trainer;
pub mod update;
pub mod worker;

#[cfg(test)]
mod test_data;

pub use evaluate::evaluate;
pub use trainer::{StepReport, Trainer};

use crate::nn::{Optimizer, Shape};

/// How to train.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The network.
    pub shape: Shape,
    /// The optimizer and its step size.
    pub optimizer: Optimizer,
    /// Images a step, at least 1.
    pub batch_size: usize,
    /// Epochs to train.
    pub epochs: usize,
    /// Seed of weights and shuffling.
    pub seed: u64,
    /// Threads that train, at least 1; the results do not depend on it.
    pub threads: usize,
    /// Train on the first so many images of the training split; `None` = all.
    pub train_size: Option<usize>,
}
