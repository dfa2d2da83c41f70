//! The `input` thread: the only one that reads the terminal.
//!
//! It is never joined. It waits for the terminal itself and calls crossterm only when there is something to read: so it
//! notices the hangup that crossterm 0.29 does not, and leaves alone what is typed for the shell once the terminal is
//! given back.

use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{io, panic, thread};

use crossterm::event::{self, Event as Raw, KeyEventKind, MouseEvent};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::stdio::stdin;

use super::{Event, cannot};
use crate::error::Result;
use crate::ui::terminal;

/// Long enough for crossterm to look whether there is more (it takes zero for "do not look").
const A_LOOK: Duration = Duration::from_millis(1);
/// So many looks in a row must find nothing before it is believed: a look whose time is over before it begins, as on a
/// busy machine, does not see what crossterm itself has read and not told yet, nor does that show from outside.
const LOOKS: usize = 5;
/// How often to look whether the terminal is ours again.
const A_WHILE: Duration = Duration::from_millis(20);

/// Starts reading keys and the mouse. Nothing is read while the terminal is not taken.
pub fn spawn_input(events: Sender<Event>) -> Result<()> {
    let body = move || {
        // Without this thread nothing can be typed any more: better to leave than to stand there.
        let end = panic::catch_unwind(panic::AssertUnwindSafe(|| read(&mut Terminal, &events)));
        if !matches!(end, Ok(Ok(()))) {
            let _ = events.send(Event::Gone);
        }
    };
    thread::Builder::new().name("input".into()).spawn(body).map_err(|error| cannot("start reading keys", &error))?;
    Ok(())
}

/// Where events are read.
trait Source {
    /// Waits until something was typed; a hangup is an error.
    fn wait(&mut self) -> io::Result<()>;
    /// Whether what is typed now is typed for us.
    fn is_ours(&self) -> bool;
    /// The next event, if a short look finds one.
    fn look(&mut self) -> io::Result<Option<Raw>>;
}

/// The terminal, as crossterm reads it.
struct Terminal;

impl Source for Terminal {
    fn wait(&mut self) -> io::Result<()> {
        let stdin = stdin();
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        terminal::retry(|| poll(&mut fds, None))?;
        if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    fn is_ours(&self) -> bool {
        terminal::is_ours()
    }

    fn look(&mut self) -> io::Result<Option<Raw>> {
        if event::poll(A_LOOK)? { event::read().map(Some) } else { Ok(None) }
    }
}

/// Reads until nobody listens (`Ok`) or the terminal fails.
fn read(source: &mut impl Source, events: &Sender<Event>) -> io::Result<()> {
    let mut found_nothing = LOOKS;
    loop {
        if found_nothing >= LOOKS {
            source.wait()?;
            found_nothing = 0;
        }
        if !source.is_ours() {
            thread::sleep(A_WHILE);
            continue;
        }
        let Some(raw) = source.look()? else {
            found_nothing += 1;
            continue;
        };
        found_nothing = 0;
        if translate(raw).is_some_and(|event| events.send(event).is_err()) {
            return Ok(());
        }
    }
}

/// What the dashboard hears of what crossterm read: no key releases, and nothing of sizes (the `signals` thread tells).
fn translate(raw: Raw) -> Option<Event> {
    match raw {
        Raw::Key(key) if key.kind != KeyEventKind::Release => Some(Event::Key(key)),
        Raw::Mouse(mouse) => Some(Event::Mouse(clamp(mouse))),
        _ => None,
    }
}

/// Terminals send places from 1; a 0 comes out of crossterm as 65535.
fn clamp(mouse: MouseEvent) -> MouseEvent {
    let place = |n: u16| if n == u16::MAX { 0 } else { n };
    MouseEvent { column: place(mouse.column), row: place(mouse.row), ..mouse }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::mpsc;

    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};

    use super::*;

    fn key(kind: KeyEventKind) -> KeyEvent {
        KeyEvent { kind, ..KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE) }
    }

    fn mouse(column: u16, row: u16) -> MouseEvent {
        MouseEvent { kind: MouseEventKind::Moved, column, row, modifiers: KeyModifiers::NONE }
    }

    #[test]
    fn drops_releases_and_sizes_and_clamps_the_mouse() {
        for kind in [KeyEventKind::Press, KeyEventKind::Repeat] {
            assert_eq!(translate(Raw::Key(key(kind))), Some(Event::Key(key(kind))));
        }
        assert_eq!(translate(Raw::Mouse(mouse(u16::MAX, 3))), Some(Event::Mouse(mouse(0, 3))));
        for raw in [Raw::Key(key(KeyEventKind::Release)), Raw::Resize(80, 24), Raw::FocusGained] {
            assert_eq!(translate(raw), None);
        }
    }

    /// What each look finds; the terminal is gone when it is waited for a second time.
    struct Looks(VecDeque<Option<Raw>>, usize);

    impl Source for Looks {
        fn wait(&mut self) -> io::Result<()> {
            self.1 += 1;
            if self.1 == 1 { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
        }

        fn is_ours(&self) -> bool {
            true
        }

        fn look(&mut self) -> io::Result<Option<Raw>> {
            Ok(self.0.pop_front().flatten())
        }
    }

    /// After a long paste on a busy machine the keys behind it were read only when the next one was typed.
    #[test]
    fn a_look_in_vain_does_not_leave_keys_behind() {
        let pressed = Raw::Key(key(KeyEventKind::Press));
        let mut looks = Looks([Some(pressed), None, None, Some(pressed)].into(), 0);
        let (events, inbox) = mpsc::channel();
        assert!(read(&mut looks, &events).is_err(), "it waited again");
        assert_eq!(inbox.try_iter().count(), 2);
    }
}
