//! What the terminal can show, and grey levels as cells.
//!
//! Maps are drawn with the grey ramp 232..=255 wherever there are 256 colours, in truecolour terminals too: its 24 steps
//! are nearly even to the eye, half the bytes of 24-bit colours, and survive tmux, screen and SSH unchanged. With 16
//! colours there are four ordered greys, without colour shade blocks, without Unicode ten ASCII characters. Text keeps
//! the terminal's own colours, so that light themes work. Who wants colours gets them where there are 256 ([`Ramp`]).

pub mod blocks;
pub mod detect;
mod nearest;
mod ramp;
mod viridis;

use std::borrow::Cow;

use ratatui::style::Color;
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthStr;

pub use blocks::Glyphs;
pub use nearest::rgb;
pub use ramp::Ramp;

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
    /// Whether text is dark on light: where pictures are made of characters, more of them is then darker.
    pub light: bool,
}

/// Which characters draw the curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Marker {
    /// Eight dots a cell; some fonts draw the empty ones too, the Linux console none.
    Braille,
    /// `•`, one a cell.
    Dot,
    /// `▀▄`, two a cell.
    Half,
}

/// What text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Background {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
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

/// The greys among the 16 named colours, dark to light.
const NAMED_GREYS: [Color; 4] = [Color::Black, Color::DarkGray, Color::Gray, Color::White];
/// Shades of the text colour, for a terminal without greys.
const SHADES: [&str; 5] = [" ", "░", "▒", "▓", "█"];
/// Characters of growing weight, for a terminal without Unicode.
const ASCII: [&str; 10] = [" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"];

impl Palette {
    /// The cell that shows two pixels, one above the other, of grey levels `top` and `bottom`.
    ///
    /// 256 colours and more: `▀` in `Indexed(232 + 24 v / 256)`; 16 colours: `▀` in four named greys; no colour: the
    /// shade block of the mean; ASCII: the character of the mean.
    #[must_use]
    pub fn pixels(self, top: u8, bottom: u8) -> PixelCell {
        let grey = |v: u8| self.grey(self.step(v));
        self.pair(top, bottom, grey)
    }

    /// The same cell with its greys unrounded, `Rgb(v, v, v)`, where the terminal has greys.
    ///
    /// Only for [`crate::ui::terminal::Screen`], which rounds them itself: it knows what the cell shows now, and keeps a
    /// grey that is still nearly right (hysteresis), so that far fewer cells change while the network learns.
    #[must_use]
    pub fn exact_pixels(self, top: u8, bottom: u8) -> PixelCell {
        self.pair(top, bottom, |v| Color::Rgb(v, v, v))
    }

