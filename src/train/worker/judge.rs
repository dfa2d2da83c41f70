//! The thread that judges the network on the test split, beside the training.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;

use crate::data::Dataset;
use crate::error::{Error, Kind, Result};
use crate::nn::Mlp;
use crate::session::{EpochSums, Evaluation};
use crate::train::evaluate::{judge, pool};

/// Networks that may wait to be judged; with more the training waits, for it would fill the memory with them.
const MOST_WAITING: usize = 4;

/// A moment of the run whose network is judged.
#[derive(Debug)]
pub(super) struct Milestone {
    /// Training steps done.
    pub step: u64,
    /// The epoch that ended, if its line is to be told.
    pub ended: Option<EndedEpoch>,
}

/// What the training knows of an epoch that it has ended.
#[derive(Debug)]
pub(super) struct EndedEpoch {
    pub epoch: usize,
    /// What it saw; `None` of the untrained network.
    pub sums: Option<EpochSums>,
    /// Its training time, if it was seen whole.
    pub seconds: Option<f64>,
    pub samples_per_second: Option<f64>,
}

/// The thread, and the milestones whose judgement is not in yet, oldest first.
pub(super) struct Judge {
    networks: Sender<Mlp>,
    judgements: Receiver<Evaluation>,
    waiting: VecDeque<Milestone>,
}

impl Judge {
    /// Starts the thread. It ends when `self` is dropped.
    pub fn spawn(data: Arc<Dataset>) -> Result<Self> {
        let (networks, inbox) = mpsc::channel::<Mlp>();
        let (out, judgements) = mpsc::channel();
        let alone = pool(1, "judge")?;
        let work = move || {
            // Within a pool of its own it takes no thread from the training's.
            alone.install(|| {
                for network in inbox {
                    if out.send(judge(&network, &data.test)).is_err() {
                        return;
                    }
                }
            });
        };
        thread::Builder::new().name("judge".into()).spawn(work).map_err(|error| {
            Error::new(Kind::Bug, format!("cannot start the thread that judges the network: {error}"))
                .help("are there too many processes?")
        })?;
        Ok(Self { networks, judgements, waiting: VecDeque::new() })
    }

    /// Has `network` judged as it is at `milestone`.
    pub fn ask(&mut self, network: Mlp, milestone: Milestone) {
        self.waiting.push_back(milestone);
        // A thread that has ended is noticed when its judgement is asked for.
        let _ = self.networks.send(network);
    }

    /// Whether a judgement is still to come.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether the training has to wait.
    pub fn is_behind(&self) -> bool {
        self.waiting.len() > MOST_WAITING
    }

    /// The oldest judgement that is not in yet, waiting for it if `wait`.
    ///
    /// # Errors
    /// [`Kind::Bug`] if the thread has panicked.
    pub fn next(&mut self, wait: bool) -> Result<Option<(Milestone, Evaluation)>> {
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let judged = if wait {
            self.judgements.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            self.judgements.try_recv()
        };
        match judged {
            Ok(judged) => Ok(self.waiting.pop_front().zip(Some(judged))),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => {
                self.waiting.clear();
                Err(Error::new(Kind::Bug, "the thread that judges the network panicked"))
            }
        }
    }
}
