//! A node's map in the colours and characters that the user wants.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::Ink;
use crate::lens::{Map, scale};
use crate::ui::palette::{Glyphs, Palette};
use crate::ui::theme::Theme;

/// Pixels along one side of a full map.
const SIDE: usize = 28;

/// A map; unless it is doubled, as wide in cells as [`Map::side`] says, and half as high.
#[derive(Debug, Clone, Copy)]
pub struct NodeMap<'a> {
    map: &'a Map,
    double: bool,
    palette: Palette,
    glyphs: Glyphs,
    ink: Ink,
}

impl<'a> NodeMap<'a> {
    /// `map` as the user wants to see it.
    #[must_use]
    pub fn new(map: &'a Map, theme: &Theme) -> Self {
        Self { map, double: false, palette: theme.palette, glyphs: theme.glyphs, ink: Ink::new(theme, map.range) }
    }

    /// Twice as large: a pixel takes two whole cells.
    #[must_use]
    pub fn double(self, double: bool) -> Self {
        Self { double, ..self }
    }

    /// Half blocks show a full map's every pixel as it is; only smaller ones gain by finer characters.
    fn glyphs(&self) -> Glyphs {
        if self.map.side < SIDE && !self.double && self.palette.has_greys() { self.glyphs } else { Glyphs::Half }
    }

    /// The levels for so many pixels across and down.
    fn levels(&self, width: usize, height: usize) -> Cow<'a, [u8]> {
        let map = self.map;
        if (width, height) == (map.side, map.side) || map.raw.len() != SIDE * SIDE {
            return Cow::Borrowed(&map.levels);
        }
        let range = (f64::from(map.range.0), f64::from(map.range.1));
        // A flat map is mid grey whatever its scale.
        let range = if map.flat { (0.0, 0.0) } else { range };
        Cow::Owned(scale::levels(&scale::resample_to(&map.raw, width, height), range).into())
    }
}

