//! Has the network judged on the test split while the training goes on: by the training's own threads, a block of images
//! between two steps, so that neither the next step nor a key has to wait for all of them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::data::Dataset;
use crate::nn::Mlp;
use crate::session::{EpochSums, Evaluation};
use crate::train::evaluate::Judging;

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

/// The networks that are not judged yet, oldest first.
pub(super) struct Judge {
    data: Arc<Dataset>,
    waiting: VecDeque<(Mlp, Milestone)>,
    /// How far the oldest is judged.
    judging: Option<Judging>,
}

impl Judge {
    /// Judges on the test split of `data`.
    pub fn new(data: Arc<Dataset>) -> Self {
        Self { data, waiting: VecDeque::new(), judging: None }
    }

    /// Has `network` judged as it is at `milestone`.
    pub fn ask(&mut self, network: Mlp, milestone: Milestone) {
        self.waiting.push_back((network, milestone));
    }

    /// Whether a judgement is still to come.
    pub fn is_busy(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether the training has to wait.
    pub fn is_behind(&self) -> bool {
        self.waiting.len() > MOST_WAITING
    }

    /// Judges the oldest network on the next block of images, on the rayon pool that the caller is in; its judgement, if
    /// that was the last block.
    pub fn advance(&mut self) -> Option<(Milestone, Evaluation)> {
        let test = &self.data.test;
        let (network, _) = self.waiting.front()?;
        let judging = self.judging.get_or_insert_with(|| Judging::new(network, test));
        let evaluation = judging.advance(test)?;
        self.judging = None;
        self.waiting.pop_front().map(|(_, milestone)| (milestone, evaluation))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::evaluate::evaluate;
    use crate::train::test_data::{dataset, options};

    #[test]
    fn networks_are_judged_in_turn_a_block_of_images_at_a_time() {
        let data = dataset(50);
        let networks = [3, 4].map(|seed| Mlp::new(&options().shape, seed));
        let mut judge = Judge::new(Arc::clone(&data));
        assert!(judge.advance().is_none() && !judge.is_busy());
        for (network, step) in networks.iter().zip([10, 20]) {
            judge.ask(network.clone(), Milestone { step, ended: None });
        }
        for (network, step) in networks.iter().zip([10, 20]) {
            assert!(judge.is_busy());
            // 400 test images, 128 at a time.
            assert!((0..3).all(|_| judge.advance().is_none()));
            let (milestone, found) = judge.advance().unwrap();
            assert_eq!((milestone.step, found), (step, evaluate(network, &data.test, 2).unwrap()));
        }
        assert!(!judge.is_busy());
        for step in 0..5 {
            assert!(!judge.is_behind());
            judge.ask(networks[0].clone(), Milestone { step, ended: None });
        }
        assert!(judge.is_behind());
    }
}
