//! What a run is told: it obeys between two steps.

use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::thread;
use std::time::Instant;

use super::{Next, Run};
use crate::error::Result;
use crate::session::pace::Pace;
use crate::session::{Control, Phase, Reason};
use crate::train::pacing::Pacer;
use crate::train::worker::stage::BETWEEN_SNAPSHOTS;

/// How long a watched run takes by [`Pace::Auto`].
const WATCHED_SECONDS: f64 = 20.0;

impl Run {
    /// Obeys what was told, waits for the pacer or the user.
    pub(super) fn next(&mut self) -> Result<Next> {
        loop {
            let control = match self.stage.now.phase {
                Phase::Training => match self.control_until_due() {
                    Some(control) => control,
                    None => return Ok(Next::Step),
                },
                Phase::Finished if !self.settings.watched => return Ok(Next::End(Ok(Reason::Finished))),
                _ if self.judge.is_busy() => match self.controls.try_recv() {
                    Ok(control) => control,
                    Err(TryRecvError::Empty) => {
                        self.hear();
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => Control::Stop,
                },
                _ => self.controls.recv().unwrap_or(Control::Stop),
            };
            if let Some(next) = self.obey(control)? {
                return Ok(next);
            }
        }
    }

    /// A control, or none if the next step is due before there is one.
    fn control_until_due(&mut self) -> Option<Control> {
        if let Some(lockstep) = &mut self.lockstep {
            return lockstep.control(&self.controls, self.stage.now.version);
        }
        // A watched run ends with its watcher.
        let gone = self.settings.watched.then_some(Control::Stop);
        loop {
            let all_told = self.tell_if_wanted();
            let wait = self.pacer.wait(Instant::now());
            // Time to spare is for judging; so is other time, if too much waits for it.
            let judges = self.judge.is_behind() || self.judge.is_busy() && !wait.is_zero();
            if judges || wait.is_zero() {
                match self.controls.try_recv() {
                    Ok(control) => return Some(control),
                    Err(TryRecvError::Disconnected) if gone.is_some() => return gone,
                    Err(_) if judges => self.hear(),
                    Err(_) => return None,
                }
                continue;
            }
            let wait = if all_told { wait } else { wait.min(BETWEEN_SNAPSHOTS) };
            match self.controls.recv_timeout(wait) {
                Ok(control) => return Some(control),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) if gone.is_some() => return gone,
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
            // Done already, or no learning rate. In lockstep the screen waits for an answer all the same.
            (Control::Pause | Control::Resume | Control::SetLearningRate(_), _) if self.lockstep.is_some() => {
                self.tell();
            }
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
    pub(super) fn go_on(&mut self) {
        self.mark = Instant::now();
        self.pacer.restart(self.mark);
    }

    pub(super) fn set_pace(&mut self, pace: Pace) {
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
}
