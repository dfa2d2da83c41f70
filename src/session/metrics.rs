//! `metrics.jsonl`: the lines of a run, one JSON object each, appended as they happen.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{History, Line, whole_file};
use crate::error::{Error, Result};

/// The file in a run folder.
pub(super) const FILE: &str = "metrics.jsonl";
/// Lines of a run that was resumed from before them; kept, but no longer true of the run.
const SUPERSEDED: &str = "metrics.superseded.jsonl";
/// The largest file that is read.
const LIMIT: u64 = 256 << 20;
/// Lines that wait for room on the disk, at most.
const PENDING_LIMIT: usize = 1 << 20;

/// The open file.
#[derive(Debug)]
pub(super) struct Metrics {
    path: PathBuf,
    file: File,
    /// Bytes of whole lines in the file.
    len: u64,
    /// Lines that could not be written yet.
    pending: Vec<u8>,
}

/// What a file tells a run that goes on.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Past {
    /// The newest epoch with a line.
    pub epoch: Option<usize>,
    /// The epochs' points.
    pub history: History,
}

impl Metrics {
    /// A new file in `dir`.
    pub fn create(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        let file = File::create_new(&path).map_err(|error| Error::io(&path, "create", &error))?;
        Ok(Self { path, file, len: 0, pending: Vec::new() })
    }

    /// The file in `dir`, for a run that goes on after `step`: later lines, and the line of the end, are moved to
    /// another file. A missing file is begun anew.
    pub fn reopen(dir: &Path, step: u64) -> Result<(Self, Past)> {
        let path = dir.join(FILE);
        let text = if path.exists() { whole_file::read(&path, LIMIT)? } else { Vec::new() };
        let mut past = Past::default();
        let (mut kept, mut moved) = (Vec::new(), Vec::new());
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let holds = past.take(line, step);
            if holds { &mut kept } else { &mut moved }.extend_from_slice(line);
        }
        let failed = |error: io::Error| Error::io(&path, "write", &error);
        if !moved.is_empty() {
            let mut superseded =
                File::options().create(true).append(true).open(dir.join(SUPERSEDED)).map_err(failed)?;
            if moved.last() != Some(&b'\n') {
                moved.push(b'\n');
            }
            superseded.write_all(&moved).map_err(failed)?;
        }
        if !moved.is_empty() || text.is_empty() {
            whole_file::write(&path, &kept)?;
        }
        let file = File::options().append(true).open(&path).map_err(failed)?;
        let metrics = Self { file, len: kept.len() as u64, pending: Vec::new(), path };
        Ok((metrics, past))
    }

    /// Adds a line. If that fails, the file still ends with a whole line, and this one is written before the next.
    pub fn append(&mut self, line: &Line) -> Result<()> {
        let text = serde_json::to_string(line).map_err(|error| Error::io(&self.path, "write", &error.into()))?;
        self.append_text(&text)
    }

    /// As [`Self::append`], for a line that only this file has.
    pub fn append_text(&mut self, line: &str) -> Result<()> {
        if self.pending.len() < PENDING_LIMIT {
            self.pending.extend(line.as_bytes());
            self.pending.push(b'\n');
        }
        let failed = |error: io::Error| Error::io(&self.path, "write", &error);
        if let Err(error) = self.file.write_all(&self.pending) {
            // Half a line would join with the next one. What cannot be cut off now is seen as no line when read.
            let _ = self.file.set_len(self.len);
            return Err(failed(error));
        }
        self.len += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Moves the file to `folder`, and begins anew.
    pub fn start_over(&mut self, dir: &Path, folder: &Path) -> Result<()> {
        fs::rename(&self.path, folder.join(FILE)).map_err(|error| Error::io(&self.path, "move", &error))?;
        *self = Self::create(dir)?;
        Ok(())
    }
}

