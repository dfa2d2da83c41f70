//! The `input` thread: the only one that reads the terminal.
//!
//! It is never joined: crossterm 0.29 does not return when the terminal goes (the `signals` thread notices that).

use std::sync::mpsc::Sender;
use std::time::Duration;
use std::{io, panic, thread};

use crossterm::event::{self, Event as Raw, KeyEventKind, MouseEvent};

use super::{Event, cannot};
use crate::error::Result;

/// Events handed on at once, so that a pasted megabyte does not gather here.
const BATCH: usize = 256;

/// Starts reading keys, the mouse and changes of size.
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
    loop {
        let mut batch = vec![event::read()?];
        while batch.len() < BATCH && event::poll(Duration::ZERO)? {
            batch.push(event::read()?);
        }
        for event in translate(batch) {
            if events.send(event).is_err() {
                return Ok(());
            }
        }
    }
}

/// What the dashboard hears of what crossterm read: no key releases, changes of size next to each other as one.
fn translate(batch: Vec<Raw>) -> Vec<Event> {
    let mut events = Vec::with_capacity(batch.len());
    for raw in batch {
        match raw {
            Raw::Key(key) if key.kind != KeyEventKind::Release => events.push(Event::Key(key)),
            Raw::Mouse(mouse) => events.push(Event::Mouse(clamp(mouse))),
            Raw::Resize(..) if events.last() != Some(&Event::Resize) => events.push(Event::Resize),
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
    fn drops_releases_merges_resizes_and_clamps_the_mouse() {
        let key = |kind| KeyEvent { kind, ..KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE) };
        let mouse =
            |column, row| MouseEvent { kind: MouseEventKind::Moved, column, row, modifiers: KeyModifiers::NONE };
        let events = translate(vec![
            Raw::Key(key(KeyEventKind::Press)),
            Raw::Key(key(KeyEventKind::Release)),
            Raw::Resize(80, 24),
            Raw::Resize(81, 24),
            Raw::FocusGained,
            Raw::Resize(82, 24),
            Raw::Key(key(KeyEventKind::Repeat)),
            Raw::Mouse(mouse(u16::MAX, 3)),
            Raw::Resize(80, 24),
        ]);
        assert_eq!(
            events,
            [
                Event::Key(key(KeyEventKind::Press)),
                Event::Resize,
                Event::Key(key(KeyEventKind::Repeat)),
                Event::Mouse(mouse(0, 3)),
                Event::Resize,
            ]
        );
    }
}