    fn pair(self, top: u8, bottom: u8, grey: impl Fn(u8) -> Color) -> PixelCell {
        if self.has_greys() {
            return PixelCell { symbol: "▀", fg: grey(top), bg: grey(bottom) };
        }
        let glyphs: &[&'static str] = if self.ascii { &ASCII } else { &SHADES };
        let mean = u16::midpoint(u16::from(top), u16::from(bottom));
        let lit = usize::from(mean) * glyphs.len() / 256;
        let symbol = glyphs[if self.light { glyphs.len() - 1 - lit } else { lit }];
        PixelCell { symbol, fg: Color::Reset, bg: Color::Reset }
    }

    /// Whether a picture is made of greys (else of glyphs in the text colour).
    #[must_use]
    pub fn has_greys(self) -> bool {
        self.depth != Depth::None && !self.ascii
    }

    /// Whether the coloured ramps can be shown; where not, they are greys or glyphs too.
    #[must_use]
    pub fn has_ramps(self) -> bool {
        self.depth >= Depth::Ansi256 && !self.ascii
    }

    /// How many grey steps there are: 24 or 4.
    #[must_use]
    pub fn steps(self) -> u8 {
        if self.depth >= Depth::Ansi256 { 24 } else { NAMED_GREYS.len() as u8 }
    }

    /// The grey step of level `v`: `floor(steps v / 256)`.
    #[must_use]
    pub fn step(self, v: u8) -> u8 {
        (u16::from(v) * u16::from(self.steps()) / 256) as u8
    }

    /// The colour of grey step `step`, counted from 0, darkest first.
    #[must_use]
    pub fn grey(self, step: u8) -> Color {
        let step = step.min(self.steps() - 1);
        if self.depth >= Depth::Ansi256 { Color::Indexed(232 + step) } else { NAMED_GREYS[usize::from(step)] }
    }

    /// The grey step that `color` is, if it is one of this palette's greys.
    #[must_use]
    pub fn step_of(self, color: Color) -> Option<u8> {
        match color {
            Color::Indexed(index @ 232..) if self.depth >= Depth::Ansi256 => Some(index - 232),
            named if self.depth == Depth::Ansi16 => {
                NAMED_GREYS.iter().position(|grey| *grey == named).map(|step| step as u8)
            }
            _ => None,
        }
    }

    /// `color` as this terminal can show it: itself, the nearest of 256 or of 16, or the terminal's own.
    #[must_use]
    pub fn color(self, color: Color) -> Color {
        match (self.depth, color) {
            (Depth::None, _) | (_, Color::Reset) => Color::Reset,
            (Depth::Ansi256, Color::Rgb(r, g, b)) => Color::Indexed(nearest::of_256((r, g, b))),
            (Depth::Ansi16, Color::Indexed(index @ 232..)) => self.grey((index - 232) / 6),
            (Depth::Ansi16, Color::Rgb(v, g, b)) if v == g && g == b => self.grey(self.step(v)),
            (Depth::Ansi16, Color::Rgb(..) | Color::Indexed(_)) => nearest::of_16(color),
            _ => color,
        }
    }

    /// `symbol` as this terminal can show it: itself, or an ASCII stand-in of the same width.
    #[must_use]
    pub fn symbol(self, symbol: &str) -> Cow<'_, str> {
        if !self.ascii || symbol.is_ascii() {
            return Cow::Borrowed(symbol);
        }
        let stand_in = match symbol.chars().next().unwrap_or(' ') {
            '─' | '━' | '═' | '╌' | '╍' | '┄' | '┅' | '┈' | '┉' | '╴' | '╶' | '╸' | '╺' | '–' | '—' | '−' | '▔'
            | '▁' => "-",
            '│' | '┃' | '║' | '╎' | '╏' | '┆' | '┇' | '┊' | '┋' | '╵' | '╷' | '╹' | '╻' | '▏' | '▕' | '▌' | '▐' => {
                "|"
            }
            '\u{2500}'..='\u{257f}' | '±' | '✓' | '✔' => "+",
            '\u{2800}' | '\u{a0}' => " ",
            '\u{2801}'..='\u{28ff}' | '●' | '•' | '★' => "*",
            '█' | '▉' | '▊' | '▋' | '▓' | '■' => "#",
            '░' | '·' | '…' => ".",
            '\u{2580}'..='\u{259f}' => "=",
            '→' | '▶' | '►' | '▸' | '›' | '»' => ">",
            '←' | '◀' | '◄' | '◂' | '‹' | '«' => "<",
            '↑' | '▲' | '▴' => "^",
            '↓' | '▼' | '▾' => "v",
            '○' | '◦' | '◯' => "o",
            '×' | '✗' | '✘' => "x",
            '‘' | '’' => "'",
            '“' | '”' => "\"",
            _ => return Cow::Owned("?".repeat(symbol.width().max(1))),
        };
        Cow::Borrowed(stand_in)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn palette(depth: Depth, ascii: bool) -> Palette {
        Palette { depth, ascii, light: false }
    }

    #[test]
    fn levels_become_the_24_step_ramp() {
        for depth in [Depth::Ansi256, Depth::TrueColor] {
            let cell = palette(depth, false).pixels(0, 255);
            assert_eq!((cell.symbol, cell.fg, cell.bg), ("▀", Color::Indexed(232), Color::Indexed(255)));
            let cell = palette(depth, false).pixels(10, 11);
            assert_eq!((cell.fg, cell.bg), (Color::Indexed(232), Color::Indexed(233)));
        }
    }

    #[test]
    fn fewer_colours_fewer_greys_then_glyphs() {
        let cell = palette(Depth::Ansi16, false).pixels(63, 64);
        assert_eq!((cell.symbol, cell.fg, cell.bg), ("▀", Color::Black, Color::DarkGray));
        let none = palette(Depth::None, false);
        assert_eq!([0, 60, 110, 160, 255].map(|v| none.pixels(v, v).symbol), [" ", "░", "▒", "▓", "█"]);
        let ascii = palette(Depth::TrueColor, true);
        assert_eq!(ascii.pixels(255, 255), PixelCell { symbol: "@", fg: Color::Reset, bg: Color::Reset });
        assert_eq!(ascii.pixels(0, 255).symbol, "=");
        // Black on white: the lightest is what is left free.
        let light = Palette { light: true, ..none };
        assert_eq!([0, 60, 110, 160, 255].map(|v| light.pixels(v, v).symbol), ["█", "▓", "▒", "░", " "]);
    }

    #[test]
    fn accents_come_down_to_what_there_is() {
        let orange = Color::Rgb(255, 135, 0);
        assert_eq!(palette(Depth::TrueColor, false).color(orange), orange);
        assert_eq!(palette(Depth::Ansi256, false).color(orange), Color::Indexed(208));
        assert_eq!(palette(Depth::Ansi16, false).color(Color::Indexed(196)), Color::LightRed);
        assert_eq!(palette(Depth::None, false).color(Color::Cyan), Color::Reset);
        assert_eq!(palette(Depth::Ansi16, false).color(Color::Cyan), Color::Cyan);
    }

    #[test]
    fn ascii_stand_ins_keep_their_width() {
        let ascii = palette(Depth::Ansi16, true);
        for (symbol, expected) in [("a", "a"), ("┌", "+"), ("─", "-"), ("│", "|"), ("⣿", "*"), ("é", "?"), ("你", "??")]
        {
            assert_eq!(ascii.symbol(symbol), expected, "{symbol}");
        }
        assert_eq!(palette(Depth::Ansi16, false).symbol("┌"), "┌");
    }

    proptest! {
        /// A lighter pixel is never shown darker, whatever the terminal.
        #[test]
        fn every_ramp_is_monotone(a: u8, b: u8, ascii: bool, depth in 0..4usize) {
            let depth = [Depth::None, Depth::Ansi16, Depth::Ansi256, Depth::TrueColor][depth];
            let palette = palette(depth, ascii);
            let (dark, light) = (a.min(b), a.max(b));
            let weight = |v: u8| {
                let cell = palette.pixels(v, v);
                palette.step_of(cell.fg).map_or_else(
                    || SHADES.iter().chain(&ASCII).position(|s| *s == cell.symbol).unwrap_or_default(),
                    usize::from,
                )
            };
            prop_assert!(weight(dark) <= weight(light));
        }

        /// Rounding the exact cell gives the plain one.
        #[test]
        fn exact_pixels_round_to_pixels(top: u8, bottom: u8) {
            for depth in [Depth::Ansi16, Depth::Ansi256, Depth::TrueColor] {
                let palette = palette(depth, false);
                let (exact, plain) = (palette.exact_pixels(top, bottom), palette.pixels(top, bottom));
                prop_assert_eq!(exact.fg, Color::Rgb(top, top, top));
                prop_assert_eq!(palette.step_of(plain.fg), Some(palette.step(top)));
                prop_assert_eq!(palette.step_of(plain.bg), Some(palette.step(bottom)));
            }
        }
    }
}
