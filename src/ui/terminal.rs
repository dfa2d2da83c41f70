//! Taking the terminal and giving it back, exactly once.
//!
//! ```no_run
//! # use std::sync::mpsc;
//! # use weightscope::ui::{Host, event, palette, terminal};
//! # fn main() -> weightscope::error::Result<()> {
//! # let palette = palette::Palette { depth: palette::Depth::Ansi256, ascii: false, light: false };
//! let (events, inbox) = mpsc::channel();
//! let signals = event::spawn_signals(events.clone(), true, || { /* ask the training to stop */ })?; // handlers first,
//! let mut taken = terminal::take(terminal::Options::new(palette, false), events.clone())?; // modes second,
//! event::spawn_input(events)?; // then read, from the only thread that does
//! taken.terminal().draw(|frame| frame.render_widget("hello", frame.area())).ok(); // `ui::run` does this
//! let _event = inbox.recv();
//! signals.leaving(); // from here on, a signal ends the process at once
//! drop(taken); // the terminal is as it was; now print
//! # Ok(())
//! # }
//! ```
//!
//! Whoever ends the process (the dashboard, a panic, the `signals` thread) calls [`give_back`]: the first call does it,
//! later ones find nothing to do. Nothing is ever asked of the terminal, so no late reply can be taken for keys.

mod budget;
mod compact;
mod mark;
mod modes;
mod order;
mod painter;
mod picture;
mod screen;
mod sgr;
#[cfg(test)]
mod tests;
mod way;

use std::fs::File;
use std::os::fd::AsFd as _;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use ratatui::layout::Size;
use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{isatty, tcgetwinsize};

pub use self::compact::Compact;
use self::modes::Modes;
pub(super) use self::modes::retry;
pub use self::painter::{Frame, Painter};
pub use self::screen::{Clock, Link, Screen, write_frames};
use super::Host;
use super::event::Event;
use super::palette::Palette;
use crate::error::{Error, Kind, Result};

/// How long a frame that is being written may take to end when the terminal is given back.
const LAST_FRAME: Duration = Duration::from_millis(150);
/// A SIGCONT this soon after taking the terminal is the one that brought us back.
const SAME_RETURN: Duration = Duration::from_millis(500);

/// How the dashboard reaches the terminal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// What the terminal can show.
    pub palette: Palette,
    /// Frames a second at most.
    pub fps: u32,
    /// Bytes a second for pictures, in the long run.
    pub max_rate: u32,
    /// Whether the mouse is read (selecting text then needs Shift).
    pub mouse: bool,
    /// Whether every frame counts as equally long, so that the same frames always give the same bytes.
    pub lockstep: bool,
}

impl Options {
    /// 10 frames and 256 KB a second; over SSH (`SSH_CONNECTION` is set) 5 frames and 20 KB, which keys can overtake
    /// on any link.
    #[must_use]
    pub fn new(palette: Palette, over_ssh: bool) -> Self {
        let (fps, max_rate) = if over_ssh { (5, 20_000) } else { (10, 256_000) };
        Self { palette, fps, max_rate, mouse: false, lockstep: false }
    }
}

/// The terminal that is taken, for whoever has to give it back.
static TAKEN: Mutex<Option<Arc<Hold>>> = Mutex::new(None);

#[derive(Debug)]
struct Hold {
    link: Arc<Link>,
    modes: Modes,
    owner: ThreadId,
    /// Since when the terminal is ours; nothing while it is given back.
    since: Mutex<Option<Instant>>,
}

impl Hold {
    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<()> {
        self.modes.enter().map_err(|error| failed("set up the terminal", &error))?;
        *self.since() = Some(Instant::now());
        self.link.release();
        Ok(())
    }

