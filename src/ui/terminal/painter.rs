//! From the frame that is wanted to the bytes that are sent: text first and always, pictures as the budget allows.

use std::time::{Duration, Instant};

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthStr;

use super::budget::Budget;
use super::compact::Compact;
use super::mark::Mark;
use super::order::{Labels, Wrong, first_things_first};
use super::picture;
use crate::ui::palette::Palette;

/// A picture cell that has not changed for this long rests: it is made exact, its hysteresis worked off.
const REST: Duration = Duration::from_millis(500);
/// Changing pictures are sent in pieces of so much of a second's bytes.
const FLOW: Duration = Duration::from_millis(100);
/// Below this rate of bytes a second it shows how long a frame takes.
const SLOW: u32 = 64_000;
/// The same on a slow link, where a key waits behind the piece that is under way.
const SLOW_FLOW: Duration = Duration::from_millis(30);
/// How far ahead of the pictures text is sent there. SSH shows nothing of a write before it has all of it.
const TEXT_LEADS: Duration = Duration::from_millis(10);
/// Bytes of a picture cell, before there is experience.
const USUAL_CELL: f64 = 12.0;

/// A whole screen as it is wanted.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Cells across and down.
    pub size: Size,
    /// Row by row.
    pub cells: Vec<Cell>,
    /// Where the cursor is to be seen, if anywhere.
    pub cursor: Option<Position>,
    /// Grows whenever the screen must be cleared and drawn anew.
    pub generation: u64,
    /// No other frame is near: its pictures are worth being exact at once.
    pub stands: bool,
}

/// Decides what of a frame is sent now, and what later.
#[derive(Debug)]
pub struct Painter {
    palette: Palette,
    compact: Compact,
    /// What pictures may cost that are new as a whole: a second's worth at once, so that another page is simply there.
    /// Fills at half the rate: a link that is in full use has no bursts to give.
    burst: Budget,
    /// What pictures may cost that only change: little at a time, so that a key never waits behind much.
    flow: Budget,
    /// How much of a second's bytes a piece is.
    piece: Duration,
    /// Whether text is sent by itself before the pictures of its frame.
    text_leads: bool,
    /// Whether all of a frame is sent at once, whatever it costs.
    in_whole_frames: bool,
    generation: Option<u64>,
    /// The frame before, to see what moves.
    wanted: Vec<Cell>,
    /// When each cell was last wanted differently.
    changed_at: Vec<Instant>,
    /// For how many frames each cell has waited for its turn.
    waited: Vec<u16>,
    /// Bytes of a picture cell, a running mean.
    cell_bytes: f64,
}

impl Painter {
    /// Paints for `palette` with at most `rate` bytes a second for pictures.
    #[must_use]
    pub fn new(palette: Palette, rate: u32, now: Instant) -> Self {
        let text_leads = rate < SLOW;
        let piece = if text_leads { SLOW_FLOW } else { FLOW };
        Self {
            palette,
            compact: Compact::new(Size::ZERO),
            burst: Budget::new(rate / 2, Duration::from_secs(2), now),
            flow: Budget::new(rate, piece, now),
            piece,
            text_leads,
            in_whole_frames: false,
            generation: None,
            wanted: Vec::new(),
            changed_at: Vec::new(),
            waited: Vec::new(),
            cell_bytes: USUAL_CELL,
        }
    }

    /// The same, but everything of a frame leaves at once: for frames that wait for each other. So what is shown hangs on
    /// the frames alone.
    #[must_use]
    pub fn in_whole_frames(self) -> Self {
        Self { text_leads: false, in_whole_frames: true, ..self }
    }

    /// The bytes to write for `frame` now, and after how long the same frame is worth painting again; nothing once
    /// the terminal shows it exactly.
    pub fn paint(&mut self, frame: &Frame, now: Instant) -> (Vec<u8>, Option<Duration>) {
        self.take_over(frame, now);
        let Found { mut writes, mut wrong, rests_in } = self.compare(frame, now);

        let new = first_things_first(&mut wrong);
        let only_text = self.text_leads && !writes.is_empty();
        let affordable = if only_text { 0 } else { self.affordable(new, now) };
        let mut again = rests_in;
        if wrong.len() > affordable {
            for later in wrong.drain(affordable..) {
                self.waited[later.index] = self.waited[later.index].saturating_add(1);
                // No old text may stand where a picture is still to come.
                if later.error >= picture::NOT_YET && !self.is_picture_or_blank(later.index) {
                    writes.push((later.index, Cell::EMPTY));
                }
            }
            again = Some(if only_text { TEXT_LEADS } else { self.flow.full_in().max(self.piece / 2) });
        }
        let mut pictures = Vec::with_capacity(wrong.len());
        for Wrong { index, .. } in wrong {
            self.waited[index] = 0;
            pictures.push((index, picture::rounded(&frame.cells[index], self.palette)));
        }
        let bytes = self.encode(frame, writes, pictures);
        self.burst.spend(bytes.len());
        self.flow.spend(bytes.len());
        (bytes, again)
    }

