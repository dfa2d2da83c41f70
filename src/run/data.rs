//! `data list`, `data verify` and `data fetch`.

use std::fmt::Write;
use std::path::Path;

use super::{Outcome, output};
use crate::data::catalog::{FileReport, Report, Verdict};
use crate::data::known::Set;
use crate::data::source::Places;
use crate::data::{catalog, verify as verify_folder};
use crate::error::{Error, Kind, Result, printable};
use crate::report::grouped;

/// Prints what can be trained on: where it is, how many images, how many bytes, and whether it is whole.
pub fn list() -> Result<Outcome> {
    let entries = catalog(&Places::of_process());
    let mut out = String::new();
    for entry in &entries {
        let (train, test) = (grouped(entry.sizes.0 as u64), grouped(entry.sizes.1 as u64));
        let _ = write!(out, "{:14} {train:>7} + {test:>6} images  ", entry.name);
        match &entry.report {
            None => out += "drawn by weightscope itself",
            Some(report) => {
                let size = report.len() as f64 / 1e6;
                let _ = write!(out, "{}  {size:.1} MB  {}", shown(&report.dir), state(report));
                if !entry.first {
                    out += ", hidden by the one above";
                }
            }
        }
        out.push('\n');
    }
    for set in Set::ALL.iter().filter(|set| entries.iter().all(|entry| entry.name != set.name())) {
        let _ = writeln!(out, "{:14} not found: `weightscope data fetch {set}` downloads it", set.name());
    }
    output::print(&out)
}

fn state(report: &Report) -> String {
    match (&report.failure, report.set) {
        (Some(error), _) => format!("cannot be used: {error}"),
        (None, Some(set)) => format!("{set}, whole"),
        (None, None) => "a set of its own, in order".into(),
    }
}

/// Reads the four files of `dir`, or of the place where MNIST is found, to their ends.
pub fn verify(dir: Option<&Path>) -> Result<Outcome> {
    let found;
    let dir = match dir {
        Some(dir) if !dir.is_dir() => return Err(Error::new(Kind::Data, "no such folder").at(dir)),
        Some(dir) => dir,
        None => {
            let folder = Places::of_process().find(Set::Mnist)?.ok_or_else(|| {
                Error::new(Kind::Data, "no MNIST is found").help("name a folder: `weightscope data verify DIR`")
            })?;
            found = folder.dir;
            &found
        }
    };
    let report = verify_folder(dir, None);
    let mut out = String::new();
    for file in &report.files {
        let _ = writeln!(out, "{:26} {}", file.part.file_name(), verdict(file));
    }
    if let Some(error) = report.failure {
        output::print(&out)?;
        return Err(error);
    }
    let _ = writeln!(out, "{}: {}", shown(dir), state(&report));
    output::print(&out)
}

fn verdict(file: &FileReport) -> String {
    let sum = file.sha256.as_deref().unwrap_or_default();
    let count = grouped(file.count as u64);
    match &file.verdict {
        Verdict::Missing => "missing".into(),
        Verdict::Damaged(_) => "cannot be used".into(),
        Verdict::Known(set) => format!("{count:>7}  {set}'s  {sum}"),
        Verdict::Differs(set) => format!("{count:>7}  not {set}'s  {sum}"),
        Verdict::WellFormed => format!("{count:>7}  in order  {sum}"),
    }
}

