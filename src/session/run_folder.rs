//! A run folder: resolved configuration, metrics, checkpoints.
//!
//! ```text
//! config.ron                          the settings of the run
//! metrics.jsonl                       its lines, as they are on stdout
//! checkpoints/epoch-0006.safetensors  the newest few; epoch-0006-step-003000.safetensors in the middle of an epoch
//! last.safetensors                    the newest, always
//! saved/                              what the user asked to save; never removed
//! earlier/0001/                       a run in this folder that the user began again
//! .lock                               the process that trains here
//! ```

mod lock;
mod newest;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use self::lock::cannot_keep;
pub(super) use self::lock::lock;
pub(super) use self::newest::has_checkpoint;
use self::newest::{CHECKPOINTS, LAST, Place, SAVED, checkpoint_files, placed_files};
pub use self::newest::{Newest, newest_checkpoint};
use super::metrics::{self, Metrics, Past};
use super::{Checkpoint, History, Line, runs, whole_file};
use crate::error::{Error, Kind, Result};

/// The settings of the run.
const CONFIG: &str = "config.ron";
/// The folder of runs that were begun again.
const EARLIER: &str = "earlier";
/// Runs that were begun again and in which nothing was saved: so many are kept.
const KEEP_EARLIER: usize = 5;
/// The largest config.ron that is read.
const CONFIG_LIMIT: u64 = 1 << 20;

/// The folder of the run that this process trains; nobody else can train in it.
#[derive(Debug)]
pub struct RunFolder {
    dir: PathBuf,
    /// How many checkpoints are kept.
    keep: usize,
    metrics: Metrics,
    /// Released when dropped, also by a crash.
    _lock: File,
}

/// A run that goes on.
#[derive(Debug)]
pub struct Resumed {
    /// Where it goes on.
    pub newest: Newest,
    /// The points of the epochs before.
    pub history: History,
    /// The newest epoch that has a line in `metrics.jsonl`.
    pub epoch: Option<usize>,
}

