//! Cells as few bytes: a model of what the terminal shows, and the encoder that changes it.
//!
//! The encoder remembers colours, attributes and cursor over frames and sends only what changes; it moves the cursor by
//! the shortest way, draws two colours by a block or by its complement, whichever needs fewer changes now, and goes on
//! with the cell nearby that is cheapest now: to move costs less than to change colours. On weights in training this order
//! saves 40 % of the bytes over going row by row.

use std::collections::VecDeque;

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::mark::{Blocks, Mark, Run, SEEN_ON_BLANK, is_blank};
use super::sgr::{self, Pen};
use super::way::{distance, way};
use crate::ui::palette;

/// A frame up to this size is shown at once by terminals that can (synchronized update); a longer one is better seen
/// growing, and terminals give up waiting for its end.
const SYNCHRONIZED_AT_MOST: usize = 16 * 1024;
/// A shorter frame arrives whole anyway.
const SYNCHRONIZED_AT_LEAST: usize = 256;

/// So many cells, row by row, are looked at for the next one to write.
const NEARBY: usize = 256;
/// Bytes of no, one and two new colours of the ramp.
const COLOURS: [usize; 3] = [0, 11, 20];

/// What the terminal shows, as far as it is known, and the bytes that are about to change it.
#[derive(Debug)]
pub struct Compact {
    size: Size,
    /// Row by row; nothing where it is not known, or under the right half of a wide character.
    shown: Vec<Option<Cell>>,
    pen: Option<Pen>,
    cursor: Option<Position>,
    cursor_visible: bool,
    out: Vec<u8>,
}

