//! What can happen to the dashboard, and the threads that say so.

use crossterm::event::{KeyEvent, MouseEvent};

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
    /// The last frame has left: `bytes` were written for it.
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