/// Downloads a set to `dir`, or to its place in the user data folder.
#[cfg(feature = "fetch")]
pub fn fetch(name: &str, from: &[String], dir: Option<std::path::PathBuf>) -> Result<Outcome> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};

    use crate::data::fetch::{Deadlines, Request, Unfinished, fetch, mirrors};

    let set: Set = name.parse().map_err(|_| {
        let names: Vec<_> = Set::ALL.iter().map(|set| set.name()).collect();
        Error::new(Kind::Usage, format!("no dataset is called {}", printable(name)))
            .help(format!("there are {}", names.join(", ")))
    })?;
    let dir = dir
        .or_else(|| Places::of_process().installed(set))
        .ok_or_else(|| Error::new(Kind::Usage, "no home folder to download to").help("name a folder with --dir DIR"))?;
    // The first signal gives up in order, or soon if the mirror is silent; a second one at once.
    let cancel = Arc::new(AtomicBool::new(false));
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&cancel))
            .and_then(|_| signal_hook::flag::register(number, Arc::clone(&cancel)))
            .and_then(|_| signal_hook::flag::register_usize(number, Arc::clone(&signal), number as usize))
            .map_err(|e| Error::new(Kind::Bug, format!("cannot catch signals: {e}")))?;
    }
    let near = if from.is_empty() { mirrors() } else { Vec::new() };
    let from = if from.is_empty() { &near } else { from };
    let unfinished = Arc::new(Unfinished::default());
    let deadlines = Deadlines::default();
    let request = Request { set, from, dir: &dir, deadlines, cancel: &cancel, unfinished: &unfinished };
    leave_in_time(&signal, &unfinished);
    let mut meter = meter::Meter::default();
    let fetched = fetch(&request, &mut |progress| meter.tell(&progress));
    meter.end();
    match (fetched, signal.load(Ordering::Relaxed)) {
        (Ok(done), _) => output::print(&format!(
            "{}: {set}, whole; {} of its files downloaded, {} there before\n",
            shown(&dir),
            done.downloaded,
            done.present
        )),
        (Err(_), number @ 1..) => Ok(Outcome::Signal(number as u8)),
        (Err(error), 0) => Err(error),
    }
}

/// Ends the program half a second after a signal, if a silent mirror still holds it up; the unfinished file goes.
#[cfg(feature = "fetch")]
fn leave_in_time(
    signal: &std::sync::Arc<std::sync::atomic::AtomicUsize>,
    unfinished: &std::sync::Arc<crate::data::fetch::Unfinished>,
) {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    let (signal, unfinished) = (std::sync::Arc::clone(signal), std::sync::Arc::clone(unfinished));
    std::thread::spawn(move || {
        while signal.load(Ordering::Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(500));
        unfinished.remove();
        std::process::exit(128 + signal.load(Ordering::Relaxed) as i32);
    });
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

#[cfg(feature = "fetch")]
mod meter {
    use std::io::{IsTerminal, Write, stderr};
    use std::time::{Duration, Instant};

    use crate::data::fetch::Progress;
    use crate::error::printable;

    /// Tells on stderr how a download goes; on a terminal with a line that changes.
    #[derive(Debug, Default)]
    pub struct Meter {
        /// When the line was changed last; it is to be wiped out before anything else is written.
        changed: Option<Instant>,
    }

    impl Meter {
        pub fn tell(&mut self, progress: &Progress) {
            match progress {
                Progress::Present(part) => self.line(&format!("{}: there and whole", part.file_name())),
                Progress::Asked(part, address) => self.line(&format!("{}: asking {address}", part.file_name())),
                Progress::Failed(_, address, why) => self.line(&format!("{address}: {why}")),
                Progress::Installed(_, path) => self.line(&format!("{}: verified", path.display())),
                Progress::SetAside(_, path) => self.line(&format!("{}: the damaged file", path.display())),
                Progress::Received(part, bytes, size) => self.count(part.file_name(), *bytes, *size),
            }
        }

        fn count(&mut self, name: &str, bytes: u64, size: Option<u64>) {
            let is_soon = self.changed.is_some_and(|at| at.elapsed() < Duration::from_millis(100));
            if is_soon || !stderr().is_terminal() {
                return;
            }
            self.changed = Some(Instant::now());
            let megabytes = |n: u64| n as f64 / 1e6;
            let of = size.map_or_else(String::new, |size| format!(" of {:.1}", megabytes(size)));
            let _ = write!(stderr().lock(), "\r{name}: {:.1}{of} MB\x1b[K", megabytes(bytes));
        }

        fn line(&mut self, text: &str) {
            self.end();
            let _ = writeln!(stderr().lock(), "{}", printable(text));
        }

        /// Wipes out the line that changes.
        pub fn end(&mut self) {
            if self.changed.take().is_some() {
                let _ = write!(stderr().lock(), "\r\x1b[K");
            }
        }
    }
}
