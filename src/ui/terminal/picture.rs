//! Picture cells: how wrong they are now, and what they become.
//!
//! A level is measured in steps of its ramp. The cell's exact colour lies anywhere between two steps; the step that is
//! shown is kept while it is at most [`HELD`] away, though another may have become nearer. That hysteresis saves most of
//! the changes while a network learns, and is worked off once the picture rests. It looks at each part of the cell, so that
//! another character that shows nearly the same is kept too.

use ratatui::buffer::Cell;
use ratatui::style::Color;

use crate::ui::palette::{self, Palette, Ramp, blocks};

/// A shown level is kept up to this distance, in steps (the nearest step is at most 0.5 away).
pub const HELD: f32 = 0.85;
/// The error of a cell that shows no picture yet: more than any level can be off.
pub const NOT_YET: f32 = 48.0;

/// Whether `cell` is part of a picture: blocks in two colours that are neither named nor the terminal's own, or in two of
/// the palette's greys.
#[must_use]
pub fn is_picture(cell: &Cell, palette: Palette) -> bool {
    parts(cell, palette).is_some()
}

/// Which eighths of a picture cell have its first colour; nothing if it is no picture.
fn parts(cell: &Cell, palette: Palette) -> Option<u8> {
    let drawn = |color| matches!(color, Color::Rgb(..) | Color::Indexed(16..)) || palette.step_of(color).is_some();
    if !palette.has_greys() || !cell.modifier.is_empty() || !drawn(cell.fg) || !drawn(cell.bg) {
        return None;
    }
    blocks::mask(cell.symbol()).filter(|mask| *mask != u8::MAX)
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
    match Ramp::of(color) {
        Some((ramp, level)) => ramp.color(palette, ramp.step(palette, level)),
        None => palette.color(color),
    }
}

/// How far `shown` is from the unrounded `wanted`, in steps: the greatest error of any part of the cell.
#[must_use]
pub fn error(wanted: &Cell, shown: &Cell, palette: Palette) -> f32 {
    let (Some(lit), Some(drawn)) = (parts(wanted, palette), parts(shown, palette)) else { return NOT_YET };
    let pairs = [
        (lit & drawn, wanted.fg, shown.fg),
        (lit & !drawn, wanted.fg, shown.bg),
        (!lit & drawn, wanted.bg, shown.fg),
        (!lit & !drawn, wanted.bg, shown.bg),
    ];
    let there = pairs.into_iter().filter(|(parts, ..)| *parts != 0);
    there.map(|(_, wanted, shown)| off(wanted, shown, palette)).fold(0.0, f32::max)
}

fn off(wanted: Color, shown: Color, palette: Palette) -> f32 {
    if let Some((ramp, level)) = Ramp::of(wanted)
        && let Some(step) = ramp.step_of(palette, shown)
    {
        // Half a count more than it is, so that no level lies just between two steps.
        let position = (f32::from(ramp.steps(palette)) * f32::from(level) + 0.5) / 256.0 - 0.5;
        return (position - f32::from(step)).abs();
    }
    if round(wanted, palette) == shown {
        return 0.0;
    }
    match (palette::rgb(wanted), palette::rgb(shown)) {
        (Some(a), Some(b)) => {
            let far = a.0.abs_diff(b.0).max(a.1.abs_diff(b.1)).max(a.2.abs_diff(b.2));
            // At least a step, so that a colour that is not the right one is never left.
            (f32::from(far) * f32::from(palette.steps()) / 256.0).max(1.0)
        }
        _ => NOT_YET,
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
        let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
        assert!(is_picture(&cell("▀", Color::Indexed(232), Color::Indexed(255)), palette));
        assert!(is_picture(&cell("▚", Color::Rgb(1, 1, 1), Color::Indexed(20)), palette));
        assert!(!is_picture(&cell("▀", Color::Cyan, Color::Indexed(255)), palette));
        assert!(!is_picture(&cell("a", Color::Indexed(232), Color::Indexed(255)), palette));
        assert!(!is_picture(&cell("▀", Color::Black, Color::White), palette));
        assert!(is_picture(
            &cell("▀", Color::Black, Color::White),
            Palette { depth: Depth::Ansi16, ascii: false, light: false }
        ));
    }

    #[test]
    fn a_wrong_colour_is_never_taken_for_right() {
        let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
        let wanted = cell("▀", Color::Rgb(253, 231, 37), Color::Rgb(68, 1, 84));
        let right = rounded(&wanted, palette);
        assert!(error(&wanted, &right, palette) < 0.5);
        assert!(error(&wanted, &cell("▀", right.fg, Color::Indexed(17)), palette) >= 1.0);
        assert!(error(&wanted, &cell("▄", right.fg, right.bg), palette) > 10.0);
        assert!(error(&wanted, &cell("▄", right.bg, right.fg), palette) < 0.5, "another character for the same");
        assert!(error(&wanted, &cell("a", right.fg, right.bg), palette) >= NOT_YET);
    }

    #[test]
    fn a_part_of_a_cell_that_is_wrong_counts() {
        let palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };
        let grey = |v| Color::Rgb(v, v, v);
        let wanted = cell("▛", grey(128), grey(0));
        let shown = |symbol, fg, bg| rounded(&cell(symbol, grey(fg), grey(bg)), palette);
        assert!(error(&wanted, &shown("▗", 0, 128), palette) <= 0.5);
        assert!(error(&wanted, &shown("▛", 128, 11), palette) > 0.5);
        let (other, lower) = (shown("▀", 128, 0), shown("▀", 128, 128));
        assert!((11.0..13.0).contains(&error(&wanted, &other, palette)), "one quarter");
        assert!((11.0..13.0).contains(&error(&wanted, &lower, palette)));
    }

    proptest! {
        /// The rounded cell is the one cell that is at most half a step off.
        #[test]
        fn the_nearest_step_is_the_rounded_one(v: u8, step in 0..25u8, depth in 0..3usize, ramp in 0..3usize) {
            let depth = [Depth::Ansi16, Depth::Ansi256, Depth::TrueColor][depth];
            let (palette, ramp) = (Palette { depth, ascii: false, light: false }, Ramp::ALL[ramp]);
            let step = step % ramp.steps(palette);
            let wanted = cell("▀", ramp.exact(v), ramp.exact(v));
            let color = ramp.color(palette, step);
            let shown = cell("▀", color, color);
            let is_nearest = rounded(&wanted, palette) == shown;
            prop_assert_eq!(error(&wanted, &shown, palette) <= 0.5, is_nearest);
        }
    }
}
