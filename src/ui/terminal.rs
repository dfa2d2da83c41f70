//! Taking the terminal and giving it back, exactly once.
//!
//! ```no_run
//! # use std::sync::mpsc;
//! # use weightscope::ui::{event, palette, terminal};
//! # fn main() -> weightscope::error::Result<()> {
//! # let palette = palette::Palette { depth: palette::Depth::Ansi256, ascii: false };
//! terminal::install_hook(|info| info.to_string()); // after color-eyre's hooks
//! let (events, inbox) = mpsc::channel();
//! let signals = event::spawn_signals(events.clone(), true, || { /* ask the training to stop */ })?; // handlers first,
//! let mut taken = terminal::take(terminal::Options::new(palette, false), events.clone())?; // modes second,
//! event::spawn_input(events)?; // then read, from the only thread that does
//! taken.screen().draw(|frame| frame.render_widget("hello", frame.area()))?;
//! let _event = inbox.recv(); // the loop
//! signals.leaving(); // from here on, a signal ends the process at once
//! drop(taken); // the terminal is as it was; now print
//! for report in terminal::take_reports() {
//!     eprintln!("{report}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Whoever ends the process (the dashboard, a panic, the `signals` thread) calls [`give_back`]: the first call does it,
//! later ones find nothing to do. Nothing is ever asked of the terminal, so no late reply can be taken for keys.

mod budget;
mod compact;
mod modes;
mod painter;
mod panics;
mod picture;
mod screen;
mod sgr;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::os::fd::AsFd as _;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{isatty, tcgetwinsize};

pub use self::compact::Compact;
use self::modes::Modes;
pub use self::painter::{Frame, Painter};
pub use self::panics::{install_hook, take_reports};
pub use self::screen::{Link, Screen, write_frames};
use super::event::Event;
use super::palette::Palette;
use crate::error::{Error, Kind, Result};

/// How long a frame that is being written may take to end when the terminal is given back.
const LAST_FRAME: Duration = Duration::from_millis(150);
/// A SIGCONT this soon after coming back by ourselves is the one that brought us back.
const SAME_RETURN: Duration = Duration::from_millis(500);

/// How the dashboard reaches the terminal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// What the terminal can show.
    pub palette: Palette,
    /// Frames a second at most.
    pub fps: f32,
    /// Bytes a second for pictures, in the long run.
    pub max_rate: u32,
    /// Whether the mouse is read (selecting text then needs Shift).
    pub mouse: bool,
}

impl Options {
    /// 10 frames and 256 KB a second; over SSH (`SSH_CONNECTION` is set) 5 frames and 24 KB, which keys can overtake
    /// on any link.
    #[must_use]
    pub fn new(palette: Palette, over_ssh: bool) -> Self {
        let (fps, max_rate) = if over_ssh { (5.0, 24 * 1024) } else { (10.0, 256 * 1024) };
        Self { palette, fps, max_rate, mouse: false }
    }
}

/// The terminal that is taken, for whoever has to give it back.
static TAKEN: Mutex<Option<Arc<Hold>>> = Mutex::new(None);

#[derive(Debug)]
struct Hold {
    link: Arc<Link>,
    modes: Modes,
    owner: ThreadId,
}

impl Hold {
    fn give_back(&self) {
        self.link.hold(LAST_FRAME);
        self.modes.undo();
    }
}

fn taken() -> Option<Arc<Hold>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Gives the terminal back, if it is taken: from any thread, as often as one likes.
///
/// A frame under way and a terminal that does not read are waited for only briefly.
pub fn give_back() {
    if let Some(hold) = taken() {
        hold.give_back();
    }
}

/// Whether the terminal is taken, and not by the calling thread.
fn is_taken_by_another_thread() -> bool {
    taken().is_some_and(|hold| hold.owner != thread::current().id())
}

/// Whether both standard input and output are terminals, so that a dashboard can be shown at all.
#[must_use]
pub fn is_terminal() -> bool {
    isatty(stdin()) && isatty(stdout())
}

/// The terminal while it is ours. Dropping it gives it back.
pub struct TakenTerminal {
    terminal: ratatui::Terminal<Screen>,
    hold: Arc<Hold>,
    back_at: Instant,
}

