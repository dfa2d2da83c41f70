//! What the dashboard draws on, and the one thread that writes to the terminal.
//!
//! Drawing never waits: a frame is handed over, and the `screen` thread takes the newest one whenever it is free again.
//! If the terminal stops reading, only that thread stands still.

use std::io::{self, Write};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr;

use super::painter::{Frame, Painter};
use crate::ui::event::Event;

/// Bytes written in one go.
const PIECE: usize = 4096;

/// Hands frames from the dashboard to the `screen` thread.
#[derive(Debug, Default)]
pub struct Link {
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent facts, not one state in disguise")]
struct Slot {
    /// The newest frame that was not taken yet.
    frame: Option<Frame>,
    /// Bytes to send before it as they are (the mouse switched on or off).
    raw: Vec<u8>,
    /// Nothing may be written: the terminal is given back, or about to be.
    held: bool,
    /// The write under way is to end where it is.
    cut: bool,
    /// The thread is between taking a frame and having written it.
    busy: bool,
    /// The terminal was given back since: what the thread last drew is no longer there.
    lost: bool,
    over: bool,
}

/// What there is to write.
pub(super) struct Work {
    pub raw: Vec<u8>,
    pub frame: Option<Frame>,
    pub lost: bool,
}

impl Link {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing be written any more; waits up to `patience` for a write under way. Says whether it ended in time.
    pub fn hold(&self, patience: Duration) -> bool {
        let mut slot = self.slot();
        (slot.held, slot.lost) = (true, true);
        slot.frame = None;
        self.changed.notify_all();
        let (slot, _) =
            self.changed.wait_timeout_while(slot, patience, |slot| slot.busy).unwrap_or_else(PoisonError::into_inner);
        !slot.busy
    }

    /// Lets a write under way end with the piece it is at.
    pub fn cut(&self) {
        self.slot().cut = true;
    }

    /// Lets frames be written again.
    pub fn release(&self) {
        let mut slot = self.slot();
        (slot.held, slot.cut) = (false, false);
        self.changed.notify_all();
    }

    /// Sends bytes as they are, before the next frame.
    pub fn send_raw(&self, bytes: &[u8]) {
        self.slot().raw.extend_from_slice(bytes);
        self.changed.notify_all();
    }

    /// Whether nothing waits and nothing is being written.
    pub fn is_idle(&self) -> bool {
        let slot = self.slot();
        slot.frame.is_none() && !slot.busy
    }

    /// Ends the thread.
    pub fn end(&self) {
        self.slot().over = true;
        self.changed.notify_all();
    }

    pub(super) fn done(&self) {
        self.slot().busy = false;
        self.changed.notify_all();
    }

    fn hand_over(&self, frame: Frame) {
        self.slot().frame = Some(frame);
        self.changed.notify_all();
    }

