//! Results on stdout, and how a command ended.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::signal::SIGPIPE;

use crate::error::{Error, Result, printable};

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or quit by key.
    Done,
    /// Ended by the signal of this number, after saving. A reader of stdout that went away counts as SIGPIPE.
    Signal(u8),
}

/// Writes a whole result to stdout.
pub fn print(text: &str) -> Result<Outcome> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => failed(&error),
    }
}

/// What a failed write to stdout means: that nobody reads on is no failure, all else is.
pub fn failed(error: &io::Error) -> Result<Outcome> {
    if error.kind() == ErrorKind::BrokenPipe {
        return Ok(Outcome::Signal(SIGPIPE as u8));
    }
    Err(Error::io("stdout", "write", error))
}

/// Tells the user something on stderr that is neither result nor error. Where nobody can hear it, it is not said.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {}", printable(text));
}

/// Catches SIGXFSZ, so that a file that may not grow further is an error of its write and not the process's end.
pub fn meet_full_files_as_errors() {
    // Registering fails only for signals that cannot be caught; this one can.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
}
