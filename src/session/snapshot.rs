//! What a session says of itself at one moment.

use std::sync::Arc;
use std::time::Duration;

use super::{History, Pace};
use crate::error::Error;
use crate::nn::{Mlp, Optimizer, Shape};

/// What was asked for; fixed for the whole run (a restart makes a new one).
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Name of the dataset as shown: `mnist`, `built-in digits`.
    pub data: String,
    /// Images trained on.
    pub train_size: usize,
    /// Images judged on.
    pub test_size: usize,
    /// What to call each class on screen.
    pub class_names: Vec<String>,
    /// The network.
    pub shape: Shape,
    /// Optimizer with its initial step size.
    pub optimizer: Optimizer,
    /// Images a step.
    pub batch_size: usize,
    /// Epochs planned.
    pub epochs: usize,
    /// Seed of weights and shuffling.
    pub seed: u64,
    /// Threads that train.
    pub threads: usize,
}

impl Plan {
    /// Steps of one epoch; the last batch may be smaller.
    #[must_use]
    pub fn steps_per_epoch(&self) -> u64 {
        self.train_size.div_ceil(self.batch_size.max(1)) as u64
    }
}

/// What the session is doing.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The data is being read; the network is there already.
    Loading,
    /// Training.
    Training,
    /// Judging the network on the test split.
    Evaluating,
    /// Waiting for the user.
    Paused,
    /// All planned epochs are done; more can be asked for.
    Finished,
    /// The loss is no longer finite; the last finite network is kept.
    Diverged {
        /// Epoch, step, loss, rate, and what to try.
        reason: String,
    },
    /// Ended: told to stop.
    Stopped,
    /// Ended by a failure.
    Failed(Error),
}

/// How good the network is on one split.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Images judged.
    pub n: usize,
    /// Mean cross-entropy in nats.
    pub loss: f64,
    /// Share of right answers, 0..=1.
    pub accuracy: f64,
    /// `confusion[label][answer]`: counts.
    pub confusion: Vec<Vec<u64>>,
}

/// Everything the outside may know about a session at one moment. Immutable; shared as an `Arc`.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Counts publications; a higher one is newer.
    pub version: u64,
    /// What was asked for.
    pub plan: Arc<Plan>,
    /// What the session is doing.
    pub phase: Phase,
    /// Whole epochs done.
    pub epoch: usize,
    /// Training steps done.
    pub step: u64,
    /// Epochs that this run goes to (grows with each further epoch asked for).
    pub epochs: usize,
    /// Current step size.
    pub learning_rate: f32,
    /// The speed limit as asked for, and in steps a second if there is one.
    pub pace: Pace,
    /// `pace` in steps a second; `None` = as fast as the machine can.
    pub steps_per_second_limit: Option<f64>,
    /// Training images a second, lately; `None` before there is a measurement, while nothing trains, and in lockstep.
    pub samples_per_second: Option<f64>,
    /// Until the last planned epoch at the present speed.
    pub time_left: Option<Duration>,
    /// The network after `step` steps.
    pub model: Arc<Mlp>,
    /// The curves so far.
    pub history: Arc<History>,
    /// The newest judgement on the test split.
    pub test: Option<Arc<Evaluation>>,
    /// The newest thing worth telling: "saved …", a save that failed.
    pub notice: Option<Arc<str>>,
}
