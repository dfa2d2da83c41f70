//! Cells to be written, and which of them are written together.

use ratatui::buffer::Cell;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};

use crate::ui::palette;

/// Attributes that show on a blank cell too.
pub const SEEN_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// A cell to write, and where.
#[derive(Debug)]
pub struct Mark {
    /// Column and row.
    pub at: Position,
    /// What it is to show.
    pub cell: Cell,
    /// Its two colours and where they are, if that is all there is to it.
    pub blocks: Option<Blocks>,
}

/// A cell of two colours.
#[derive(Debug, Clone, Copy)]
pub struct Blocks {
    /// The eighths of the cell that have the first colour, row by row.
    pub lit: u8,
    /// The first colour, and the other.
    pub colors: (Color, Color),
}

impl Mark {
    /// `cell` at `at`.
    #[must_use]
    pub fn new(at: Position, cell: Cell) -> Self {
        Self { at, blocks: blocks(&cell), cell }
    }

    /// Whether `next` is the character to the right, in the same style.
    #[must_use]
    pub fn goes_on_in(&self, next: &Self) -> bool {
        let style = |mark: &Self| (mark.cell.fg, mark.cell.bg, mark.cell.modifier);
        let is_text = self.blocks.is_none() && next.blocks.is_none();
        is_text && (self.at.x + 1, self.at.y) == (next.at.x, next.at.y) && style(self) == style(next)
    }
}

/// Characters that stand side by side, or blocks alone, with how they begin: that is looked at for every run written before.
pub struct Run<'a> {
    /// At least one.
    pub marks: &'a [Mark],
    /// Where it begins.
    pub at: Position,
    /// Of a character, or of the two parts of a block.
    pub colors: (Color, Color),
    /// Whether it is characters.
    pub is_text: bool,
}

impl<'a> Run<'a> {
    /// The run of these marks.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    pub fn new(marks: &'a [Mark]) -> Self {
        let Mark { at, ref cell, blocks } = marks[0];
        Self { marks, at, colors: blocks.map_or((cell.fg, cell.bg), |blocks| blocks.colors), is_text: blocks.is_none() }
    }
}

/// Whether nothing of `cell` is seen.
#[must_use]
pub fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(SEEN_ON_BLANK)
}

/// The two colours of `cell`, if they are all there is to it.
fn blocks(cell: &Cell) -> Option<Blocks> {
    if !cell.modifier.is_empty() || cell.fg == Color::Reset || cell.bg == Color::Reset {
        return None;
    }
    match palette::blocks::mask(cell.symbol())? {
        u8::MAX => Some(Blocks { lit: u8::MAX, colors: (cell.fg, cell.fg) }),
        lit => Some(Blocks { lit, colors: (cell.fg, cell.bg) }),
    }
}