impl Past {
    /// Looks at a line of the file; `false` if it is not of the run up to `step`.
    fn take(&mut self, line: &[u8], step: u64) -> bool {
        let Ok(line) = serde_json::from_slice::<Value>(line) else { return false };
        if line["step"].as_u64().is_some_and(|s| s > step) {
            return false;
        }
        match line["event"].as_str() {
            Some("epoch") => {
                let Some((epoch, at)) = line["epoch"].as_u64().zip(line["step"].as_u64()) else { return false };
                self.epoch = Some(epoch as usize);
                let curves = &mut self.history;
                for (key, curve) in [
                    ("train_loss", &mut curves.train_loss),
                    ("train_accuracy", &mut curves.train_accuracy),
                    ("test_loss", &mut curves.test_loss),
                    ("test_accuracy", &mut curves.test_accuracy),
                ] {
                    if let Some(value) = line[key].as_f64() {
                        curve.push(at, value as f32);
                    }
                }
                true
            }
            Some("done" | "diverged") | None => false,
            Some(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Reason;

    fn epoch(epoch: usize, step: u64) -> Line {
        Line::Epoch {
            epoch,
            step,
            train_loss: (epoch > 0).then_some(0.5),
            train_accuracy: (epoch > 0).then_some(0.75),
            test_loss: 0.25,
            test_accuracy: 0.875,
            seconds: None,
            samples_per_second: None,
        }
    }

    fn done() -> Line {
        Line::Done { reason: Reason::Quit, epochs: 2, seconds: 1.5, checkpoint: None }
    }

    fn events(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let event = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            format!("{} {}", line["event"].as_str().unwrap(), line["step"])
        };
        text.lines().map(event).collect()
    }

    #[test]
    fn a_resumed_run_has_each_epoch_once_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let mut metrics = Metrics::create(dir.path()).unwrap();
        for line in [Line::FirstStep { seconds: 0.1 }, epoch(0, 0), epoch(1, 10), epoch(2, 20), done()] {
            metrics.append(&line).unwrap();
        }
        drop(metrics);
        // The last line was cut by a power failure.
        let path = dir.path().join(FILE);
        let mut text = fs::read(&path).unwrap();
        text.extend(b"{\"event\":\"epo");
        fs::write(&path, text).unwrap();

        let (mut metrics, past) = Metrics::reopen(dir.path(), 13).unwrap();
        assert_eq!(past.epoch, Some(1));
        assert_eq!(past.history.test_loss.points_all().map(|p| p.step).collect::<Vec<_>>(), [0, 10]);
        assert_eq!(past.history.train_accuracy.last().map(|p| (p.step, p.value)), Some((10, 0.75)));
        metrics.append(&epoch(2, 20)).unwrap();
        assert_eq!(events(&path), ["first_step null", "epoch 0", "epoch 10", "epoch 20"]);
        let moved = fs::read_to_string(dir.path().join(SUPERSEDED)).unwrap();
        let moved: Vec<_> = moved.lines().collect();
        assert!(moved[0].contains("\"step\":20") && moved[1].contains("done") && moved[2] == "{\"event\":\"epo");
    }

    #[test]
    fn a_missing_file_is_begun_anew() {
        let dir = tempfile::tempdir().unwrap();
        let (mut metrics, past) = Metrics::reopen(dir.path(), 5).unwrap();
        assert_eq!(past, Past::default());
        metrics.append(&epoch(1, 10)).unwrap();
        assert_eq!(events(&dir.path().join(FILE)), ["epoch 10"]);
    }

    #[test]
    fn a_line_that_could_not_be_written_comes_before_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let mut metrics = Metrics::create(dir.path()).unwrap();
        metrics.append(&epoch(0, 0)).unwrap();
        let good = std::mem::replace(&mut metrics.file, File::options().write(true).open("/dev/full").unwrap());
        assert!(metrics.append(&epoch(1, 10)).is_err());
        metrics.file = good;
        metrics.append(&epoch(2, 20)).unwrap();
        assert_eq!(events(&dir.path().join(FILE)), ["epoch 0", "epoch 10", "epoch 20"]);
    }
}
