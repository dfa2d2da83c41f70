//! Who inks which pixel: the ink map with its cursor, and a bar a class.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{SIDE, class_title};
use crate::lens::Survey;
use crate::lens::survey::Region;
use crate::ui::app::{App, Reach, Tone};
use crate::ui::areas::InkAreas;
use crate::ui::theme::Theme;
use crate::ui::view::text::{cut, fit, measure, thousands};
use crate::ui::widgets::MapView;

/// Columns of "how often" and of "who".
const COLUMNS: (usize, usize) = (10, 8);

/// Draws the map and the bars.
pub fn render(app: &App, theme: &Theme, survey: &Survey, areas: &InkAreas, buf: &mut Buffer) {
    let class = app.data.of_class.then_some(app.data.class);
    let (whose, n_images) = match class {
        Some(class) => (class_title(app, class), survey.count(class)),
        None => ("all".to_owned(), survey.len()),
    };
    let pieces = vec![
        (0, vec![Span::styled("ink of ", theme.title), Span::styled(whose, theme.title)]),
        (2, vec![Span::styled(format!("{} images", thousands(n_images as u64)), theme.label)]),
        (1, vec![Span::styled(app.data.tone.to_string(), theme.label)]),
    ];
    fit(pieces, "  ", Style::new(), areas.title.width).render(areas.title, buf);

    let counts = survey.ink(class);
    let most = counts.iter().copied().max().unwrap_or(0);
    let levels: Vec<u8> = counts.iter().map(|&n| app.data.tone.level(n, most)).collect();
    (&MapView { levels: &levels, side: SIDE, double: areas.double, palette: theme.palette }).render(areas.map, buf);
    render_legend(app, theme, f64::from(most), n_images, areas.legend, buf);
    render_cursor(app, theme, areas, buf);
    render_bars(app, theme, survey, areas.bars, buf);
}

impl Tone {
    /// The grey level of `n` images, where that of none is 0 and that of `most` 255.
    fn level(self, n: u32, most: u32) -> u8 {
        let share = match self {
            Self::Even => f64::from(n) / f64::from(most.max(1)),
            Self::Logarithmic => f64::from(n).ln_1p() / f64::from(most.max(1)).ln_1p(),
        };
        (255.0 * share).round() as u8
    }

    /// The number of images whose level is `share` of the way from black to white.
    fn at(self, share: f64, most: f64) -> f64 {
        match self {
            Self::Even => share * most,
            Self::Logarithmic => (share * most.ln_1p()).exp_m1(),
        }
    }
}

/// The greys from white to black with the shares of images that they stand for.
fn render_legend(app: &App, theme: &Theme, most: f64, n_images: usize, area: Rect, buf: &mut Buffer) {
    if area.width < 4 || area.height < 3 {
        return;
    }
    let pixels = u32::from(area.height) * 2;
    for row in 0..area.height {
        let level = |pixel: u32| (255 - pixel * 255 / (pixels - 1)) as u8;
        let cell = theme.palette.exact_pixels(level(2 * u32::from(row)), level(2 * u32::from(row) + 1));
        buf.set_string(area.x, area.y + row, cell.symbol, theme.value.fg(cell.fg).bg(cell.bg));
    }
    for (row, share) in [(0, 1.0), (area.height / 2, 0.5), (area.height - 1, 0.0)] {
        let text = percent(app.data.tone.at(share, most), n_images);
        let place = Rect { x: area.x + 2, y: area.y + row, width: area.width - 2, height: 1 };
        Line::styled(text, theme.label).render(place, buf);
    }
}

/// Marks beside the rows and columns that are asked about, and the pixel itself where it is one.
fn render_cursor(app: &App, theme: &Theme, areas: &InkAreas, buf: &mut Buffer) {
    let region = app.data.region();
    let style = if app.data.on_pixels { theme.accent } else { theme.label };
    let map = areas.map;
    let (rows_a_cell, columns_a_pixel) = if areas.double { (1, 2) } else { (2, 1) };
    for y in 0..map.height {
        let first = usize::from(y) * rows_a_cell;
        let inside = [first, first + rows_a_cell - 1].map(|row| region.rows.contains(&row));
        let (left, right) = match inside {
            _ if region.rows.len() == SIDE => continue,
            [true, true] => (theme.glyph("▐", ">"), theme.glyph("▌", "<")),
            [true, false] => (theme.glyph("▝", ">"), theme.glyph("▘", "<")),
            [false, true] => (theme.glyph("▗", ">"), theme.glyph("▖", "<")),
            [false, false] => continue,
        };
        mark(buf, map.x - 1, map.y + y, left, style);
        mark(buf, map.right(), map.y + y, right, style);
    }
    if app.data.reach == Reach::Pixel && app.data.on_pixels && theme.palette.has_greys() {
        let (row, column) = app.data.pixel;
        let x = map.x + (column * columns_a_pixel) as u16;
        let y = map.y + (row / rows_a_cell) as u16;
        for x in x..x + columns_a_pixel as u16 {
            if let Some(cell) = buf.cell_mut(Position { x, y }) {
                let (top, bottom) = (areas.double || row % 2 == 0, areas.double || row % 2 == 1);
                cell.fg = if top { style.fg.unwrap_or_default() } else { cell.fg };
                cell.bg = if bottom { style.fg.unwrap_or_default() } else { cell.bg };
            }
        }
    }
    let mut put = |x: u16, y: u16, glyph: &str| mark(buf, x, y, glyph, style);
    // Without free rows above and below, the marks of the columns have no place.
    if map.y == areas.title.bottom() {
        return;
    }
    for x in 0..map.width {
        if region.columns.contains(&(usize::from(x) / columns_a_pixel)) && region.columns.len() < SIDE {
            put(map.x + x, map.y - 1, theme.glyph("▄", "v"));
            put(map.x + x, map.bottom(), theme.glyph("▀", "^"));
        }
    }
}

