//! Which terminal modes are on, and undoing them once.

use std::io;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

/// How long a terminal that does not read is waited for when it is given back.
const PATIENCE: Duration = Duration::from_millis(150);

const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Ends an unfinished frame: synchronized update, colours.
const END_OF_FRAME: &str = "\x1b[?2026l\x1b[m";

/// The modes that were turned on, in order.
#[derive(Debug, Default)]
pub struct Modes(Mutex<Vec<Mode>>);

#[derive(Debug)]
enum Mode {
    /// Keys come one by one, Ctrl-C and Ctrl-Z included; holds how the terminal was before.
    Raw(Box<Termios>),
    AlternateScreen,
    HiddenCursor,
    Mouse,
}

impl Modes {
    /// Turns raw mode and the alternate screen on and hides the cursor. On failure everything is undone again.
    pub fn enter(&self) -> io::Result<()> {
        let result = self.try_enter();
        if result.is_err() {
            self.undo();
        }
        result
    }

    fn try_enter(&self) -> io::Result<()> {
        let Some(mut modes) = self.lock() else { return Err(io::ErrorKind::TimedOut.into()) };
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        // Waits, stopped, until we are in the foreground; so this comes before anything is written.
        retry(|| tcsetattr(stdin(), OptionalActions::Now, &raw))?;
        modes.push(Mode::Raw(Box::new(before)));
        modes.push(Mode::AlternateScreen);
        modes.push(Mode::HiddenCursor);
        write_within("\x1b[?1049h\x1b[?25l", PATIENCE)
    }

    /// Notes that the mouse is switched on or off; returns the bytes that do it.
    pub fn mouse(&self, on: bool) -> &'static str {
        let Some(mut modes) = self.lock() else { return "" };
        modes.retain(|mode| !matches!(mode, Mode::Mouse));
        if on {
            modes.push(Mode::Mouse);
            MOUSE_ON
        } else {
            MOUSE_OFF
        }
    }

    /// Undoes all that is on, last first, each step tried even if another fails. A second call finds nothing to do.
    pub fn undo(&self) {
        let Some(mut modes) = self.lock() else { return };
        if modes.is_empty() {
            return;
        }
        let had_mouse = modes.iter().any(|mode| matches!(mode, Mode::Mouse));
        let mut bytes = String::from(END_OF_FRAME);
        let mut before = None;
        while let Some(mode) = modes.pop() {
            match mode {
                Mode::Mouse => bytes.push_str(MOUSE_OFF),
                Mode::HiddenCursor => bytes.push_str("\x1b[?25h"),
                Mode::AlternateScreen => bytes.push_str("\x1b[?1049l"),
                Mode::Raw(termios) => before = Some(termios),
            }
        }
        if had_mouse {
            // Some terminals keep it per screen.
            bytes.push_str(MOUSE_OFF);
        }
        if write_within(&bytes, PATIENCE).is_err() {
            discard();
            let _ = write_within(&bytes, PATIENCE);
        }
        if let Some(before) = before {
            let _ = retry(|| tcsetattr(stdin(), OptionalActions::Now, &before));
        }
    }

    /// The modes; nothing if another thread is stuck with them (in a write to a terminal that does not read).
    fn lock(&self) -> Option<MutexGuard<'_, Vec<Mode>>> {
        let until = Instant::now() + 2 * PATIENCE;
        loop {
            match self.0.try_lock() {
                Ok(modes) => return Some(modes),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => return None,
            }
        }
    }
}

/// Throws away what the terminal has not read yet, so that there is room for the last bytes.
pub fn discard() {
    let _ = tcflush(stdout(), QueueSelector::OFlush);
    // Linux wakes a write that waits for room only when the settings are set, be they the same.
    let _ = tcgetattr(stdin()).map(|same| retry(|| tcsetattr(stdin(), OptionalActions::Now, &same)));
}

/// Writes a few bytes to the terminal unless it does not take any for `patience`.
fn write_within(text: &str, patience: Duration) -> io::Result<()> {
    let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(patience.subsec_nanos()) };
    let stdout = stdout();
    let ready = retry(|| {
        let mut fds = [PollFd::new(&stdout, PollFlags::OUT)];
        poll(&mut fds, Some(&timeout))
    });
    // Where a terminal cannot be polled (macOS), writing is all that is left.
    if ready == Ok(0) {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let written = retry(|| rustix::io::write(stdout, rest))?;
        rest = &rest[written..];
    }
    Ok(())
}

/// Calls again what a signal interrupted.
pub fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            result => return result,
        }
    }
}
