//! Picture cells: how wrong they are now, and what they become.
//!
//! A grey is measured in steps of the palette's ramp. The cell's exact grey (`Rgb(v, v, v)`) lies anywhere between two
//! steps; the step that is shown is kept while it is at most [`HELD`] away, though another may have become nearer. That
//! hysteresis saves most of the changes while a network learns, and is worked off once the picture rests.

use ratatui::buffer::Cell;
use ratatui::style::Color;

use crate::ui::palette::{self, Palette};

/// A shown grey is kept up to this distance, in steps (the nearest step is at most 0.5 away).
pub const HELD: f32 = 0.75;
/// The error of a cell that shows no picture yet: more than any grey can be off.
pub const NOT_YET: f32 = 48.0;

/// Whether `cell` is part of a picture: half or quarter blocks in two colours that are neither named nor the terminal's
/// own, or in two of the palette's greys.
#[must_use]
pub fn is_picture(cell: &Cell, palette: Palette) -> bool {
    let drawn = |color| matches!(color, Color::Rgb(..) | Color::Indexed(16..)) || palette.step_of(color).is_some();
    palette.has_greys()
        && cell.modifier.is_empty()
        && matches!(cell.symbol().chars().next(), Some('▀' | '▄' | '▌' | '▐' | '\u{2596}'..='\u{259f}'))
        && drawn(cell.fg)
        && drawn(cell.bg)
}

/// What a picture cell shows when its colours are rounded to what the terminal has.
#[must_use]
pub fn rounded(wanted: &Cell, palette: Palette) -> Cell {
    let mut cell = wanted.clone();
    cell.fg = round(wanted.fg, palette);
    cell.bg = round(wanted.bg, palette);
    cell
}

fn round(color: Color, palette: Palette) -> Color {
    match color {
        Color::Rgb(v, g, b) if v == g && g == b => palette.grey(palette.step(v)),
        _ => palette.color(color),
    }
}

/// How far `shown` is from the unrounded `wanted`, in grey steps: the greater error of the two colours.
#[must_use]
pub fn error(wanted: &Cell, shown: &Cell, palette: Palette) -> f32 {
    if wanted.symbol() != shown.symbol() || !shown.modifier.is_empty() {
        return NOT_YET;
    }
    off(wanted.fg, shown.fg, palette).max(off(wanted.bg, shown.bg, palette))
}

fn off(wanted: Color, shown: Color, palette: Palette) -> f32 {
    match (position(wanted, palette), palette.step_of(shown)) {
        (Some(wanted), Some(shown)) => (wanted - f32::from(shown)).abs(),
        _ if palette.color(wanted) == shown => 0.0,
        _ => match (palette::rgb(wanted), palette::rgb(shown)) {
            (Some(a), Some(b)) => {
                let far = a.0.abs_diff(b.0).max(a.1.abs_diff(b.1)).max(a.2.abs_diff(b.2));
                // At least a step, so that a colour that is not the right one is never left.
                (f32::from(far) * f32::from(palette.steps()) / 256.0).max(1.0)
            }
            _ => NOT_YET,
        },
    }
}

/// Where a grey lies on the ramp: step `n` covers `n - 0.5 .. n + 0.5`.
fn position(color: Color, palette: Palette) -> Option<f32> {
    match color {
        Color::Rgb(v, g, b) if v == g && g == b => {
            // Half a count more than it is, so that no level lies just between two steps.
            Some((f32::from(palette.steps()) * f32::from(v) + 0.5) / 256.0 - 0.5)
        }
        _ => palette.step_of(color).map(f32::from),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ui::palette::Depth;

    fn cell(symbol: &str, fg: Color, bg: Color) -> Cell {
        let mut cell = Cell::EMPTY;
        cell.set_symbol(symbol).set_fg(fg).set_bg(bg);
        cell
    }

    #[test]
    fn pictures_are_blocks_in_colours_that_no_theme_changes() {
        let palette = Palette { depth: Depth::Ansi256, ascii: false };
        assert!(is_picture(&cell("▀", Color::Indexed(232), Color::Indexed(255)), palette));
        assert!(is_picture(&cell("▚", Color::Rgb(1, 1, 1), Color::Indexed(20)), palette));
        assert!(!is_picture(&cell("▀", Color::Cyan, Color::Indexed(255)), palette));
        assert!(!is_picture(&cell("a", Color::Indexed(232), Color::Indexed(255)), palette));
        assert!(!is_picture(&cell("▀", Color::Black, Color::White), palette));
        assert!(is_picture(&cell("▀", Color::Black, Color::White), Palette { depth: Depth::Ansi16, ascii: false }));
    }

    #[test]
    fn a_wrong_colour_is_never_taken_for_right() {
        let palette = Palette { depth: Depth::Ansi256, ascii: false };
        let wanted = cell("▀", Color::Rgb(253, 231, 37), Color::Rgb(68, 1, 84));
        let right = rounded(&wanted, palette);
        assert!(error(&wanted, &right, palette) < 0.1);
        assert!(error(&wanted, &cell("▀", right.fg, Color::Indexed(17)), palette) >= 1.0);
        assert!(error(&wanted, &cell("▄", right.fg, right.bg), palette) >= NOT_YET);
    }

    proptest! {
        /// The rounded cell is the one cell that is at most half a step off.
        #[test]
        fn the_nearest_step_is_the_rounded_one(v: u8, step in 0..24u8, coarse: bool) {
            let palette = Palette { depth: if coarse { Depth::Ansi16 } else { Depth::Ansi256 }, ascii: false };
            let step = step % palette.steps();
            let wanted = cell("▀", Color::Rgb(v, v, v), Color::Rgb(v, v, v));
            let shown = cell("▀", palette.grey(step), palette.grey(step));
            let is_nearest = rounded(&wanted, palette) == shown;
            prop_assert_eq!(error(&wanted, &shown, palette) <= 0.5, is_nearest);
        }
    }
}