impl Widget for &NodeMap<'_> {
    /// Draws from the top left corner of `area`; what does not fit is cut off.
    fn render(self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        let side = self.map.side;
        if side == 0 {
            return;
        }
        let glyphs = self.glyphs();
        let (across, down) = if self.double { (1, 1) } else { glyphs.pixels() };
        let (width, height) = if glyphs == Glyphs::Half { (side, side) } else { (side * across, side / 2 * down) };
        let levels = self.levels(width, height);
        let columns_a_pixel = if self.double { 2 } else { 1 };
        let mut pixels = Vec::with_capacity(8);
        for (row, y) in (0..height.div_ceil(down)).zip(area.y..area.bottom()) {
            for (column, x) in (0..width / across * columns_a_pixel).zip(area.x..area.right()) {
                pixels.clear();
                for line in row * down..(row * down + down).min(height) {
                    let start = line * width + column / columns_a_pixel * across;
                    pixels.extend_from_slice(&levels[start..start + across]);
                }
                let Some(cell) = buf.cell_mut(Position { x, y }) else { continue };
                if let [.., bottom] = pixels[..]
                    && glyphs == Glyphs::Half
                {
                    let pair = self.ink.pixels(pixels[0], bottom);
                    cell.set_symbol(pair.symbol).set_style(Style::new().fg(pair.fg).bg(pair.bg));
                } else {
                    let (symbol, lit, unlit) = glyphs.fit(&pixels);
                    cell.set_char(symbol).set_style(Style::new().fg(self.ink.color(lit)).bg(self.ink.color(unlit)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;
    use crate::lens::NodeId;
    use crate::ui::palette::{Depth, Ramp};

    const PALETTE: Palette = Palette { depth: Depth::Ansi256, ascii: false, light: false };

    /// 0 in the top left quarter, 1 in the right half, -1 in the bottom left quarter.
    fn map(side: usize) -> Map {
        let value = |i: usize| match (i % 28 < 14, i / 28 < 14) {
            (true, true) => 0.0,
            (false, _) => 1.0,
            (true, false) => -1.0,
        };
        let values: Vec<f64> = (0..784).map(value).collect();
        Map::new(NodeId { layer: 0, index: 0 }, &values, (-1.0, 1.0), side, None)
    }

    fn drawn(map: &Map, theme: Theme, double: bool) -> Buffer {
        let side = map.side as u16 * if double { 2 } else { 1 };
        let mut buf = Buffer::empty(Rect::new(0, 0, side + 1, side / 2 + 1));
        (&NodeMap::new(map, &theme).double(double)).render(buf.area, &mut buf);
        buf
    }

    fn theme(ramp: Ramp, glyphs: Glyphs) -> Theme {
        Theme { ramp, glyphs, ..Theme::new(PALETTE) }
    }

    #[test]
    fn two_pixels_share_a_cell_and_a_doubled_one_takes_two() {
        for (side, double) in [(28, false), (14, false), (28, true)] {
            let map = map(side);
            let buf = drawn(&map, theme(Ramp::Grey, Glyphs::Half), double);
            let zoom = if double { 2 } else { 1 };
            let (width, height) = (side as u16 * zoom, side as u16 * zoom / 2);
            let grey = |v| Color::Rgb(v, v, v);
            for (x, y, level) in [
                (0, 0, 127),
                (width / 2 - 1, 0, 127),
                (width / 2, 0, 255),
                (0, height - 1, 0),
                (width - 1, height - 1, 255),
            ] {
                let cell = &buf[(x, y)];
                assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▀", grey(level), grey(level)), "{side} {x},{y}");
            }
            assert_eq!(buf[(width, 0)].symbol(), " ");
            assert_eq!(buf[(0, height)].symbol(), " ");
        }
    }

    #[test]
    fn a_thumbnail_of_quadrants_is_finer() {
        // A line one pixel wide between two columns of half blocks.
        let values: Vec<f64> = (0..784).map(|i| if i % 28 == 6 { 1.0 } else { 0.0 }).collect();
        let map = Map::new(NodeId { layer: 0, index: 0 }, &values, (0.0, 1.0), 14, None);
        let half = drawn(&map, theme(Ramp::Grey, Glyphs::Half), false);
        assert_eq!((half[(3, 2)].symbol(), half[(3, 2)].fg), ("▀", Color::Rgb(127, 127, 127)));
        let fine = drawn(&map, theme(Ramp::Grey, Glyphs::Quadrant), false);
        let cell = &fine[(3, 2)];
        assert_eq!((cell.symbol(), cell.fg, cell.bg), ("▌", Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0)));
        // A full map is exact as it is.
        let full = Map::new(NodeId { layer: 0, index: 0 }, &values, (0.0, 1.0), 28, None);
        assert_eq!(drawn(&full, theme(Ramp::Grey, Glyphs::Octant), false)[(6, 2)].symbol(), "▀");
    }

    #[test]
    fn octants_show_every_pixel_at_half_size() {
        let values: Vec<f64> = (0..784).map(|i| f64::from(i / 28 == 5)).collect();
        let map = Map::new(NodeId { layer: 0, index: 0 }, &values, (0.0, 1.0), 14, None);
        let buf = drawn(&map, theme(Ramp::Viridis, Glyphs::Octant), false);
        let cell = &buf[(0, 1)];
        let filled = crate::ui::palette::blocks::mask(cell.symbol());
        assert_eq!((filled, cell.fg, cell.bg), (Some(0b1100), Ramp::Viridis.exact(255), Ramp::Viridis.exact(0)));
    }

    #[test]
    fn colours_follow_the_value_and_without_greys_there_are_characters() {
        let buf = drawn(&map(28), theme(Ramp::Diverging, Glyphs::Half), false);
        assert_eq!(buf[(27, 0)].fg, Ramp::Diverging.exact(255));
        assert_eq!(buf[(0, 13)].fg, Ramp::Diverging.exact(0));
        let ascii = Palette { ascii: true, ..PALETTE };
        let buf = drawn(&map(14), Theme { ramp: Ramp::Viridis, ..Theme::new(ascii) }, false);
        let cell = |x, y| (buf[(x, y)].symbol().to_owned(), buf[(x, y)].fg);
        assert_eq!(
            [cell(0, 0), cell(13, 0), cell(0, 6)],
            [("=", 0), ("@", 0), (" ", 0)].map(|(c, _)| (c.to_owned(), Color::Reset))
        );
    }

    #[test]
    fn a_map_larger_than_its_place_is_cut() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 10, 3));
        let map = map(28);
        (&NodeMap::new(&map, &theme(Ramp::Grey, Glyphs::Half))).render(Rect::new(8, 2, 28, 14), &mut buf);
        (&NodeMap::new(&map, &theme(Ramp::Grey, Glyphs::Half))).render(Rect::new(40, 40, 28, 14), &mut buf);
        assert_eq!((buf[(9, 2)].symbol(), buf[(7, 2)].symbol()), ("▀", " "));
    }
}