    /// Waits for something to write, at most `patience`; nothing when it is all over. Marks the thread as busy.
    pub(super) fn next(&self, patience: Option<Duration>) -> Option<Work> {
        let until = patience.map(|patience| Instant::now() + patience);
        let mut slot = self.slot();
        loop {
            if slot.over {
                return None;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let is_due = left.is_some_and(|left| left.is_zero());
            if !slot.held && (slot.frame.is_some() || !slot.raw.is_empty() || is_due) {
                slot.busy = true;
                return Some(Work {
                    raw: std::mem::take(&mut slot.raw),
                    frame: slot.frame.take(),
                    lost: std::mem::take(&mut slot.lost),
                });
            }
            slot = match left.filter(|left| !left.is_zero()) {
                Some(left) => self.changed.wait_timeout(slot, left).unwrap_or_else(PoisonError::into_inner).0,
                None => self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// What time it is for the painter.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// As late as it is.
    Wall,
    /// Each frame takes equally long, whatever the machine: the same frames always give the same bytes.
    Frames {
        /// The time of the last frame.
        now: Instant,
        /// Of each frame.
        each: Duration,
    },
}

impl Clock {
    /// How long to wait for a new frame when the painter asks for `again`; `None` = for ever. Where each frame is whole
    /// there is nothing to do between two.
    fn patience(self, again: Option<Duration>) -> Option<Duration> {
        again.filter(|_| matches!(self, Self::Wall))
    }

    /// The time of the next painting, of a frame that is new or was painted before.
    fn tick(&mut self, is_new: bool) -> Instant {
        match self {
            Self::Wall => Instant::now(),
            Self::Frames { now, each } => {
                *now += if is_new { *each } else { Duration::ZERO };
                *now
            }
        }
    }
}

/// Writes frames to `out` until the link ends or a write fails; the body of the `screen` thread.
///
/// Reports [`Event::Drawn`] for each write, [`Event::Gone`] for one that failed.
pub fn write_frames(link: &Link, mut painter: Painter, mut clock: Clock, mut out: impl Write, events: &Sender<Event>) {
    let mut current: Option<Frame> = None;
    let mut again = None;
    while let Some(Work { raw: mut bytes, frame, lost }) = link.next(clock.patience(again)) {
        let now = clock.tick(frame.is_some());
        // The frame before would be drawn on a screen that is no longer there.
        current = frame.or(current.filter(|_| !lost));
        if let Some(frame) = &current {
            let (changes, more) = painter.paint(frame, now);
            bytes.extend_from_slice(&changes);
            again = more;
        } else {
            again = None;
        }
        // In pieces, so that a terminal that is slow or does not read can be given back in between.
        let mut pieces = bytes.chunks(PIECE);
        let written = pieces.try_for_each(|piece| if link.slot().cut { Ok(()) } else { out.write_all(piece) });
        let written = written.and_then(|()| out.flush());
        link.done();
        let event = if written.is_ok() { Event::Drawn { bytes: bytes.len() } } else { Event::Gone };
        if events.send(event).is_err() || written.is_err() {
            break;
        }
    }
}

/// The terminal as ratatui draws on it. Nothing here writes: `flush` hands the frame to the `screen` thread.
pub struct Screen {
    link: Arc<Link>,
    measure: Box<dyn Fn() -> io::Result<Size> + Send>,
    canvas: Frame,
    /// Where the cursor would be seen.
    cursor: Position,
}

impl Screen {
    /// A screen that hands its frames to `link`; `measure` tells the terminal's size.
    pub fn new(link: Arc<Link>, measure: impl Fn() -> io::Result<Size> + Send + 'static) -> Self {
        let canvas = Frame { size: Size::ZERO, cells: Vec::new(), cursor: None, generation: 0, stands: false };
        Self { link, measure: Box::new(measure), canvas, cursor: Position::ORIGIN }
    }

    /// Says whether the next frames stand until a key is pressed.
    pub fn stand(&mut self, stands: bool) {
        self.canvas.stands = stands;
    }

    fn fit(&mut self, size: Size) {
        if self.canvas.size != size {
            let cells = usize::from(size.width) * usize::from(size.height);
            self.canvas.cells = vec![Cell::EMPTY; cells];
            self.canvas.size = size;
        }
    }
}

impl Backend for Screen {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        if self.canvas.size == Size::ZERO {
            let size = self.size()?;
            self.fit(size);
        }
        let Size { width, height } = self.canvas.size;
        for (x, y, cell) in content.filter(|(x, y, _)| *x < width && *y < height) {
            let index = usize::from(y) * usize::from(width) + usize::from(x);
            self.canvas.cells[index].clone_from(cell);
            // ratatui leaves blank what a wide character covers, and does not always say so when it comes to light.
            let covered = cell.symbol().width().saturating_sub(1).min(usize::from(width - x - 1));
            self.canvas.cells[index + 1..=index + covered].fill(Cell::EMPTY);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.canvas.cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.canvas.cursor = Some(self.cursor);
        Ok(())
    }

    /// Where the cursor was last put: the terminal is never asked.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        if self.canvas.cursor.is_some() {
            self.canvas.cursor = Some(self.cursor);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        let size = self.size()?;
        self.fit(size);
        self.canvas.cells.fill(Cell::EMPTY);
        self.canvas.generation += 1;
        Ok(())
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        match clear_type {
            ClearType::All => self.clear(),
            other => Err(io::Error::new(io::ErrorKind::Unsupported, format!("cannot clear {other} only"))),
        }
    }

    fn size(&self) -> io::Result<Size> {
        (self.measure)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.link.hand_over(self.canvas.clone());
        Ok(())
    }
}
