//! A run between its data and its end.

mod milestones;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Instant;

use super::judge::Judge;
use super::lockstep::Lockstep;
use super::measure::{EpochClock, PointSums};
use super::stage::{BETWEEN_SNAPSHOTS, Stage};
use super::{Every, Settings};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::session::pace::Pace;
use crate::session::{Control, Line, Phase, Plan, Reason};
use crate::train::pacing::{Pacer, Speed};
use crate::train::{StepReport, Trainer};

/// How long a watched run takes by [`Pace::Auto`].
const WATCHED_SECONDS: f64 = 20.0;

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
        self.begin(told, if paused { Phase::Paused } else { Phase::Training })?;
        loop {
            match self.next()? {
                Next::Step => self.step()?,
                Next::End(result) => return self.hear_all().and(result),
            }
        }
    }

    /// Obeys what was told, waits for the pacer or the user.
    fn next(&mut self) -> Result<Next> {
        loop {
            let control = match self.stage.now.phase {
                Phase::Training => match self.control_until_due()? {
                    Some(control) => control,
                    None => return Ok(Next::Step),
                },
                Phase::Finished if !self.settings.watched => return Ok(Next::End(Ok(Reason::Finished))),
                _ if self.judge.is_busy() => match self.controls.recv_timeout(BETWEEN_SNAPSHOTS) {
                    Ok(control) => control,
                    Err(RecvTimeoutError::Timeout) => {
                        self.hear(false)?;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => Control::Stop,
                },
                _ => self.controls.recv().unwrap_or(Control::Stop),
            };
            if let Some(next) = self.obey(control)? {
                return Ok(next);
            }
        }
    }

    /// A control, or none if the next step is due before there is one.
    fn control_until_due(&mut self) -> Result<Option<Control>> {
        if let Some(lockstep) = &mut self.lockstep {
            return Ok(lockstep.control(&self.controls, self.stage.now.version));
        }
        // A watched run ends with its watcher.
        let gone = self.settings.watched.then_some(Control::Stop);
        loop {
            self.hear(self.judge.is_behind())?;
            let all_told = self.tell_if_wanted() && !self.judge.is_busy();
            let wait = self.pacer.wait(Instant::now());
            if wait.is_zero() {
                return Ok(match self.controls.try_recv() {
                    Ok(control) => Some(control),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => gone,
                });
            }
            let wait = if all_told { wait } else { wait.min(BETWEEN_SNAPSHOTS) };
            match self.controls.recv_timeout(wait) {
                Ok(control) => return Ok(Some(control)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if gone.is_some() => return Ok(gone),
                Err(RecvTimeoutError::Disconnected) => thread::sleep(wait),
            }
        }
    }

    fn obey(&mut self, control: Control) -> Result<Option<Next>> {
        match (control, &self.stage.now.phase) {
            (Control::Pause, Phase::Training) => self.set_phase(Phase::Paused),
            (Control::Resume, Phase::Paused | Phase::Finished | Phase::Diverged { .. }) => {
                self.allow_more();
                self.go_on();
                self.set_phase(Phase::Training);
            }
            (Control::StepOnce, _) => {
                self.allow_more();
                self.stage.now.phase = Phase::Paused;
                return Ok(Some(Next::Step));
            }
            (Control::SetLearningRate(rate), _) if rate.is_finite() && rate > 0.0 => {
                self.trainer.set_learning_rate(rate);
                self.stage.record.outdate();
                self.tell();
            }
            (Control::SetPace(pace), _) => {
                self.set_pace(pace);
                self.tell();
            }
            (Control::Restart { seed }, _) => self.restart(seed)?,
            (Control::Save, _) => self.save_for_good(),
            (Control::Stop | Control::StopOnSignal, phase) => {
                let reason = match (control, phase) {
                    (Control::StopOnSignal, _) => Reason::Signal,
                    (_, Phase::Finished) => Reason::Finished,
                    _ => Reason::Quit,
                };
                return Ok(Some(Next::End(self.diverged.take().map_or(Ok(reason), Err))));
            }
            // Done already, no learning rate, or nobody waits for it.
            (Control::Pause | Control::Resume | Control::SetLearningRate(_) | Control::Shown { .. }, _) => {}
        }
        Ok(None)
    }

    /// At the end of the run: one more epoch.
    fn allow_more(&mut self) {
        self.diverged = None;
        if self.stage.now.phase == Phase::Finished {
            self.stage.now.epochs = self.trainer.epoch() + 1;
        }
    }

    /// The clocks forget the time since the last step.
    fn go_on(&mut self) {
        self.mark = Instant::now();
        self.pacer.restart(self.mark);
    }

    fn set_pace(&mut self, pace: Pace) {
        let plan = &self.stage.now.plan;
        let limit = match pace {
            Pace::Steps(limit) => Some(limit),
            // Of the run as it was planned: a further epoch goes on as fast.
            Pace::Auto if self.settings.watched => {
                Some((plan.steps_per_epoch() * plan.epochs as u64) as f64 / WATCHED_SECONDS)
            }
            Pace::Auto | Pace::Max | Pace::Lockstep(_) => None,
        };
        self.lockstep = match pace {
            Pace::Lockstep(steps) if self.settings.watched => {
                Some(self.lockstep.take().unwrap_or_default().with_steps(steps))
            }
            _ => None,
        };
        self.stage.now.pace = pace;
        self.stage.now.steps_per_second_limit = limit;
        self.pacer = Pacer::new(limit, Instant::now());
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
            self.judge(Some(ended))?;
        }
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
            self.hear_all()?;
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
        self.hear_all()?;
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
