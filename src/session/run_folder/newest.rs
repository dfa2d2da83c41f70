//! The checkpoints of a run, and which of them is the newest that is whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::session::Checkpoint;

/// The newest checkpoint.
pub(super) const LAST: &str = "last.safetensors";
/// The folder of the newest few checkpoints.
pub(super) const CHECKPOINTS: &str = "checkpoints";
/// The folder of checkpoints that the user asked for.
pub(super) const SAVED: &str = "saved";

/// The newest whole checkpoint of a run.
#[derive(Debug)]
pub struct Newest {
    /// Its file.
    pub path: PathBuf,
    /// What is in it.
    pub checkpoint: Checkpoint,
    /// What is wrong with newer ones, to be told to the user.
    pub passed_over: Vec<Error>,
}

/// The newest whole checkpoint of the run in `dir`: the one with the most steps. Damaged ones are passed over.
///
/// # Errors
/// [`Kind::Model`] if there is no folder, or no whole checkpoint in it.
pub fn newest_checkpoint(dir: &Path) -> Result<Newest> {
    let mut files = checkpoint_files(dir)?;
    let mut passed_over = Vec::new();
    let mut best = None;
    let last = dir.join(LAST);
    if last.exists() {
        match Checkpoint::load(&last) {
            Ok(checkpoint) => {
                files.retain(|(place, _)| *place > Place::of(&checkpoint));
                best = Some((last, checkpoint));
            }
            Err(error) => passed_over.push(error),
        }
    }
    for (_, path) in files.into_iter().rev() {
        match Checkpoint::load(&path) {
            Ok(checkpoint) => {
                best = Some((path, checkpoint));
                break;
            }
            Err(error) => passed_over.push(error),
        }
    }
    match best {
        Some((path, checkpoint)) => Ok(Newest { path, checkpoint, passed_over }),
        None => Err(passed_over.swap_remove(0).help("none of the run's checkpoints is whole: start a new run")),
    }
}

/// Whether `dir` holds a checkpoint, whole or not.
pub(in crate::session) fn has_checkpoint(dir: &Path) -> bool {
    checkpoint_files(dir).is_ok()
}

/// The checkpoints of a run but for the last, oldest first; an error if there is none, and no last one either.
pub(super) fn checkpoint_files(dir: &Path) -> Result<Vec<(Place, PathBuf)>> {
    let wrong = |what: &str| Error::new(Kind::Model, what).at(dir);
    if !dir.is_dir() {
        return Err(wrong("no such run folder").help("name the folder that `--out` named"));
    }
    let mut files = placed_files(&dir.join(CHECKPOINTS));
    files.extend(placed_files(&dir.join(SAVED)));
    files.sort();
    if files.is_empty() && !dir.join(LAST).exists() {
        return Err(wrong("holds no checkpoint").help("leave out `--resume` to start a new run"));
    }
    Ok(files)
}

/// Where in a run a checkpoint was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    epoch: usize,
    /// 0 at the end of the epoch.
    step: u64,
}

impl Place {
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        let step = if checkpoint.so_far.seen == 0 { 0 } else { checkpoint.step };
        Self { epoch: checkpoint.epoch, step }
    }

    pub(super) fn file_name(self) -> String {
        match self {
            Self { epoch, step: 0 } => format!("epoch-{epoch:04}.safetensors"),
            Self { epoch, step } => format!("epoch-{epoch:04}-step-{step:06}.safetensors"),
        }
    }

    fn parse(file_name: &str) -> Option<Self> {
        let name = file_name.strip_prefix("epoch-")?.strip_suffix(".safetensors")?;
        let (epoch, step) = name.split_once("-step-").unwrap_or((name, "0"));
        Some(Self { epoch: epoch.parse().ok()?, step: step.parse().ok()? })
    }
}

/// The checkpoints in `folder`, oldest first.
pub(super) fn placed_files(folder: &Path) -> Vec<(Place, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let placed = entries.flatten().filter_map(|e| Some((Place::parse(e.file_name().to_str()?)?, e.path())));
    let mut files: Vec<_> = placed.collect();
    files.sort();
    files
}