impl RunFolder {
    /// A folder for a new run at `dir`, whose parent must be there; `config` is the text of its config.ron. Of its
    /// checkpoints the newest `keep` are kept, and never fewer than 2.
    ///
    /// # Errors
    /// [`Kind::Model`] if `dir` holds a run or another process trains in it, [`Kind::Disk`] if it cannot be written.
    pub fn create(dir: &Path, keep: usize, config: &str) -> Result<Self> {
        let failed = |error: io::Error| cannot_keep(dir, &error);
        match fs::create_dir(dir) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
            Err(error) => return Err(failed(error)),
        }
        let lock = lock(dir)?;
        for name in [metrics::FILE, LAST, CHECKPOINTS, CONFIG] {
            if dir.join(name).symlink_metadata().is_ok() {
                let what = format!("already holds a run ({name}), which is not overwritten");
                let help = format!("go on with it by `--resume {}`, or choose another folder", dir.display());
                return Err(Error::new(Kind::Model, what).at(dir).help(help));
            }
        }
        fs::create_dir(dir.join(CHECKPOINTS)).map_err(failed)?;
        whole_file::write(&dir.join(CONFIG), config.as_bytes())?;
        Ok(Self { dir: dir.to_path_buf(), keep: keep.max(2), metrics: Metrics::create(dir)?, _lock: lock })
    }

    /// Goes on with the run in `dir`, from its newest whole checkpoint.
    ///
    /// # Errors
    /// [`Kind::Model`] if it holds no whole checkpoint or another process trains in it, [`Kind::Disk`] if it cannot be
    /// written.
    pub fn resume(dir: &Path, keep: usize) -> Result<(Self, Resumed)> {
        // A folder without a run is left as it is, without a lock file.
        checkpoint_files(dir)?;
        let lock = lock(dir)?;
        let checkpoints = dir.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints).map_err(|error| cannot_keep(dir, &error))?;
        for folder in [dir, &checkpoints, &dir.join(SAVED)] {
            whole_file::remove_unfinished(folder);
        }
        let newest = newest_checkpoint(dir)?;
        let (mut metrics, Past { epoch, history }) = Metrics::reopen(dir, newest.checkpoint.step)?;
        let (step, done) = (newest.checkpoint.step, newest.checkpoint.epoch);
        metrics.append_text(&format!(r#"{{"event":"resumed","step":{step},"epoch":{done}}}"#))?;
        let folder = Self { dir: dir.to_path_buf(), keep: keep.max(2), metrics, _lock: lock };
        Ok((folder, Resumed { newest, history, epoch }))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Replaces the text of config.ron, as when a resumed run is given other settings.
    ///
    /// # Errors
    /// [`Kind::Disk`]; the old text is then still there.
    pub fn write_config(&self, config: &str) -> Result<()> {
        whole_file::write(&self.dir.join(CONFIG), config.as_bytes())
    }

    /// Adds a line to metrics.jsonl. One that could not be written is tried again before the next.
    ///
    /// # Errors
    /// [`Kind::Disk`].
    pub fn append(&mut self, line: &Line) -> Result<()> {
        self.metrics.append(line)
    }

    /// Writes a checkpoint, and removes the oldest ones once it is whole. Gives the path at which the newest always is.
    ///
    /// # Errors
    /// As [`Checkpoint::save`]; older checkpoints are then still there.
    pub fn save(&mut self, checkpoint: &Checkpoint) -> Result<PathBuf> {
        self.write(checkpoint, CHECKPOINTS)?;
        self.prune(Place::of(checkpoint));
        Ok(self.dir.join(LAST))
    }

    /// Writes a checkpoint that is never removed, and keeps the run. Gives the path of its file.
    ///
    /// # Errors
    /// As [`Checkpoint::save`].
    pub fn save_for_good(&mut self, checkpoint: &Checkpoint) -> Result<PathBuf> {
        let folder = self.dir.join(SAVED);
        fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, "create", &error))?;
        runs::mark_kept(&self.dir)?;
        self.write(checkpoint, SAVED)
    }

    fn write(&self, checkpoint: &Checkpoint, folder: &str) -> Result<PathBuf> {
        let bytes = checkpoint.to_bytes()?;
        let path = self.dir.join(folder).join(Place::of(checkpoint).file_name());
        whole_file::write(&path, &bytes)?;
        // A file of its own, not a link: damage to one spares the other.
        whole_file::write(&self.dir.join(LAST), &bytes)?;
        Ok(path)
    }

    /// Removes all but the newest checkpoints up to `newest`. Later ones are not of this run: damaged, and passed over.
    fn prune(&self, newest: Place) {
        let mut files = placed_files(&self.dir.join(CHECKPOINTS));
        files.retain(|(place, _)| *place <= newest);
        for (_, path) in files.iter().rev().skip(self.keep) {
            // One too many does no harm; the next save tries again.
            let _ = fs::remove_file(path);
        }
    }

    /// Begins again in the same folder: what is there moves to `earlier/`, its checkpoints but for the last go.
    ///
    /// # Errors
    /// [`Kind::Disk`].
    pub fn start_over(&mut self) -> Result<()> {
        let earlier = self.dir.join(EARLIER);
        let failed = |error: io::Error| Error::io(&earlier, "move the run so far there", &error);
        let mut old = earlier_runs(&earlier);
        let number = old.last().map_or(1, |(number, _)| number + 1);
        let target = earlier.join(format!("{number:04}"));
        fs::create_dir_all(&target).map_err(failed)?;
        self.metrics.start_over(&self.dir, &target)?;
        for name in [LAST, SAVED] {
            let from = self.dir.join(name);
            if from.exists() {
                fs::rename(from, target.join(name)).map_err(failed)?;
            }
        }
        for (_, path) in placed_files(&self.dir.join(CHECKPOINTS)) {
            fs::remove_file(path).map_err(failed)?;
        }
        old.retain(|(_, path)| !path.join(SAVED).exists());
        for (_, path) in old.iter().rev().skip(KEEP_EARLIER - 1) {
            let _ = fs::remove_dir_all(path);
        }
        Ok(())
    }
}

/// The text of a run's config.ron.
///
/// # Errors
/// [`Kind::Model`] if there is none.
pub fn read_config(dir: &Path) -> Result<String> {
    let path = dir.join(CONFIG);
    let bytes = whole_file::read(&path, CONFIG_LIMIT)?;
    String::from_utf8(bytes).map_err(|_| Error::new(Kind::Model, "is not UTF-8 text").at(path))
}

/// The run folder that holds the file `path`, if it lies in one.
#[must_use]
pub fn folder_of(path: &Path) -> Option<PathBuf> {
    let folder = whole_file::folder_of(path);
    let candidates = [folder.to_path_buf(), whole_file::folder_of(folder).to_path_buf()];
    candidates.into_iter().find(|dir| dir.join(metrics::FILE).is_file() && dir.join(CONFIG).is_file())
}

