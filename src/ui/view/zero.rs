//! Which grey stands for 0 in a picture: a patch of it, with a 0 on it, beside the picture's words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::lens::Map;
use crate::ui::palette::rgb;
use crate::ui::theme::Theme;
use crate::ui::widgets::Ink;

/// Columns of the patch.
pub const WIDTH: u16 = 3;

/// Draws the patch at the right end of a caption of which the first `used` columns are taken, if there is room. A map that
/// is flat or all on one side of 0 has none.
pub fn render(theme: &Theme, map: &Map, caption: Rect, used: u16, buf: &mut Buffer) {
    let caption = caption.intersection(buf.area);
    let Some(zero) = Ink::new(theme, map.range).zero().filter(|_| !map.flat) else { return };
    if caption.is_empty() || used + WIDTH > caption.width {
        return;
    }
    let (text, ink) = match rgb(zero.bg) {
        Some(behind) => (" 0 ".to_owned(), readable_on(behind)),
        // Without greys the patch is made of characters.
        None => (format!("{0}0{0}", zero.symbol), Color::Reset),
    };
    buf.set_string(caption.right() - WIDTH, caption.y, text, Style::reset().fg(ink).bg(zero.bg));
}

/// Black or white, whichever stands out.
fn readable_on((red, green, blue): (u8, u8, u8)) -> Color {
    // Rec. 601 luma.
    let luma = (299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue)) / 1000;
    if luma < 128 { Color::Rgb(255, 255, 255) } else { Color::Rgb(0, 0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lens::NodeId;
    use crate::ui::palette::{Depth, Palette, Ramp};

    fn map(low: f64, high: f64) -> Map {
        let values: Vec<f64> = (0..784).map(|i| if i % 2 == 0 { low } else { high }).collect();
        Map::new(NodeId { layer: 0, index: 0 }, &values, (low, high), 14, None)
    }

    fn drawn(theme: &Theme, map: &Map, used: u16) -> Buffer {
        let mut buf = Buffer::empty(Rect::new(0, 0, 8, 1));
        render(theme, map, buf.area, used, &mut buf);
        buf
    }

    const PALETTE: Palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };

    #[test]
    fn has_the_grey_of_a_pixel_that_is_0() {
        let theme = Theme::new(PALETTE);
        for (low, high, level, ink) in [(-1.0, 3.0, 63, 255), (-3.0, 1.0, 191, 0), (-1.0, 1.0, 127, 255)] {
            let buf = drawn(&theme, &map(low, high), 5);
            let cell = |x: u16| (buf[(x, 0)].symbol().to_owned(), buf[(x, 0)].fg, buf[(x, 0)].bg);
            let (ink, grey) = (Color::Rgb(ink, ink, ink), Color::Rgb(level, level, level));
            assert_eq!(
                [5, 6, 7].map(cell),
                [" ", "0", " "].map(|symbol| (symbol.to_owned(), ink, grey)),
                "{low} {high}"
            );
        }
        let diverging = Theme { ramp: Ramp::Diverging, ..theme };
        assert_eq!(drawn(&diverging, &map(-1.0, 3.0), 5)[(6, 0)].bg, Ramp::Diverging.exact(127));
    }

    #[test]
    fn is_made_of_the_characters_of_the_picture_where_there_are_no_greys() {
        let theme = Theme::new(Palette { depth: Depth::None, ..PALETTE });
        let buf = drawn(&theme, &map(-1.0, 1.0), 5);
        assert_eq!([5, 6, 7].map(|x| buf[(x, 0)].symbol()), ["▒", "0", "▒"]);
    }

    #[test]
    fn is_left_out_where_there_is_no_zero_or_no_room() {
        let theme = Theme::new(PALETTE);
        let empty = Buffer::empty(Rect::new(0, 0, 8, 1));
        for (map, used) in [(map(1.0, 3.0), 0), (map(-3.0, -1.0), 0), (map(0.0, 0.0), 0), (map(-1.0, 1.0), 6)] {
            assert_eq!(drawn(&theme, &map, used), empty);
        }
    }
}
