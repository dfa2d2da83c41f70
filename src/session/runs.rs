//! Where runs are kept that nobody gave a folder: the user's state folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::{RunFolder, run_folder};
use crate::error::{Error, Kind, Result};

/// Of the runs that nobody saved, exported or viewed, so many are kept.
const KEEP: usize = 20;
/// The file that keeps a run.
const KEPT: &str = "kept";

/// `$XDG_STATE_HOME/weightscope/runs`.
///
/// # Errors
/// [`Kind::Disk`] if the user has no home folder.
pub fn default_folder() -> Result<PathBuf> {
    let home = Xdg::new().ok().and_then(|xdg| xdg.state_dir());
    home.map(|state| state.join("weightscope").join("runs")).ok_or_else(|| {
        Error::new(Kind::Disk, "no home folder to keep runs in").help("set HOME, or name a folder with `--out`")
    })
}

/// A new run in `runs`, named by the time; `keep` and `config` as in [`RunFolder::create`]. Of the runs in there that
/// nobody saved, exported or viewed, the newest 20 stay.
///
/// # Errors
/// [`Kind::Disk`].
pub fn create(runs: &Path, keep: usize, config: &str) -> Result<RunFolder> {
    let failed = |error: io::Error| {
        Error::io(runs, "keep runs here", &error).help("name a folder with `--out`, or `--out none`")
    };
    fs::create_dir_all(runs).map_err(failed)?;
    let name = timestamp(SystemTime::now());
    for n in 1_u32.. {
        let dir = runs.join(if n == 1 { name.clone() } else { format!("{name}-{n:02}") });
        match fs::create_dir(&dir) {
            Ok(()) => {
                let folder = RunFolder::create(&dir, keep, config)?;
                prune(runs);
                return Ok(folder);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(io::ErrorKind::AlreadyExists.into()))
}

/// The newest run in `runs` that can be resumed.
///
/// # Errors
/// [`Kind::Model`] if there is none.
pub fn newest(runs: &Path) -> Result<PathBuf> {
    let newest = all(runs).into_iter().rev().find(|dir| run_folder::has_checkpoint(dir));
    newest.ok_or_else(|| {
        Error::new(Kind::Model, "holds no run to go on with").at(runs).help("name a run: `--resume DIR`")
    })
}

/// Keeps the run that `path` is, or lies in, from being removed with old ones. Paths elsewhere are left alone.
///
/// # Errors
/// [`Kind::Disk`].
pub fn mark_kept(path: &Path) -> Result<()> {
    match default_folder() {
        Ok(runs) => mark_kept_in(&runs, path),
        Err(_) => Ok(()),
    }
}

fn mark_kept_in(runs: &Path, path: &Path) -> Result<()> {
    let (Ok(runs), Ok(path)) = (runs.canonicalize(), path.canonicalize()) else { return Ok(()) };
    let Some(run) = path.ancestors().find(|dir| dir.parent() == Some(&runs)) else { return Ok(()) };
    let mark = run.join(KEPT);
    File::create(&mark).map(drop).map_err(|error| Error::io(mark, "write", &error))
}

/// Removes the oldest runs that nobody kept and nobody trains.
fn prune(runs: &Path) {
    let unkept = all(runs).into_iter().rev().filter(|dir| !dir.join(KEPT).exists());
    for dir in unkept.skip(KEEP) {
        let Ok(_lock) = run_folder::lock(&dir) else { continue };
        // One too many does no harm; the next run tries again.
        let _ = fs::remove_dir_all(&dir);
    }
}

/// The runs in `runs`, oldest first.
fn all(runs: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(runs) else { return Vec::new() };
    let mut dirs: Vec<_> = entries
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()) && is_timestamp(&e.file_name().to_string_lossy()))
        .map(|e| e.path())
        .collect();
    dirs.sort();
    dirs
}

/// `2026-11-23T20-31-05Z`: UTC, so that names sort by time.
fn timestamp(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days since 1 March of year 0, so that leap days come last; Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms", civil_from_days.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}Z")
}

fn is_timestamp(name: &str) -> bool {
    let pattern = "0000-00-00T00-00-00Z";
    let fits = |(c, p): (char, char)| if p == '0' { c.is_ascii_digit() } else { c == p };
    name.len() >= pattern.len() && name.chars().zip(pattern.chars()).all(fits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::nn::Optimizer;
    use crate::session::checkpoint::tests::sample;

    // from datetime import datetime, timezone
    // for t in (0, 951782399, 951868800, 1795465865, 4107542399):
    //     print(datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H-%M-%SZ"))
    #[test]
    fn names_the_time() {
        for (seconds, name) in [
            (0, "1970-01-01T00-00-00Z"),
            (951_782_399, "2000-02-28T23-59-59Z"),
            (951_868_800, "2000-03-01T00-00-00Z"),
            (1_795_465_865, "2026-11-23T20-31-05Z"),
            (4_107_542_399, "2100-02-28T23-59-59Z"),
        ] {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_secs(seconds)), name);
            assert!(is_timestamp(name));
        }
        assert!(!is_timestamp("my-precious-folder-of-mine"));
    }

    #[test]
    fn each_run_has_a_folder_of_its_own_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let runs = dir.path().join("a/b");
        let mut first = create(&runs, 3, "()").unwrap();
        let kept = create(&runs, 3, "()").unwrap().path().to_path_buf();
        mark_kept_in(&runs, &kept.join("config.ron")).unwrap();
        fs::create_dir(runs.join("not a run")).unwrap();
        let unkept = create(&runs, 3, "()").unwrap().path().to_path_buf();
        first.save(&sample(1, vec![], Optimizer::default())).unwrap();
        assert_eq!(newest(&runs).unwrap(), first.path(), "the only one with a checkpoint");
        for _ in 0..KEEP {
            create(&runs, 3, "()").unwrap();
        }
        // Of 22 unkept ones the two oldest are too many, and the first is held by its process.
        assert!(first.path().exists() && kept.exists() && !unkept.exists() && runs.join("not a run").exists());
        assert_eq!(all(&runs).len(), KEEP + 2);
    }

    #[test]
    fn says_that_there_is_no_run() {
        let dir = tempfile::tempdir().unwrap();
        let error = newest(&dir.path().join("none")).unwrap_err();
        assert_eq!(error.kind(), Kind::Model);
    }

    #[test]
    fn only_runs_in_the_folder_are_marked() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        mark_kept_in(dir.path(), elsewhere.path()).unwrap();
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}
