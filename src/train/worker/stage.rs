//! Where the outside looks at the run: the snapshot that is told next, and its publication.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Ended, Record, Resume};
use crate::error::{Error, Kind, Result};
use crate::nn::Mlp;
use crate::session::{Checkpoint, History, Latest, Line, Pace, Phase, Plan, Reason, Snapshot};
use crate::train::Trainer;
use crate::train::pacing::Speed;

/// Between two snapshots while training goes on.
pub(super) const BETWEEN_SNAPSHOTS: Duration = Duration::from_millis(33);

/// The state of the run as far as it is told.
pub(super) struct Stage {
    /// What is told next.
    pub now: Snapshot,
    out: Arc<Latest<Snapshot>>,
    published: Instant,
    pub record: Record,
}

impl Stage {
    /// The run before its data is read: its network is known already.
    pub fn new(
        plan: Plan,
        pace: Pace,
        notice: Option<String>,
        resume: Option<&Resume>,
        out: Arc<Latest<Snapshot>>,
        record: Record,
    ) -> Self {
        let checkpoint = resume.map(|resume| &resume.checkpoint);
        let now = Snapshot {
            version: 0,
            phase: Phase::Loading,
            epoch: checkpoint.map_or(0, |c| c.epoch),
            step: checkpoint.map_or(0, |c| c.step),
            epochs: plan.epochs,
            learning_rate: plan.optimizer.learning_rate(),
            pace,
            steps_per_second_limit: None,
            samples_per_second: None,
            time_left: None,
            model: Arc::new(checkpoint.map_or_else(|| Mlp::new(&plan.shape, plan.seed), |c| c.model.clone())),
            history: Arc::new(resume.map_or_else(History::default, |resume| resume.history.clone())),
            test: None,
            notice: notice.map(Arc::from),
            plan: Arc::new(plan),
        };
        Self { now, out, published: Instant::now(), record }
    }

    /// Publishes what is known now.
    pub fn publish(&mut self) {
        self.now.version += 1;
        self.out.publish(self.now.clone());
        self.published = Instant::now();
    }

    /// Whether the last snapshot was looked at, and is old enough for a new one.
    pub fn is_due(&self) -> bool {
        self.published.elapsed() >= BETWEEN_SNAPSHOTS && self.out.is_wanted()
    }

    /// Brings the snapshot up to date.
    pub fn refresh(&mut self, trainer: &Trainer, speed: &Speed) {
        let now = &mut self.now;
        if now.step != trainer.n_steps() {
            now.step = trainer.n_steps();
            now.model = Arc::new(trainer.model());
        }
        now.epoch = trainer.epoch();
        now.learning_rate = trainer.learning_rate();
        let is_going_on = matches!(now.phase, Phase::Training | Phase::Evaluating);
        now.samples_per_second = if is_going_on && !now.pace.is_lockstep() { speed.images_per_second() } else { None };
        let left = now.epochs.saturating_sub(now.epoch) as u64 * trainer.train_size() as u64;
        let left = left.saturating_sub(trainer.sums().seen) as f64;
        now.time_left = now.samples_per_second.and_then(|speed| Duration::try_from_secs_f64(left / speed).ok());
    }

    /// Tells a line of the run. One that cannot be kept is no reason to stop.
    pub fn line(&mut self, line: &Line) {
        if let Err(error) = self.record.line(line) {
            self.notice(&error);
        }
    }

    /// Tells of the first step of this process, once.
    pub fn first_step(&mut self) {
        if let Err(error) = self.record.first_step() {
            self.notice(&error);
        }
    }

    /// Writes a checkpoint. A failure is shown; the next save tries again.
    pub fn save(&mut self, checkpoint: &Checkpoint) {
        let had_failed = self.record.has_unsaved();
        match self.record.save(checkpoint) {
            Ok(()) if had_failed => self.now.notice = Some("the run could be saved again".into()),
            Ok(()) => {}
            Err(error) => self.notice(&error),
        }
    }

    /// Tells an error that does not end the run.
    pub fn notice(&mut self, error: &Error) {
        let help = error.remedy().map(|help| format!(" ({help})")).unwrap_or_default();
        self.now.notice = Some(format!("{error}{help}").into());
    }

    /// The last snapshot and the last line.
    pub fn end(mut self, result: Result<Reason>) -> Ended {
        self.now.samples_per_second = None;
        self.now.time_left = None;
        match &result {
            Ok(reason) => {
                let done = Line::Done {
                    reason: *reason,
                    epochs: self.now.epoch,
                    seconds: self.record.started.elapsed().as_secs_f64(),
                    checkpoint: self.record.checkpoint.clone(),
                };
                self.line(&done);
                if *reason != Reason::Finished {
                    self.now.phase = Phase::Stopped;
                }
            }
            // The phase says so already.
            Err(error) if error.kind() == Kind::Numbers => {}
            Err(error) => {
                tracing::error!(%error, "the run failed");
                self.now.phase = Phase::Failed(error.clone());
            }
        }
        self.publish();
        Ended {
            result,
            epochs: self.now.epoch,
            step: self.now.step,
            unsaved: self.record.trouble(),
            checkpoint: self.record.checkpoint,
        }
    }
}
