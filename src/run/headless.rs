//! `train` without a dashboard: plain lines, and an orderly end.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use super::{Outcome, output};
use crate::error::{Error, Kind, Result};
use crate::report::{Format, Report};
use crate::session::{Control, Latest, Line};
use crate::train::worker::{self, Ended, Job};
use crate::ui::event::{self, Event};

/// Trains, and writes the run's lines to stdout in `format`.
///
/// The lines come through a channel: a stdout that nobody reads stops neither the training nor the end of it.
pub fn train(mut job: Job, format: Format) -> Result<Outcome> {
    let (controls, orders) = mpsc::channel();
    let (events, heard) = mpsc::channel();
    let (teller, lines) = mpsc::channel();
    job.on_line = Box::new(move |line: &Line| {
        // Nobody listens any more only when this process is leaving.
        let _ = teller.send(line.clone());
    });
    let watch = event::spawn_signals(events, false, {
        let controls = controls.clone();
        move || {
            let _ = controls.send(Control::StopOnSignal);
        }
    })?;
    let thread = worker::spawn(job, orders, Arc::new(Latest::new(|| ())))?;

    let mut report = Report::new(io::stdout(), format);
    let mut unheard = None;
    for line in lines {
        if unheard.is_none()
            && let Err(error) = report.line(&line)
        {
            unheard = Some(error);
            let _ = controls.send(Control::Stop);
        }
    }
    let ended = thread.join().map_err(|_| Error::new(Kind::Bug, "the training thread ended without a word"))?;
    watch.leaving();
    outcome(&ended, signal(&heard), unheard)
}

/// The exit code of the signal that ended the run, if one did.
fn signal(heard: &Receiver<Event>) -> Option<u8> {
    heard.try_iter().find_map(|event| match event {
        Event::Signal(signal) => signal.exit_code(),
        _ => None,
    })
}

fn outcome(ended: &Ended, signal: Option<u8>, unheard: Option<io::Error>) -> Result<Outcome> {
    if let Some(error) = ended.error() {
        return Err(error.clone());
    }
    match (signal, unheard) {
        (Some(code), _) => Ok(Outcome::Signal(code - 128)),
        (None, Some(error)) => output::failed(&error),
        (None, None) => Ok(Outcome::Done),
    }
}
