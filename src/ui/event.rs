//! What can happen to the dashboard, and the threads that say so.

mod input;
mod signals;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use crossterm::event::{KeyEvent, MouseEvent};

pub use self::input::spawn_input;
pub use self::signals::{SignalWatch, spawn_signals};
use crate::error::{Error, Kind};

/// Anything that the event loop answers to. All sources share one channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key was pressed (presses and repeats; releases are dropped at the source).
    Key(KeyEvent),
    /// The mouse, when it is switched on.
    Mouse(MouseEvent),
    /// The terminal has another size.
    Resize,
    /// A snapshot or a page of maps is new. Carries nothing, and at most one is waiting at a time.
    Changed,
    /// The last frame has left: `bytes` were written for it. What the byte budget put off follows by itself, each part
    /// with an event of its own; nothing needs to be drawn for it.
    Drawn {
        /// Bytes written.
        bytes: usize,
    },
    /// A signal to leave or to come back.
    Signal(Signal),
    /// The terminal is gone (hangup, end of file, a failed write).
    Gone,
}

/// The signals that are caught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGHUP.
    Hangup,
    /// SIGINT from outside (a typed Ctrl-C is a key).
    Interrupt,
    /// SIGQUIT.
    Quit,
    /// SIGTERM.
    Terminate,
    /// SIGTSTP from outside (a typed Ctrl-Z is a key).
    Suspend,
    /// SIGCONT: back in the foreground.
    Continue,
}

impl Signal {
    /// The exit code of a process that this signal ended: 128 + its number. Nothing for those that end nothing.
    #[must_use]
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::Hangup => Some(129),
            Self::Interrupt => Some(130),
            Self::Quit => Some(131),
            Self::Terminate => Some(143),
            Self::Suspend | Self::Continue => None,
        }
    }
}

/// A thread or a signal handler that could not be set up.
fn cannot(doing: &str, error: &std::io::Error) -> Error {
    Error::new(Kind::Terminal, format!("cannot {doing}: {error}"))
}

/// Says [`Event::Changed`], at most one at a time, however often it is called.
#[derive(Debug, Clone)]
pub struct Waker {
    events: Sender<Event>,
    waiting: Arc<AtomicBool>,
}

impl Waker {
    /// A waker for this channel; its clones share the one waiting event.
    #[must_use]
    pub fn new(events: Sender<Event>) -> Self {
        Self { events, waiting: Arc::new(AtomicBool::new(false)) }
    }

    /// Sends [`Event::Changed`] unless one is still waiting. Never blocks; for [`crate::session::Latest`].
    pub fn wake(&self) {
        if !self.waiting.swap(true, Ordering::AcqRel) {
            let _ = self.events.send(Event::Changed);
        }
    }

    /// The event was received; call this before looking at what changed.
    pub fn seen(&self) {
        self.waiting.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn at_most_one_change_waits() {
        let (events, inbox) = mpsc::channel();
        let waker = Waker::new(events);
        let other = waker.clone();
        waker.wake();
        other.wake();
        assert_eq!(inbox.try_iter().collect::<Vec<_>>(), [Event::Changed]);
        other.wake();
        assert_eq!(inbox.try_iter().count(), 0, "not seen yet");
        waker.seen();
        other.wake();
        assert_eq!(inbox.try_iter().count(), 1);
    }
}
