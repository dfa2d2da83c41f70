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

/// Events handed on at once, so that a pasted megabyte does not gather here.
const BATCH: usize = 256;
/// Long enough for crossterm to look whether there is more (it takes zero for "do not look").
const A_LOOK: Duration = Duration::from_millis(1);
/// How often to look whether the terminal is ours again.
const A_WHILE: Duration = Duration::from_millis(20);

/// Starts reading keys and the mouse. Nothing is read while the terminal is not taken.
pub fn spawn_input(events: Sender<Event>) -> Result<()> {
    let body = move || {
        // Without this thread nothing can be typed any more: better to leave than to stand there.
        let end = panic::catch_unwind(panic::AssertUnwindSafe(|| read(&events)));
        if !matches!(end, Ok(Ok(()))) {
            let _ = events.send(Event::Gone);
        }
    };
    thread::Builder::new().name("input".into()).spawn(body).map_err(|error| cannot("start reading keys", &error))?;
    Ok(())
}

/// Reads until nobody listens (`Ok`) or the terminal fails.
fn read(events: &Sender<Event>) -> io::Result<()> {
    let mut has_more = false;
    loop {
        // What crossterm has read and not told yet does not show from outside.
        if !has_more {
            wait()?;
        }
        if !terminal::is_ours() {
            thread::sleep(A_WHILE);
            continue;
        }
        let mut batch = Vec::new();
        while batch.len() < BATCH && event::poll(A_LOOK)? {
            batch.push(event::read()?);
        }
        has_more = batch.len() == BATCH;
        for event in translate(batch) {
            if events.send(event).is_err() {
                return Ok(());
            }
        }
    }
}

/// Waits until something was typed; a hangup is an error.
fn wait() -> io::Result<()> {
    let stdin = stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    terminal::retry(|| poll(&mut fds, None))?;
    if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// What the dashboard hears of what crossterm read: no key releases, and nothing of sizes (the `signals` thread tells).
fn translate(batch: Vec<Raw>) -> Vec<Event> {
    let mut events = Vec::with_capacity(batch.len());
    for raw in batch {
        match raw {
            Raw::Key(key) if key.kind != KeyEventKind::Release => events.push(Event::Key(key)),
            Raw::Mouse(mouse) => events.push(Event::Mouse(clamp(mouse))),
            _ => {}
        }
    }
    events
}

/// Terminals send places from 1; a 0 comes out of crossterm as 65535.
fn clamp(mouse: MouseEvent) -> MouseEvent {
    let place = |n: u16| if n == u16::MAX { 0 } else { n };
    MouseEvent { column: place(mouse.column), row: place(mouse.row), ..mouse }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};

    use super::*;

    #[test]
    fn drops_releases_and_sizes_and_clamps_the_mouse() {
        let key = |kind| KeyEvent { kind, ..KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE) };
        let mouse =
            |column, row| MouseEvent { kind: MouseEventKind::Moved, column, row, modifiers: KeyModifiers::NONE };
        let events = translate(vec![
            Raw::Key(key(KeyEventKind::Press)),
            Raw::Key(key(KeyEventKind::Release)),
            Raw::Resize(80, 24),
            Raw::FocusGained,
            Raw::Key(key(KeyEventKind::Repeat)),
            Raw::Mouse(mouse(u16::MAX, 3)),
        ]);
        assert_eq!(
            events,
            [Event::Key(key(KeyEventKind::Press)), Event::Key(key(KeyEventKind::Repeat)), Event::Mouse(mouse(0, 3)),]
        );
    }
}
