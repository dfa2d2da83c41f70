//! The picture: grey levels as half-block cells.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;

use crate::ui::palette::Palette;

/// A square picture; one cell shows two pixels, one above the other, unless it is doubled.
#[derive(Debug, Clone, Copy)]
pub struct MapView<'a> {
    /// Grey levels, `side` x `side`, row by row.
    pub levels: &'a [u8],
    /// Pixels along one side.
    pub side: usize,
    /// Twice as large: a pixel takes two whole cells.
    pub double: bool,
    /// How a level becomes a cell.
    pub palette: Palette,
}

impl Widget for &MapView<'_> {
    /// Draws from the top left corner of `area`; what does not fit is cut off.
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if self.side == 0 {
            return;
        }
        let rows: Vec<&[u8]> = self.levels.chunks_exact(self.side).collect();
        let (rows_a_cell, columns_a_pixel) = if self.double { (1, 2) } else { (2, 1) };
        for (rows, y) in rows.chunks(rows_a_cell).zip(area.y..area.bottom()) {
            let (top, bottom) = (rows[0], rows[rows.len() - 1]);
            let pixels = top.iter().zip(bottom).flat_map(|pixel| std::iter::repeat_n(pixel, columns_a_pixel));
            for ((top, bottom), x) in pixels.zip(area.x..area.right()) {
                let pixels = self.palette.exact_pixels(*top, *bottom);
                if let Some(cell) = buf.cell_mut(Position { x, y }) {
                    cell.set_symbol(pixels.symbol).set_style(Style::new().fg(pixels.fg).bg(pixels.bg));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;
    use crate::ui::palette::Depth;

    const PALETTE: Palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };

    #[test]
    fn two_pixels_share_a_cell() {
        let levels: Vec<u8> = (0..16).map(|v| v * 16).collect();
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 3));
        (&MapView { levels: &levels, side: 4, double: false, palette: PALETTE })
            .render(Rect::new(1, 0, 4, 2), &mut buf);
        assert_eq!(buf[(0, 0)].symbol(), " ");
        for (x, y, top, bottom) in [(1, 0, 0, 64), (4, 0, 48, 112), (1, 1, 128, 192), (4, 1, 176, 240)] {
            let cell = &buf[(x, y)];
            let want = PALETTE.exact_pixels(top, bottom);
            assert_eq!((cell.symbol(), cell.fg, cell.bg), (want.symbol, want.fg, want.bg), "{x},{y}");
        }
        assert_eq!(buf[(5, 0)].bg, Color::Reset);
        assert_eq!(buf[(1, 2)].bg, Color::Reset);
    }

    #[test]
    fn a_doubled_pixel_takes_two_cells() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 2));
        (&MapView { levels: &[10, 20, 30, 40], side: 2, double: true, palette: PALETTE }).render(buf.area, &mut buf);
        for (x, y, level) in [(0, 0, 10), (1, 0, 10), (2, 0, 20), (3, 1, 40), (0, 1, 30)] {
            let (cell, want) = (&buf[(x, y)], PALETTE.exact_pixels(level, level));
            assert_eq!((cell.symbol(), cell.fg, cell.bg), (want.symbol, want.fg, want.bg), "{x},{y}");
        }
    }

    #[test]
    fn a_picture_larger_than_its_place_is_cut() {
        let levels = vec![200; 28 * 28];
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 3));
        (&MapView { levels: &levels, side: 28, double: false, palette: PALETTE })
            .render(Rect::new(8, 2, 28, 14), &mut buf);
        (&MapView { levels: &levels, side: 28, double: false, palette: PALETTE })
            .render(Rect::new(40, 40, 28, 14), &mut buf);
        assert_eq!(buf[(9, 2)].symbol(), PALETTE.exact_pixels(200, 200).symbol);
        assert_eq!(buf[(7, 2)].symbol(), " ");
    }
}
