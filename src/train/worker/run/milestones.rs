//! What happens at the milestones of a run: its begin, the end of an epoch, a checkpoint, a restart.

use std::sync::Arc;

use super::Run;
use crate::error::Result;
use crate::session::{Checkpoint, EpochSums, History, Line, Phase, Plan};
use crate::train::Options;
use crate::train::pacing::Speed;
use crate::train::worker::Every;
use crate::train::worker::judge::{EndedEpoch, Milestone};
use crate::train::worker::measure::EpochClock;

impl Run {
    /// Tells the start, and has the network judged as it is before the next step.
    pub(super) fn begin(&mut self, told: Option<usize>, phase: Phase) {
        let start = start_line(&self.stage.now.plan, self.trainer.learning_rate());
        self.stage.line(&start);
        let is_untold = self.trainer.sums().seen == 0 && told != Some(self.trainer.epoch());
        let ended = is_untold.then(|| self.ended_epoch(None));
        self.judge(ended);
        if self.settings.checkpoint_every != Every::Never {
            self.save();
        }
        let is_done = self.trainer.epoch() >= self.stage.now.epochs;
        if is_done {
            self.hear_all();
        }
        self.go_on();
        self.set_phase(if is_done { Phase::Finished } else { phase });
    }

    /// Has the network judged on the test split, between the next steps.
    pub(super) fn judge(&mut self, ended: Option<EndedEpoch>) {
        let milestone = Milestone { step: self.trainer.n_steps(), ended };
        self.judge.ask(self.trainer.model(), milestone);
        // A frame in lockstep shows all that is known of its step.
        if self.lockstep.is_some() {
            self.hear_all();
        }
    }

    /// Goes on judging for a moment, and tells the judgement once it is made.
    pub(super) fn hear(&mut self) {
        let Some((Milestone { step, ended }, test)) = self.judge.advance() else { return };
        let history = Arc::make_mut(&mut self.stage.now.history);
        if history.test_loss.last().is_none_or(|last| last.step < step) {
            history.test_loss.push(step, test.loss as f32);
            history.test_accuracy.push(step, test.accuracy as f32);
        }
        if let Some(EndedEpoch { epoch, sums, seconds, samples_per_second }) = ended {
            let mean = |sum: fn(&EpochSums) -> f64| sums.as_ref().map(|sums| sum(sums) / sums.seen.max(1) as f64);
            let line = Line::Epoch {
                epoch,
                step,
                train_loss: mean(|sums| sums.loss),
                train_accuracy: mean(|sums| sums.correct as f64),
                test_loss: test.loss,
                test_accuracy: test.accuracy,
                seconds,
                samples_per_second,
            };
            self.stage.line(&line);
        }
        self.stage.now.test = Some(Arc::new(test));
        // In lockstep whoever waits for the judge tells of it.
        if self.lockstep.is_none() {
            self.tell();
        }
    }

    /// Makes all judgements, and tells them.
    pub(super) fn hear_all(&mut self) {
        while self.judge.is_busy() {
            self.hear();
        }
    }

    /// The epoch that has just ended, with what its training saw.
    pub(super) fn ended_epoch(&mut self, sums: Option<EpochSums>) -> EndedEpoch {
        let (seconds, samples_per_second) = self.epoch_clock.take();
        EndedEpoch { epoch: self.trainer.epoch(), sums, seconds, samples_per_second }
    }

    pub(super) fn restart(&mut self, seed: u64) -> Result<()> {
        self.hear_all();
        self.save();
        let options = Options { seed, ..self.settings.options.clone() };
        self.trainer = self.trainer.again(&options)?;
        self.settings.options = options;
        if let Err(error) = self.stage.record.start_over() {
            self.stage.notice(&error);
        }
        let phase = if self.stage.now.phase == Phase::Paused { Phase::Paused } else { Phase::Training };
        let now = &mut self.stage.now;
        now.plan = Arc::new(Plan { seed, ..(*now.plan).clone() });
        now.epochs = now.plan.epochs;
        now.history = Arc::new(History::default());
        now.test = None;
        now.model = Arc::new(self.trainer.model());
        now.step = 0;
        self.diverged = None;
        self.speed = Speed::default();
        self.epoch_clock = EpochClock::new(true);
        self.point.clear();
        if let Some(lockstep) = &mut self.lockstep {
            lockstep.start_over();
        }
        self.begin(None, phase);
        Ok(())
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        let options = &self.settings.options;
        Checkpoint {
            shape: options.shape.clone(),
            model: self.trainer.model(),
            optimizer: self.trainer.optimizer(),
            slots: self.trainer.slots(),
            seed: options.seed,
            batch_size: options.batch_size,
            train_size: self.trainer.train_size(),
            step: self.trainer.n_steps(),
            epoch: self.trainer.epoch(),
            so_far: self.trainer.sums(),
            data: self.settings.source.clone(),
        }
    }

    /// Writes a checkpoint unless this very one is there. A failure is shown; the next save tries again.
    pub(in crate::train::worker) fn save(&mut self) {
        if !self.stage.record.wants(self.trainer.n_steps()) {
            return;
        }
        let checkpoint = self.checkpoint();
        self.stage.save(&checkpoint);
    }

    pub(super) fn save_for_good(&mut self) {
        let checkpoint = self.checkpoint();
        match self.stage.record.save_for_good(&checkpoint) {
            Ok(path) => self.stage.now.notice = Some(format!("saved {}", path.display()).into()),
            Err(error) => self.stage.notice(&error),
        }
        self.tell();
    }
}

fn start_line(plan: &Plan, learning_rate: f32) -> Line {
    Line::Start {
        version: env!("CARGO_PKG_VERSION"),
        data: plan.data.clone(),
        train_size: plan.train_size,
        test_size: plan.test_size,
        layers: plan.shape.widths(),
        parameters: plan.shape.n_parameters(),
        optimizer: plan.optimizer.name(),
        learning_rate,
        batch_size: plan.batch_size,
        seed: plan.seed,
        threads: plan.threads,
    }
}
