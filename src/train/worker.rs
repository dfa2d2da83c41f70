//! The training thread: obeys [`Control`]s between steps, publishes snapshots, keeps the run, survives panics.
//!
//! It never waits for the screen: a snapshot is made only when the last one was looked at, and the newest replaces the
//! older ones. Nor does the screen wait for it: the first snapshot is there before the data is read.

#[cfg(feature = "fault-injection")]
mod fault;
mod judge;
mod lockstep;
mod measure;
mod record;
mod run;
mod stage;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use self::judge::Judge;
use self::record::Record;
use self::run::Run;
use self::stage::Stage;
use super::{Options, Trainer};
use crate::data::Dataset;
use crate::error::{Error, Kind, Result};
use crate::session::run_folder::Resumed;
use crate::session::{Checkpoint, Control, History, Latest, Line, Pace, Plan, Reason, RunFolder, Snapshot};

/// What the training thread is to do.
pub struct Job {
    /// Reads the data, on the training thread.
    pub load: Box<dyn FnOnce() -> Result<Arc<Dataset>> + Send>,
    /// The run as far as it is known before the data is read; the data's name and sizes are then put right.
    pub plan: Plan,
    /// How to train. With `resume`, the settings of the checkpoint but for what the user changed.
    pub options: Options,
    /// The data source as `--data` takes it, for the checkpoints.
    pub source: String,
    /// The speed limit.
    pub pace: Pace,
    /// Whether somebody looks on: [`Pace::Auto`] is then about 20 seconds a run, and the thread stays at the end of the
    /// run for what else is asked of it. Otherwise [`Pace::Auto`] is [`Pace::Max`], and the end of the run is the end.
    pub watched: bool,
    /// Wait for [`Control::Resume`] before the first step.
    pub start_paused: bool,
    /// Go on from here.
    pub resume: Option<Resume>,
    /// Where the run is kept, if anywhere.
    pub folder: Option<RunFolder>,
    /// How often a checkpoint is written.
    pub checkpoint_every: Every,
    /// Something to be told to the user at the start.
    pub notice: Option<String>,
    /// Called with each line of the run, on the training thread.
    pub on_line: Box<dyn FnMut(&Line) + Send>,
    /// The start of the process.
    pub started: Instant,
}

/// How often a checkpoint is written while a run goes on. At its end one is written in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// After so many epochs, and one of the untrained network.
    Epochs(u64),
    /// After so many training steps, and one of the untrained network.
    Steps(u64),
    /// Only at the end.
    Never,
}

/// Where a run goes on.
#[derive(Debug)]
pub struct Resume {
    /// The run so far.
    pub checkpoint: Checkpoint,
    /// Its file, if the run goes on in the folder of that file.
    pub path: Option<PathBuf>,
    /// The points of its curves.
    pub history: History,
    /// The newest epoch that has its line already.
    pub epoch: Option<usize>,
}

impl From<Resumed> for Resume {
    /// Goes on in the same folder.
    fn from(resumed: Resumed) -> Self {
        let Resumed { newest, history, epoch } = resumed;
        Self { checkpoint: newest.checkpoint, path: Some(newest.path), history, epoch }
    }
}

impl From<Checkpoint> for Resume {
    /// Goes on elsewhere.
    fn from(checkpoint: Checkpoint) -> Self {
        Self { checkpoint, path: None, history: History::default(), epoch: None }
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Why; the error if the run failed or diverged.
    pub result: Result<Reason>,
    /// Whole epochs done.
    pub epochs: usize,
    /// Steps done.
    pub step: u64,
    /// The newest checkpoint.
    pub checkpoint: Option<PathBuf>,
    /// Why the run could not be kept to its end, if the last attempt to write a part of it failed.
    pub unsaved: Option<Error>,
}

impl Ended {
    /// What the process has to report, if the run did not go well: its failure, or else what could not be saved.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.result.as_ref().err().or(self.unsaved.as_ref())
    }
}

/// Starts the training thread. It ends when it is told to, when the sender of `controls` is dropped (if watched), at
/// the end of the run (if not), or by a failure. It publishes a last snapshot then.
///
/// # Errors
/// [`Kind::Bug`] if the thread cannot be started.
pub fn spawn(job: Job, controls: Receiver<Control>, out: Arc<Latest<Snapshot>>) -> Result<JoinHandle<Ended>> {
    let work = move || work(job, controls, out);
    thread::Builder::new().name("train".into()).spawn(work).map_err(|error| {
        Error::new(Kind::Bug, format!("cannot start the training thread: {error}"))
            .help("are there too many processes?")
    })
}

fn work(job: Job, controls: Receiver<Control>, out: Arc<Latest<Snapshot>>) -> Ended {
    let Job { load, plan, options, source, pace, watched, start_paused, resume, folder, on_line, started, .. } = job;
    let record = Record::new(folder, on_line, started, resume.as_ref().and_then(|resume| resume.path.clone()));
    let mut stage = Stage::new(plan, pace, job.notice, resume.as_ref(), out, record);
    stage.publish();

    let (checkpoint, told) = resume.map_or((None, None), |resume| (Some(resume.checkpoint), resume.epoch));
    let ready = guarded(|| {
        let data = load()?;
        let trainer = match &checkpoint {
            Some(checkpoint) => Trainer::resume(Arc::clone(&data), &options, checkpoint)?,
            None => Trainer::new(Arc::clone(&data), &options)?,
        };
        Ok((data, trainer))
    });
    drop(checkpoint);
    let (data, trainer) = match ready {
        Ok(ready) => ready,
        Err(error) => return stage.end(Err(error)),
    };

    let settings = Settings { options, source, checkpoint_every: job.checkpoint_every, watched };
    let judge = Judge::new(Arc::clone(&data));
    let pool = trainer.pool();
    let mut run = Run::new(stage, &data, trainer, judge, settings, controls);
    // Within the pool no step has to be handed over to it.
    pool.install(move || {
        let result = guarded(|| run.train(told, start_paused));
        // A panic within a step may leave half of the weights updated; between two steps they are worth keeping.
        let saved = guarded(|| {
            if !run.is_in_step() {
                run.save();
            }
            Ok(())
        });
        let result = result.and_then(|reason| saved.map(|()| reason));
        run.into_stage().end(result)
    })
}

/// What stays the same for as long as the thread lives, but for the seed.
struct Settings {
    options: Options,
    source: String,
    checkpoint_every: Every,
    watched: bool,
}

/// Runs `body`; a panic in it becomes an error.
fn guarded<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a panic leaves behind is not used, but for weights between two steps.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Err(Error::new(Kind::Bug, format!("the training thread panicked: {message}")))
    })
}
