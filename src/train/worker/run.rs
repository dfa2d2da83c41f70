//! A run between its data and its end.

mod milestones;
mod orders;

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use super::judge::Judge;
use super::lockstep::Lockstep;
use super::measure::{EpochClock, PointSums};
use super::stage::Stage;
use super::{Every, Settings};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::session::{Control, Line, Phase, Plan, Reason};
use crate::train::pacing::{Pacer, Speed};
use crate::train::{StepReport, Trainer};

/// A run with all that it needs.
pub(super) struct Run {
    stage: Stage,
    trainer: Trainer,
    judge: Judge,
    settings: Settings,
    controls: Receiver<Control>,
    /// Within a training step.
    in_step: bool,
    /// Why the run cannot go on, while the user may still change that.
    diverged: Option<Error>,
    pacer: Pacer,
    lockstep: Option<Lockstep>,
    speed: Speed,
    /// The end of the last step, or of what came after it.
    mark: Instant,
    epoch_clock: EpochClock,
    point: PointSums,
}

/// What comes next.
enum Next {
    Step,
    End(Result<Reason>),
}

impl Run {
    pub fn new(
        mut stage: Stage,
        data: &Dataset,
        trainer: Trainer,
        judge: Judge,
        settings: Settings,
        controls: Receiver<Control>,
    ) -> Self {
        let now = Instant::now();
        let plan = Plan {
            data: data.name.clone(),
            train_size: trainer.train_size(),
            test_size: data.test.len(),
            class_names: data.class_names.to_vec(),
            ..(*stage.now.plan).clone()
        };
        stage.now.plan = Arc::new(plan);
        let epoch_clock = EpochClock::new(trainer.sums().seen == 0);
        let point = PointSums::new(stage.now.plan.steps_per_epoch() * stage.now.epochs as u64);
        Self {
            stage,
            trainer,
            judge,
            settings,
            controls,
            in_step: false,
            diverged: None,
            pacer: Pacer::new(None, now),
            lockstep: None,
            speed: Speed::default(),
            mark: now,
            epoch_clock,
            point,
        }
    }

    /// Whether a step was begun and not ended: true after a panic in it.
    pub fn is_in_step(&self) -> bool {
        self.in_step
    }

    pub fn into_stage(mut self) -> Stage {
        if !self.in_step {
            self.stage.refresh(&self.trainer, &self.speed);
        }
        self.stage
    }

    /// Trains until the run is told to end, has come to its end unwatched, or fails. `told` is the newest epoch that has
    /// its line already.
    pub fn train(&mut self, told: Option<usize>, paused: bool) -> Result<Reason> {
        self.set_pace(self.stage.now.pace);
        self.begin(told, if paused { Phase::Paused } else { Phase::Training });
        loop {
            match self.next()? {
                Next::Step => self.step()?,
                Next::End(result) => {
                    self.hear_all();
                    return result;
                }
            }
        }
    }

    fn step(&mut self) -> Result<()> {
        let begin = Instant::now();
        self.pacer.begin(begin);
        let report = match self.trainer_step() {
            Ok(report) => report,
            Err(error) => return self.diverge(error),
        };
        let end = Instant::now();
        let images = report.n as u64;
        self.epoch_clock.add(end - begin, images);
        if self.stage.now.phase == Phase::Training {
            self.speed.add(end - self.mark, images);
        }
        self.mark = end;
        self.stage.first_step();
        self.point.add(&report, self.trainer.n_steps(), Arc::make_mut(&mut self.stage.now.history));

        let ended_epoch = self.trainer.last_epoch().filter(|_| self.trainer.sums().seen == 0);
        if ended_epoch.is_some() {
            let ended = self.ended_epoch(ended_epoch);
            self.judge(Some(ended));
        }
        // Not before the first step of all: nobody should have to wait for that.
        self.hear();
        let is_done = ended_epoch.is_some() && self.trainer.epoch() >= self.stage.now.epochs;
        let is_due = match self.settings.checkpoint_every {
            Every::Epochs(n) => ended_epoch.is_some() && (self.trainer.epoch() as u64).is_multiple_of(n.max(1)),
            Every::Steps(n) => self.trainer.n_steps().is_multiple_of(n.max(1)),
            Every::Never => false,
        };
        if is_due || is_done {
            self.save();
        }
        let is_frame = self.lockstep.as_mut().is_some_and(Lockstep::count);
        if is_done {
            self.set_phase(Phase::Evaluating);
            self.hear_all();
            self.set_phase(Phase::Finished);
        } else if is_frame || ended_epoch.is_some() || self.stage.now.phase == Phase::Paused {
            self.tell();
        }
        Ok(())
    }

    fn trainer_step(&mut self) -> Result<StepReport> {
        #[cfg(feature = "fault-injection")]
        super::fault::before_step(&self.trainer)?;
        self.in_step = true;
        let report = self.trainer.step();
        self.in_step = false;
        report
    }

    /// The weights are those from before the step: they are kept.
    fn diverge(&mut self, error: Error) -> Result<()> {
        self.hear_all();
        let help = error.remedy().map(|help| format!("; {help}")).unwrap_or_default();
        let reason = format!("{error}{help}");
        self.stage.line(&Line::Diverged { step: self.trainer.n_steps() + 1, reason: reason.clone() });
        self.save();
        self.set_phase(Phase::Diverged { reason });
        if !self.settings.watched {
            return Err(error);
        }
        self.diverged = Some(error);
        Ok(())
    }

    fn set_phase(&mut self, phase: Phase) {
        self.stage.now.phase = phase;
        self.tell();
    }

    /// Publishes how things are, whether somebody looks or not; in lockstep nothing that lies between two frames.
    fn tell(&mut self) {
        if let Some(lockstep) = &self.lockstep {
            match self.stage.now.phase {
                Phase::Evaluating => return,
                Phase::Training if !lockstep.is_at_frame() => return,
                _ => {}
            }
        }
        self.stage.refresh(&self.trainer, &self.speed);
        self.stage.publish();
    }

    /// Publishes how things are if that is wanted now. Gives whether nothing is left to be told.
    fn tell_if_wanted(&mut self) -> bool {
        let is_news = self.stage.now.step != self.trainer.n_steps();
        let is_told = is_news && self.stage.is_due();
        if is_told {
            self.tell();
        }
        is_told || !is_news
    }
}