fn earlier_runs(folder: &Path) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let numbered = entries.flatten().filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path())));
    let mut runs: Vec<_> = numbered.collect();
    runs.sort();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Optimizer;
    use crate::session::checkpoint::tests::sample;

    /// A checkpoint at `step`, 10 steps an epoch.
    fn at(step: u64) -> Checkpoint {
        let mut checkpoint = sample(step, vec![4], Optimizer::default());
        checkpoint.step = step;
        checkpoint.epoch = step as usize / 10;
        checkpoint.so_far.seen = step % 10;
        checkpoint
    }

    fn files(dir: &Path) -> Vec<String> {
        placed_files(dir).iter().map(|(_, path)| path.file_name().unwrap().to_str().unwrap().into()).collect()
    }

    fn new_run(keep: usize) -> (tempfile::TempDir, PathBuf, RunFolder) {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("run");
        let folder = RunFolder::create(&dir, keep, "(run: ())").unwrap();
        (temp, dir, folder)
    }

    #[test]
    fn keeps_the_newest_checkpoints_and_always_the_last() {
        let (_temp, dir, mut folder) = new_run(3);
        for step in [0, 5, 10, 20, 25, 95, 100] {
            folder.save(&at(step)).unwrap();
        }
        let expected = ["epoch-0002-step-000025.safetensors", "epoch-0009-step-000095.safetensors"];
        assert_eq!(files(&dir.join(CHECKPOINTS))[..2], expected);
        assert_eq!(files(&dir.join(CHECKPOINTS))[2..], ["epoch-0010.safetensors"]);
        assert_eq!(Checkpoint::load(&dir.join(LAST)).unwrap(), at(100));
        assert_eq!(read_config(&dir).unwrap(), "(run: ())");
    }

    #[test]
    fn never_keeps_fewer_than_two() {
        let (_temp, dir, mut folder) = new_run(0);
        for step in [10, 20, 30] {
            folder.save(&at(step)).unwrap();
        }
        assert_eq!(files(&dir.join(CHECKPOINTS)).len(), 2);
    }

    #[test]
    fn what_the_user_saved_stays() {
        let (_temp, dir, mut folder) = new_run(2);
        folder.save_for_good(&at(7)).unwrap();
        for step in [10, 20, 30] {
            folder.save(&at(step)).unwrap();
        }
        assert_eq!(files(&dir.join(SAVED)), ["epoch-0000-step-000007.safetensors"]);
    }

    #[test]
    fn goes_on_from_the_newest_that_is_whole_and_says_which_it_passed_over() {
        let (_temp, dir, mut folder) = new_run(3);
        for step in [10, 20, 30] {
            folder.save(&at(step)).unwrap();
        }
        drop(folder);
        let (last, newest) = (dir.join(LAST), dir.join(CHECKPOINTS).join("epoch-0003.safetensors"));
        assert_eq!(newest_checkpoint(&dir).unwrap().path, last);
        let whole = fs::read(&last).unwrap();
        for n in 0..20 {
            let cut = &whole[..n * (whole.len() - 1) / 19];
            fs::write(&last, cut).unwrap();
            fs::write(&newest, &whole).unwrap();
            let found = newest_checkpoint(&dir).unwrap();
            assert_eq!((found.checkpoint, found.passed_over.len()), (at(30), 1));
            fs::write(&newest, cut).unwrap();
            let found = newest_checkpoint(&dir).unwrap();
            assert_eq!(found.checkpoint, at(20));
            let passed: Vec<_> = found.passed_over.iter().map(|e| e.path().unwrap()).collect();
            assert_eq!(passed, [&last, &newest]);
        }
        // Killed between the two files of a save.
        fs::write(&last, at(20).to_bytes().unwrap()).unwrap();
        fs::write(&newest, &whole).unwrap();
        assert_eq!(newest_checkpoint(&dir).unwrap().checkpoint, at(30));

        let (mut folder, resumed) = RunFolder::resume(&dir, 3).unwrap();
        assert_eq!(resumed.newest.checkpoint, at(30));
        folder.save(&at(35)).unwrap();
        assert_eq!(newest_checkpoint(&dir).unwrap().checkpoint, at(35));
    }

    #[test]
    fn damaged_checkpoints_do_not_push_out_whole_ones() {
        let (_temp, dir, mut folder) = new_run(2);
        for step in [20, 25, 27] {
            folder.save(&at(step)).unwrap();
        }
        for path in [dir.join(LAST), dir.join(CHECKPOINTS).join("epoch-0002-step-000027.safetensors")] {
            fs::write(path, b"damaged").unwrap();
        }
        drop(folder);
        let (mut folder, _) = RunFolder::resume(&dir, 2).unwrap();
        folder.save(&at(26)).unwrap();
        let expected = ["epoch-0002-step-000025.safetensors", "epoch-0002-step-000026.safetensors"];
        assert_eq!(files(&dir.join(CHECKPOINTS))[..2], expected);
        assert_eq!(newest_checkpoint(&dir).unwrap().checkpoint, at(26));
    }

    #[test]
    fn a_run_is_never_overwritten() {
        let (_temp, dir, folder) = new_run(3);
        drop(folder);
        let error = RunFolder::create(&dir, 3, "").unwrap_err();
        assert_eq!(error.kind(), Kind::Model);
        assert!(error.to_string().contains("already holds a run"));
        assert_eq!(read_config(&dir).unwrap(), "(run: ())");
    }

    #[test]
    fn names_the_process_that_holds_the_folder() {
        let (_temp, dir, mut folder) = new_run(3);
        folder.save(&at(10)).unwrap();
        for error in [RunFolder::resume(&dir, 3).unwrap_err(), RunFolder::create(&dir, 3, "").unwrap_err()] {
            assert_eq!((error.kind(), error.path()), (Kind::Model, Some(dir.as_path())));
            assert!(error.to_string().contains(&format!("process {} is training", std::process::id())), "{error}");
        }
        drop(folder);
        RunFolder::resume(&dir, 3).unwrap();
    }

    #[test]
    fn says_before_training_where_no_run_can_be_kept() {
        let temp = tempfile::tempdir().unwrap();
        let parent_missing = RunFolder::create(&temp.path().join("a/b"), 3, "").unwrap_err();
        assert!(parent_missing.remedy().unwrap().contains("mkdir -p"));
        let file = temp.path().join("file");
        fs::write(&file, b"").unwrap();
        let is_file = RunFolder::create(&file, 3, "").unwrap_err();
        assert!(is_file.remedy().unwrap().contains("it is a file"));
        for error in [parent_missing, is_file] {
            assert_eq!(error.kind(), Kind::Disk);
        }
    }

    #[test]
    fn resumes_nothing_that_is_no_run() {
        let temp = tempfile::tempdir().unwrap();
        fs::write(temp.path().join("text.safetensors"), b"text").unwrap();
        fs::write(temp.path().join("notes.txt"), b"text").unwrap();
        let empty = RunFolder::resume(temp.path(), 3).unwrap_err();
        assert!(empty.to_string().contains("holds no checkpoint"));
        let missing = RunFolder::resume(&temp.path().join("none"), 3).unwrap_err();
        assert!(missing.to_string().contains("no such run folder"));
        fs::write(temp.path().join(LAST), b"text").unwrap();
        let damaged = RunFolder::resume(temp.path(), 3).unwrap_err();
        assert!(damaged.to_string().contains("last.safetensors: is not"), "{damaged}");
        for error in [empty, missing, damaged] {
            assert_eq!(error.kind(), Kind::Model);
            assert!(error.remedy().is_some());
        }
    }

    #[test]
    fn removes_what_a_killed_process_left() {
        let (_temp, dir, mut folder) = new_run(3);
        folder.save(&at(10)).unwrap();
        drop(folder);
        let stray = dir.join(CHECKPOINTS).join(".unfinished-abc");
        fs::write(&stray, b"half").unwrap();
        RunFolder::resume(&dir, 3).unwrap();
        assert!(!stray.exists());
    }

    #[test]
    fn a_failed_save_leaves_the_older_ones() {
        let (_temp, dir, mut folder) = new_run(2);
        folder.save(&at(10)).unwrap();
        folder.save(&at(20)).unwrap();
        // A folder in the place of the file makes the rename fail.
        fs::create_dir(dir.join(CHECKPOINTS).join("epoch-0003.safetensors")).unwrap();
        assert_eq!(folder.save(&at(30)).unwrap_err().kind(), Kind::Disk);
        assert_eq!(newest_checkpoint(&dir).unwrap().checkpoint, at(20));
        folder.save(&at(40)).unwrap();
        assert_eq!(newest_checkpoint(&dir).unwrap().checkpoint, at(40));
    }

    #[test]
    fn beginning_again_keeps_the_run_so_far() {
        let (_temp, dir, mut folder) = new_run(3);
        for n in 1..=8 {
            folder.append(&Line::FirstStep { seconds: f64::from(n) }).unwrap();
            folder.save(&at(10)).unwrap();
            if n == 2 {
                folder.save_for_good(&at(10)).unwrap();
            }
            folder.start_over().unwrap();
        }
        assert!(files(&dir.join(CHECKPOINTS)).is_empty() && !dir.join(LAST).exists());
        let earlier: Vec<_> = earlier_runs(&dir.join(EARLIER)).into_iter().map(|(n, _)| n).collect();
        assert_eq!(earlier, [2, 4, 5, 6, 7, 8], "the second has something saved");
        let old = fs::read_to_string(dir.join(EARLIER).join("0008").join(metrics::FILE)).unwrap();
        assert_eq!(old, "{\"event\":\"first_step\",\"seconds\":8.0}\n");
        assert_eq!(folder_of(&dir.join(CHECKPOINTS).join("x")), Some(dir));
    }
}