fn mark(buf: &mut Buffer, x: u16, y: u16, glyph: &str, style: Style) {
    if let Some(cell) = buf.cell_mut(Position { x, y }) {
        cell.set_symbol(glyph).set_style(style);
    }
}

/// What is asked about, and of each class how often it has ink there and what part it is of those that have.
fn render_bars(app: &App, theme: &Theme, survey: &Survey, area: Rect, buf: &mut Buffer) {
    let region = app.data.region();
    let who = survey.who_inks(&region);
    let all: usize = who.iter().sum();
    let mut lines = (area.y..area.bottom()).map(|y| Rect { y, height: 1, ..area });
    let pieces = vec![
        (0, vec![Span::styled(region_title(app.data.reach, &region), theme.title)]),
        (1, vec![Span::styled("inked by ", theme.label), Span::styled(percent(all as f64, survey.len()), theme.value)]),
        (2, vec![Span::styled(format!("{} images", thousands(all as u64)), theme.label)]),
    ];
    let mut draw = |line: Line<'_>, buf: &mut Buffer| {
        if let Some(place) = lines.next() {
            line.render(place, buf);
        }
    };
    draw(fit(pieces, "  ", Style::new(), area.width), buf);
    let (often, part) = COLUMNS;
    draw(Line::styled(format!("{:>often$}{:>part$}", "how often", "who"), theme.label).right_aligned(), buf);
    let names: Vec<String> = (0..app.n_classes()).map(|class| class_title(app, class)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(1);
    let room = usize::from(area.width).saturating_sub(often + part + 1);
    let name_width = widest.min(room.saturating_sub(6));
    for (class, (name, &n)) in names.iter().zip(&who).enumerate() {
        let share = n as f64 / survey.count(class).max(1) as f64;
        let style = if class == app.data.class { theme.accent } else { theme.title };
        draw(
            Line::from(vec![
                Span::styled(format!("{:name_width$} ", cut(name, name_width as u16)), style),
                Span::styled(bar(theme, share, room - name_width), theme.train),
                Span::styled(format!("{:>often$}", percent(n as f64, survey.count(class))), theme.value),
                Span::styled(format!("{:>part$}", percent(n as f64, all)), theme.value),
            ]),
            buf,
        );
    }
}

/// `rows 26-27`, `row 14, column 9`.
fn region_title(reach: Reach, region: &Region) -> String {
    let (rows, columns) = (&region.rows, &region.columns);
    match reach {
        Reach::Pixel => format!("row {}, column {}", rows.start, columns.start),
        Reach::Patch | Reach::LargePatch => {
            format!("rows {}-{}, cols {}-{}", rows.start, rows.end - 1, columns.start, columns.end - 1)
        }
        Reach::Row => format!("row {}", rows.start),
        Reach::Rows => format!("rows {}-{}", rows.start, rows.end - 1),
        Reach::Column => format!("column {}", columns.start),
        Reach::Columns => format!("columns {}-{}", columns.start, columns.end - 1),
    }
}

/// A bar of `width` columns, filled to `share`; whatever is not zero shows.
fn bar(theme: &Theme, share: f64, width: usize) -> String {
    let halves = (share * 2.0 * width as f64).round().max(f64::from(share > 0.0)) as usize;
    let (whole, half) = (theme.glyph("━", "=").repeat(halves / 2), theme.glyph("╸", "-"));
    format!("{:width$}", if halves % 2 == 1 { whole + half } else { whole })
}

/// A part of `of` in percent, as short as it can be without claiming nothing or all.
fn percent(n: f64, of: usize) -> String {
    let share = 100.0 * n / of.max(1) as f64;
    if n <= 0.0 {
        "0 %".to_owned()
    } else if share < 0.05 {
        "<.1 %".to_owned()
    } else if share < 0.95 {
        format!("{} %", measure(share, 1))
    } else if share < 99.95 {
        format!("{share:.1} %")
    } else if n < of as f64 {
        ">99.9 %".to_owned()
    } else {
        "100 %".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_neither_hide_nor_exaggerate() {
        for (n, of, text) in [
            (0.0, 60_000, "0 %"),
            (1.0, 60_000, "<.1 %"),
            (2.0, 1000, ".2 %"),
            (4061.0, 6096, "66.6 %"),
            (28.0, 6096, ".5 %"),
            (1.0, 100, "1.0 %"),
            (59_999.0, 60_000, ">99.9 %"),
            (60_000.0, 60_000, "100 %"),
            (0.0, 0, "0 %"),
        ] {
            assert_eq!(percent(n, of), text);
        }
    }

    #[test]
    fn tones_start_at_black_and_end_at_white() {
        for tone in [Tone::Even, Tone::Logarithmic] {
            assert_eq!((tone.level(0, 5000), tone.level(5000, 5000), tone.level(0, 0)), (0, 255, 0));
            for share in [0.25, 0.5] {
                let n = tone.at(share, 5000.0);
                assert!((f64::from(tone.level(n as u32, 5000)) - 255.0 * share).abs() < 2.0, "{n}");
            }
        }
        assert!(Tone::Logarithmic.level(1, 46_000) > 10 && Tone::Even.level(1, 46_000) == 0);
    }
}
