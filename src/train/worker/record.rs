//! What a run leaves behind: its lines and its checkpoints.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::session::{Checkpoint, Line, RunFolder};

/// Keeps a run, if it is kept anywhere, and tells its lines.
pub(super) struct Record {
    folder: Option<RunFolder>,
    on_line: Box<dyn FnMut(&Line) + Send>,
    /// The start of the process.
    pub started: Instant,
    /// Whether the first line of the run is in the folder already.
    resumed: bool,
    first_step_told: bool,
    /// The newest checkpoint.
    pub checkpoint: Option<PathBuf>,
    /// The step of the newest checkpoint.
    saved_step: Option<u64>,
    /// Why the last checkpoint could not be written.
    unsaved: Option<Error>,
    /// Why the last line could not be written.
    unwritten: Option<Error>,
}

impl Record {
    /// `resumed` is the checkpoint in `folder` from which the run goes on.
    pub fn new(
        folder: Option<RunFolder>,
        on_line: Box<dyn FnMut(&Line) + Send>,
        started: Instant,
        resumed: Option<PathBuf>,
    ) -> Self {
        Self {
            folder,
            on_line,
            started,
            resumed: resumed.is_some(),
            first_step_told: false,
            checkpoint: resumed,
            saved_step: None,
            unsaved: None,
            unwritten: None,
        }
    }

    /// Whether a checkpoint at `step` would be kept and is not there yet.
    pub fn wants(&self, step: u64) -> bool {
        self.folder.is_some() && self.saved_step != Some(step)
    }

    /// The run is no longer as its newest checkpoint has it, although no step was done.
    pub fn outdate(&mut self) {
        self.saved_step = None;
    }

    /// Tells a line, and keeps it.
    pub fn line(&mut self, line: &Line) -> Result<()> {
        (self.on_line)(line);
        let first = matches!(line, Line::Start { .. } | Line::FirstStep { .. });
        let Some(folder) = self.folder.as_mut().filter(|_| !(first && self.resumed)) else { return Ok(()) };
        let result = folder.append(line).inspect_err(|error| tracing::warn!(%error, "a line was not written"));
        self.unwritten = result.as_ref().err().cloned();
        result
    }

    /// Tells of the first step of this process, once.
    pub fn first_step(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.first_step_told, true) {
            return Ok(());
        }
        self.line(&Line::FirstStep { seconds: self.started.elapsed().as_secs_f64() })
    }

    /// Whether the last checkpoint could not be written.
    pub fn has_unsaved(&self) -> bool {
        self.unsaved.is_some()
    }

    /// Writes a checkpoint. A failure is remembered until the next one is written.
    pub fn save(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let Some(folder) = &mut self.folder else { return Ok(()) };
        let result = folder.save(checkpoint);
        self.remember(checkpoint.step, result.as_deref())?;
        self.checkpoint = result.ok();
        Ok(())
    }

    /// Writes a checkpoint that the user asked for. Gives its path.
    pub fn save_for_good(&mut self, checkpoint: &Checkpoint) -> Result<PathBuf> {
        let folder = self
            .folder
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Disk, "this run is kept nowhere").help("start it without `--out none`"))?;
        let result = folder.save_for_good(checkpoint);
        self.remember(checkpoint.step, result.as_deref())?;
        result
    }

    fn remember(&mut self, step: u64, result: Result<&Path, &Error>) -> Result<()> {
        match result {
            Ok(path) => {
                tracing::info!(step, path = %path.display(), "saved");
                (self.saved_step, self.unsaved) = (Some(step), None);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(step, %error, "not saved");
                self.unsaved = Some(error.clone());
                Err(error.clone())
            }
        }
    }

    /// The run begins again.
    pub fn start_over(&mut self) -> Result<()> {
        (self.saved_step, self.resumed) = (None, false);
        self.folder.as_mut().map_or(Ok(()), RunFolder::start_over)
    }

    /// What could not be kept, if the last attempt failed.
    pub fn trouble(&mut self) -> Option<Error> {
        self.unsaved.take().or(self.unwritten.take())
    }
}