    fn give_back(&self) {
        *self.since() = None;
        if !self.link.hold(LAST_FRAME) {
            self.link.cut();
            modes::discard();
            self.link.hold(LAST_FRAME);
        }
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

/// For the panic hook: gives the terminal back if the calling thread is the one that took it. A panic on any other
/// thread leaves the screen to the dashboard, which goes on or leaves in order.
pub fn give_back_if_owner() {
    if let Some(hold) = taken().filter(|hold| hold.owner == thread::current().id()) {
        hold.give_back();
    }
}

/// Whether what is typed now is typed for us.
pub(super) fn is_ours() -> bool {
    taken().is_some_and(|hold| hold.since().is_some())
}

/// After a SIGCONT: takes the terminal again, because the shell that had it in the meantime has changed its modes.
/// Whoever draws must then draw everything. Does nothing if [`TakenTerminal::suspend`] is about to do it, or just has.
pub(super) fn come_back() -> Result<()> {
    let Some(hold) = taken() else { return Ok(()) };
    if hold.since().is_some_and(|since| since.elapsed() > SAME_RETURN) {
        hold.give_back();
        hold.take()?;
    }
    Ok(())
}

/// Whether both standard input and output are terminals, so that a dashboard can be shown at all.
#[must_use]
pub fn is_terminal() -> bool {
    isatty(stdin()) && isatty(stdout())
}

/// The terminal while it is ours. Dropping it gives it back.
pub struct TakenTerminal {
    screen: ratatui::Terminal<Screen>,
    hold: Arc<Hold>,
}

/// Takes the terminal: raw mode, alternate screen, no cursor; starts the `screen` thread, which reports to `events`.
///
/// The calling thread becomes the one whose panics give the terminal back.
///
/// # Errors
/// `Kind::Terminal` when standard input or output is no terminal, or it cannot be set up.
pub fn take(options: Options, events: Sender<Event>) -> Result<TakenTerminal> {
    if !is_terminal() {
        return Err(failed("show the dashboard", &"standard input and output are not both a terminal"));
    }
    let out = stdout().as_fd().try_clone_to_owned().map_err(|error| failed("write to the terminal", &error))?;
    let link = Arc::new(Link::default());
    let screen = ratatui::Terminal::new(Screen::new(Arc::clone(&link), size))
        .map_err(|error| failed("measure the terminal", &error))?;
    let now = Instant::now();
    let painter = Painter::new(options.palette, options.max_rate, now);
    let painter = if options.lockstep { painter.in_whole_frames() } else { painter };
    let each = Duration::from_secs(1) / options.fps.max(1);
    let clock = if options.lockstep { Clock::Frames { now, each } } else { Clock::Wall };
    let hold = Arc::new(Hold {
        link: Arc::clone(&link),
        modes: Modes::default(),
        owner: thread::current().id(),
        since: Mutex::default(),
    });
    *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&hold));
    // From here on, leaving on any path gives the terminal back.
    let mut taken = TakenTerminal { screen, hold };
    taken.hold.take()?;
    thread::Builder::new()
        .name("screen".into())
        .spawn(move || write_frames(&link, painter, clock, File::from(out), &events))
        .map_err(|error| failed("start the screen thread", &error))?;
    if options.mouse {
        taken.set_mouse(true);
    }
    Ok(taken)
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        self.hold.give_back();
        self.hold.link.end();
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Host for TakenTerminal {
    type Backend = Screen;

    /// Drawing only hands the frame over; it never waits for the terminal.
    fn terminal(&mut self) -> &mut ratatui::Terminal<Screen> {
        &mut self.screen
    }

    /// Stops the process group as Ctrl-Z does. Says no where no shell could continue it: in the process group of a
    /// session leader, as in `ssh -t host weightscope`.
    fn suspend(&mut self) -> Result<bool> {
        if getsid(None).is_ok_and(|session| session == getpgrp()) {
            return Ok(false);
        }
        self.hold.give_back();
        // If stopping fails we are simply back at once.
        let _ = kill_current_process_group(Signal::STOP);
        self.hold.take()?;
        Ok(true)
    }

    fn is_idle(&self) -> bool {
        self.hold.link.is_idle()
    }

    fn stands(&mut self, stands: bool) {
        self.screen.backend_mut().stand(stands);
    }

    fn set_mouse(&mut self, on: bool) {
        self.hold.link.send_raw(self.hold.modes.mouse(on).as_bytes());
    }
}

fn failed(doing: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(Kind::Terminal, format!("cannot {doing}: {error}")).help("use --headless to train without the dashboard")
}

/// The terminal's size; 80x24 where it does not know (0x0, as some serial lines and test harnesses have it).
fn size() -> std::io::Result<Size> {
    let size = retry(|| tcgetwinsize(stdout()))?;
    Ok(if size.ws_col == 0 || size.ws_row == 0 { Size::new(80, 24) } else { Size::new(size.ws_col, size.ws_row) })
}