    /// How many picture cells may be sent now, where `new` of them belong to pictures that are new as a whole.
    fn affordable(&mut self, new: usize, now: Instant) -> usize {
        if self.in_whole_frames {
            return usize::MAX;
        }
        let cells = |bytes: f64| (bytes / self.cell_bytes).max(0.0) as usize;
        let flow = cells(self.flow.available(now));
        let burst = cells(self.burst.available(now));
        // Only a link that was rather quiet takes a burst; what changes all the time must not pass for new.
        if self.burst.is_half_full() { flow.max(new.min(burst)) } else { flow }
    }

    /// Takes note of the new frame: its size, whether it starts anew, and which of its cells move.
    fn take_over(&mut self, frame: &Frame, now: Instant) {
        if self.generation != Some(frame.generation) || self.compact.size() != frame.size {
            self.generation = Some(frame.generation);
            self.compact.clear(frame.size);
            self.wanted.clone_from(&frame.cells);
            self.changed_at = vec![now; frame.cells.len()];
            self.waited = vec![0; frame.cells.len()];
            return;
        }
        for ((old, new), changed_at) in self.wanted.iter_mut().zip(&frame.cells).zip(&mut self.changed_at) {
            if old != new {
                old.clone_from(new);
                *changed_at = now;
            }
        }
    }

    fn compare(&mut self, frame: &Frame, now: Instant) -> Found {
        let width = usize::from(frame.size.width);
        let mut found = Found { writes: Vec::new(), wrong: Vec::new(), rests_in: None };
        let mut labels = Labels::new(width);
        let mut covered = 0;
        for (index, wanted) in frame.cells.iter().enumerate() {
            if index % width == 0 {
                covered = 0;
            }
            if covered > 0 {
                covered -= 1;
                labels.no_picture(index);
                continue;
            }
            let shown = self.compact.shown(index);
            if !picture::is_picture(wanted, self.palette) {
                labels.no_picture(index);
                let cell = self.text(wanted);
                covered = cell.symbol().width().saturating_sub(1);
                if shown != Some(&cell) {
                    found.writes.push((index, cell));
                }
                continue;
            }
            let picture = labels.picture(index);
            let error = shown.map_or(picture::NOT_YET, |shown| picture::error(wanted, shown, self.palette));
            let rests_in = REST.saturating_sub(now.saturating_duration_since(self.changed_at[index]));
            let allowed = if frame.stands || rests_in.is_zero() { 0.5 } else { picture::HELD };
            if error > allowed {
                let urgency = error * (1.0 + f32::from(self.waited[index]) / 4.0);
                found.wrong.push(Wrong { index, picture, error, urgency });
            } else {
                self.waited[index] = 0;
                if error > 0.5 {
                    found.rests_in = Some(found.rests_in.map_or(rests_in, |other| other.min(rests_in)));
                }
            }
        }
        found
    }

    /// A cell that is no picture, in colours and characters that the terminal has.
    fn text(&self, wanted: &Cell) -> Cell {
        let mut cell = Cell::EMPTY;
        if !wanted.symbol().contains(char::is_control) {
            cell.set_symbol(&self.palette.symbol(wanted.symbol()));
        }
        cell.fg = self.palette.color(wanted.fg);
        cell.bg = self.palette.color(wanted.bg);
        cell.modifier = wanted.modifier;
        cell
    }

    fn is_picture_or_blank(&self, index: usize) -> bool {
        self.compact.shown(index).is_some_and(|cell| *cell == Cell::EMPTY || picture::is_picture(cell, self.palette))
    }

    /// The bytes for these cells: all text before any picture, so that on a slow link the answer to a key comes first.
    fn encode(&mut self, frame: &Frame, text: Vec<(usize, Cell)>, pictures: Vec<(usize, Cell)>) -> Vec<u8> {
        let width = usize::from(frame.size.width);
        let place = |index: usize| Position { x: (index % width) as u16, y: (index / width) as u16 };
        let n_pictures = pictures.len();
        let mut put_all = |mut cells: Vec<(usize, Cell)>| {
            cells.sort_unstable_by_key(|(index, _)| *index);
            let marks: Vec<Mark> = cells.into_iter().map(|(index, cell)| Mark::new(place(index), cell)).collect();
            self.compact.put_all(&marks);
            self.compact.pending()
        };
        let text_ends = put_all(text);
        let pictures_end = put_all(pictures);
        if n_pictures > 16 {
            // Learn what a picture cell costs.
            let bytes = (pictures_end - text_ends) as f64 / n_pictures as f64;
            self.cell_bytes = (0.7 * self.cell_bytes + 0.3 * bytes).clamp(2.0, 24.0);
        }
        self.compact.finish(frame.cursor)
    }
}

/// What differs between the frame and the terminal.
struct Found {
    /// Text to write, whatever it costs.
    writes: Vec<(usize, Cell)>,
    wrong: Vec<Wrong>,
    /// When the first cell that is held by hysteresis comes to rest.
    rests_in: Option<Duration>,
}