/// Takes the terminal: raw mode, alternate screen, no cursor; starts the `screen` thread, which reports to `events`.
///
/// The calling thread becomes the one whose panics give the terminal back.
///
/// # Errors
/// `Kind::Terminal` when standard input or output is no terminal, or it cannot be set up.
pub fn take(options: Options, events: Sender<Event>) -> Result<TakenTerminal> {
    let failed = |doing: &str, error: &dyn std::fmt::Display| {
        Error::new(Kind::Terminal, format!("cannot {doing}: {error}"))
            .help("use --headless to train without the dashboard")
    };
    if !is_terminal() {
        return Err(failed("show the dashboard", &"standard input and output are not both a terminal"));
    }
    let out = stdout().as_fd().try_clone_to_owned().map_err(|error| failed("write to the terminal", &error))?;
    let link = Arc::new(Link::default());
    let hold = Arc::new(Hold { link: Arc::clone(&link), modes: Modes::default(), owner: thread::current().id() });
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&hold));
    hold.modes.enter().map_err(|error| failed("set up the terminal", &error))?;

    let screen = Screen::new(Arc::clone(&link), size);
    let terminal = ratatui::Terminal::new(screen).map_err(|error| failed("measure the terminal", &error));
    let mut taken = TakenTerminal { terminal: terminal.inspect_err(|_| give_back())?, hold, back_at: Instant::now() };
    let painter = Painter::new(options.palette, options.max_rate, Instant::now());
    thread::Builder::new()
        .name("screen".into())
        .spawn(move || write_frames(&link, painter, File::from(out), &events))
        .map_err(|error| failed("start the screen thread", &error))?;
    if options.mouse {
        taken.set_mouse(true);
    }
    Ok(taken)
}

impl TakenTerminal {
    /// What to draw on. Drawing only hands the frame over; it never waits for the terminal.
    pub fn screen(&mut self) -> &mut ratatui::Terminal<Screen> {
        &mut self.terminal
    }

    /// Draws everything anew with the next frame (Ctrl-L).
    ///
    /// # Errors
    /// When the terminal's size cannot be asked for: it is gone.
    pub fn redraw(&mut self) -> Result<()> {
        self.terminal.clear().map_err(|error| lost(&error))
    }

    /// Switches the mouse on or off.
    pub fn set_mouse(&mut self, on: bool) {
        self.hold.link.send_raw(self.hold.modes.mouse(on).as_bytes());
    }

    /// Gives the terminal back, stops the process group as Ctrl-Z does, and takes the terminal again when it is
    /// continued; then draw. Training goes on until the process stops and after it continues.
    ///
    /// Says no, and does nothing, where there is no shell to continue it (the process group of a session leader, as in
    /// `ssh -t host weightscope`).
    ///
    /// # Errors
    /// `Kind::Terminal` when the terminal cannot be taken again.
    pub fn suspend(&mut self) -> Result<bool> {
        if getsid(None).is_ok_and(|session| session == getpgrp()) {
            return Ok(false);
        }
        self.hold.give_back();
        let stopped = kill_current_process_group(Signal::STOP);
        self.take_again()?;
        Ok(stopped.is_ok())
    }

    /// Takes the screen again after a SIGCONT ([`super::event::Signal::Continue`]); then draw. The shell may have
    /// changed the terminal's modes in the meantime. The SIGCONT that ended [`TakenTerminal::suspend`] is ignored.
    ///
    /// # Errors
    /// `Kind::Terminal` when the terminal cannot be taken again.
    pub fn resume(&mut self) -> Result<()> {
        if self.back_at.elapsed() > SAME_RETURN {
            self.hold.give_back();
            self.take_again()?;
        }
        Ok(())
    }

    fn take_again(&mut self) -> Result<()> {
        self.hold.modes.enter().map_err(|error| lost(&error))?;
        self.back_at = Instant::now();
        self.redraw()?;
        self.hold.link.release();
        Ok(())
    }
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        self.hold.give_back();
        self.hold.link.end();
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn lost(error: &std::io::Error) -> Error {
    Error::new(Kind::Terminal, format!("cannot take the terminal again: {error}"))
}

/// The terminal's size; 80x24 where it does not know (0x0, as some serial lines and test harnesses have it).
fn size() -> std::io::Result<Size> {
    let size = modes::retry(|| tcgetwinsize(stdout()))?;
    Ok(if size.ws_col == 0 || size.ws_row == 0 { Size::new(80, 24) } else { Size::new(size.ws_col, size.ws_row) })
}
