//! What the terminal can show, and grey levels as cells.

use ratatui::style::Color;
use serde::{Deserialize, Serialize};

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// No colour at all (`NO_COLOR`, a monochrome terminal); bold and reverse remain.
    None,
    /// The 16 named colours.
    Ansi16,
    /// 256 colours: the 24-step grey ramp 232..=255.
    Ansi256,
    /// 24-bit colours. Maps use the same grey ramp: it is even, and half the bytes.
    TrueColor,
}

/// Every picture and accent on screen passes through this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Colours there are.
    pub depth: Depth,
    /// Whether only ASCII characters may be written.
    pub ascii: bool,
}

/// One cell of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelCell {
    /// The character.
    pub symbol: &'static str,
    /// Its colour (the upper pixel, for a half block).
    pub fg: Color,
    /// The colour behind it (the lower pixel).
    pub bg: Color,
}

impl Palette {
    /// The cell that shows two pixels, one above the other, of grey levels `top` and `bottom`.
    ///
    /// 256 colours and more: `▀` in `Indexed(232 + 24 v / 256)`.
    #[must_use]
    pub fn pixels(&self, top: u8, bottom: u8) -> PixelCell {
        let grey = |v: u8| Color::Indexed(232 + (u16::from(v) * 24 / 256) as u8);
        PixelCell { symbol: "▀", fg: grey(top), bg: grey(bottom) }
    }
}