impl Compact {
    /// A terminal of `size` cells of which nothing is known, its cursor hidden.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let cells = usize::from(size.width) * usize::from(size.height);
        Self { size, shown: vec![None; cells], pen: None, cursor: None, cursor_visible: false, out: Vec::new() }
    }

    /// Cells across and down.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// What cell number `index` (row by row) shows, if that is known.
    #[must_use]
    pub fn shown(&self, index: usize) -> Option<&Cell> {
        self.shown.get(index)?.as_ref()
    }

    /// Bytes encoded since the last [`Compact::finish`].
    #[must_use]
    pub fn pending(&self) -> usize {
        self.out.len()
    }

    /// Clears the screen, at a size that may be new, and forgets all that was known.
    pub fn clear(&mut self, size: Size) {
        let out = std::mem::take(&mut self.out);
        *self = Self { cursor_visible: self.cursor_visible, out, ..Self::new(size) };
        self.set_pen(Pen::PLAIN);
        self.out.extend_from_slice(b"\x1b[2J");
        self.shown.fill(Some(Cell::EMPTY));
    }

    /// Writes all `marks`, which come row by row, in an order that takes few bytes: text that belongs together from left to
    /// right, everything else as it is cheapest from where the last one was.
    pub fn put_all(&mut self, marks: &[Mark]) {
        let mut rest: VecDeque<Run> = marks.chunk_by(Mark::goes_on_in).map(Run::new).collect();
        while let Some(run) = self.cheapest(&rest).and_then(|next| rest.remove(next)) {
            self.put_run(run.marks);
        }
    }

    /// Which of the nearby runs takes the fewest bytes now, the first one of equals.
    fn cheapest(&self, rest: &VecDeque<Run>) -> Option<usize> {
        let mut best = None;
        let mut least = usize::MAX;
        for (place, run) in rest.iter().take(NEARBY).enumerate() {
            let drawn = self.cost(run);
            // How far it is need not be known of what costs too much anyway.
            if drawn < least {
                let cost = drawn + distance(self.cursor, run.at);
                if cost < least {
                    (best, least) = (Some(place), cost);
                }
            }
        }
        best
    }

    /// Writes characters that stand side by side, or blocks alone. Many blanks are erased.
    fn put_run(&mut self, mut run: &[Mark]) {
        while let Some(mark) = run.first() {
            let blanks = run.iter().take_while(|mark| is_blank(&mark.cell)).count();
            // Erasing does not move the cursor.
            let worth = if blanks == run.len() { 6 } else { 12 };
            if blanks >= worth && mark.at.y < self.size.height && mark.at.x + blanks as u16 <= self.size.width {
                self.erase(&run[..blanks]);
                run = &run[blanks..];
            } else {
                self.put(mark);
                run = &run[1..];
            }
        }
    }

    fn erase(&mut self, blanks: &[Mark]) {
        let start = blanks[0].at;
        self.go_to(start);
        // Some terminals erase to the colour and attributes at hand.
        let pen = self.pen.unwrap_or(Pen::PLAIN);
        self.set_pen(Pen { bg: Color::Reset, modifier: pen.modifier - SEEN_ON_BLANK, ..pen });
        self.out.extend_from_slice(format!("\x1b[{}X", blanks.len()).as_bytes());
        for mark in blanks {
            self.note(mark.at.x, mark.at.y, 1, &mark.cell);
        }
        self.cursor = Some(start);
    }

    /// Writes a cell. Outside the screen nothing happens.
    pub fn put(&mut self, Mark { at, cell, blocks }: &Mark) {
        if at.x >= self.size.width || at.y >= self.size.height {
            return;
        }
        self.go_to(*at);
        let width = match blocks {
            Some(blocks) => self.put_blocks(*blocks),
            None => self.put_text(cell, self.size.width - at.x),
        };
        self.note(at.x, at.y, width, cell);
    }

    /// About how many bytes the beginning of `run` takes now, without the way there.
    fn cost(&self, run: &Run) -> usize {
        let pen = self.pen.unwrap_or(Pen::PLAIN);
        let colours = |fg, bg| COLOURS[usize::from(fg != pen.fg) + usize::from(bg != pen.bg)];
        let (first, other) = run.colors;
        if run.is_text {
            1 + colours(first, other)
        } else if first == other {
            (1 + colours(pen.fg, first)).min(3 + colours(first, pen.bg))
        } else {
            3 + colours(first, other).min(colours(other, first))
        }
    }

    /// The bytes of this frame; `cursor` is where the cursor is to be seen, if anywhere.
    pub fn finish(&mut self, cursor: Option<Position>) -> Vec<u8> {
        if let Some(position) = cursor {
            self.go_to(position);
        }
        if cursor.is_some() != self.cursor_visible {
            self.cursor_visible = cursor.is_some();
            self.out.extend_from_slice(if self.cursor_visible { b"\x1b[?25h" } else { b"\x1b[?25l" });
        }
        let frame = std::mem::take(&mut self.out);
        if (SYNCHRONIZED_AT_LEAST..=SYNCHRONIZED_AT_MOST).contains(&frame.len()) {
            return [b"\x1b[?2026h", frame.as_slice(), b"\x1b[?2026l"].concat();
        }
        frame
    }

    fn set_pen(&mut self, pen: Pen) {
        sgr::change(self.pen, pen, &mut self.out);
        self.pen = Some(pen);
    }

    /// Draws two colours with the cheaper one of two glyphs: a block and what it leaves free, or for one colour a space
    /// and a full block. Returns its width.
    fn put_blocks(&mut self, Blocks { lit, colors: (first, other) }: Blocks) -> u16 {
        let pen = self.pen.unwrap_or(Pen::PLAIN);
        let plain = |fg, bg| Pen { fg, bg, modifier: Modifier::empty() };
        let choices = if first == other {
            [(' ', plain(pen.fg, first)), ('█', plain(first, pen.bg))]
        } else {
            [(palette::blocks::symbol(lit), plain(first, other)), (palette::blocks::symbol(!lit), plain(other, first))]
        };
        let cost = |(glyph, wanted): &(char, Pen)| {
            glyph.len_utf8() + 9 * usize::from(wanted.fg != pen.fg) + 9 * usize::from(wanted.bg != pen.bg)
        };
        let [one, two] = choices;
        let (glyph, wanted) = if cost(&two) < cost(&one) { two } else { one };
        self.set_pen(wanted);
        self.out.extend_from_slice(glyph.encode_utf8(&mut [0; 4]).as_bytes());
        1
    }

    /// Writes a character in `room` columns; returns its width.
    fn put_text(&mut self, cell: &Cell, room: u16) -> u16 {
        let symbol = cell.symbol();
        let width = symbol.width() as u16;
        let symbol = if width == 0 || width > room || symbol.contains(char::is_control) { " " } else { symbol };
        let mut pen = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if let (" ", Some(now)) = (symbol, self.pen)
            && !cell.modifier.intersects(SEEN_ON_BLANK)
        {
            // Only the background of a blank cell is seen.
            pen = Pen { fg: now.fg, bg: cell.bg, modifier: now.modifier - SEEN_ON_BLANK };
        }
        self.set_pen(pen);
        self.out.extend_from_slice(symbol.as_bytes());
        if symbol == " " { 1 } else { width }
    }

    /// Takes down that `cell` is now shown, `width` columns wide, and where that leaves the cursor.
    fn note(&mut self, x: u16, y: u16, width: u16, cell: &Cell) {
        let row = usize::from(y) * usize::from(self.size.width);
        let (start, end) = (row + usize::from(x), row + usize::from(x + width));
        // A wide character that lost one of its halves is no longer there at all.
        if x > 0 && self.shown[start - 1].as_ref().is_some_and(|left| left.symbol().width() > 1) {
            self.shown[start - 1] = None;
        }
        self.shown[start] = Some(cell.clone());
        self.shown[start + 1..end].fill(None);
        // Terminals disagree about the width of some clusters, and about the last column.
        let known = x + width < self.size.width && width == 1 && cell.symbol().chars().count() == 1;
        self.cursor = known.then_some(Position { x: x + 1, y });
    }

    fn go_to(&mut self, to: Position) {
        if self.cursor != Some(to) {
            way(self.cursor, to, &mut self.out);
            self.cursor = Some(to);
        }
    }
}
