//! One node: its map in full with a legend, and as many of its numbers as fit.

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::gallery::{class_name, render_placeholder};
use super::inspector::{difference, facts, render_classes};
use super::text::signed;
use crate::lens::Map;
use crate::ui::app::App;
use crate::ui::areas::inspector::{FACTS, LEGEND, MAP};
use crate::ui::areas::{NodeArea, REPORT_ROWS};
use crate::ui::theme::Theme;
use crate::ui::widgets::{Ink, NodeMap};

/// Draws the node under the cursor: its map, and a line of its numbers or all of them.
pub fn render(app: &App, theme: &Theme, node: NodeArea, buf: &mut Buffer) {
    let area = node.area;
    title(app, theme).render(Rect { height: area.height.min(1), ..area }, buf);
    let map = Rect { y: area.y + 1, width: MAP.0, height: MAP.1, ..area }.intersection(area);
    let Some(report) = app.report() else {
        render_placeholder(theme, map, buf);
        return;
    };
    let difference = difference(app, report);
    let shown = difference.as_ref().unwrap_or(&report.map);
    (&NodeMap::new(shown, theme)).render(map, buf);
    let has_zero = difference.is_some() || app.lens.has_sides();
    render_legend(
        theme,
        shown,
        has_zero,
        Rect { x: map.right() + 1, width: LEGEND - 2, ..map }.intersection(area),
        buf,
    );
    // Where there is room a free line sets the numbers off.
    let y = map.bottom() + u16::from(node.full && area.height >= REPORT_ROWS);
    let n_facts = if node.full { FACTS } else { 1 };
    let facts = facts(app, theme, Size::new(area.width, n_facts)).into_iter().take(n_facts.into());
    for (line, y) in facts.zip(y..area.bottom()) {
        line.render(Rect { y, height: 1, ..area }, buf);
    }
    let y = (y + n_facts + 1).min(area.bottom());
    render_classes(app, theme, Rect { y, height: area.bottom() - y, ..area }, buf);
}

/// `output 3  layer 3`, or of a difference `output 4 minus 9  layer 3`.
fn title<'a>(app: &App, theme: &Theme) -> Line<'a> {
    let node = app.cursor();
    let kind = if app.is_output() { "output" } else { "node" };
    let taken = app.taken().map(|taken| format!("{taken} minus ")).unwrap_or_default();
    let mut spans = vec![Span::styled(format!("{kind} {taken}{node}"), theme.title)];
    if let Some(name) = class_name(app, node) {
        spans.push(Span::styled(format!(" {name}"), theme.title));
    }
    spans.push(Span::styled(format!("  layer {}", app.layer + 1), theme.label));
    Line::from(spans)
}

/// The colours from lowest to highest, with the values that they stand for, and where zero is if that `has_zero` a meaning.
pub fn render_legend(theme: &Theme, map: &Map, has_zero: bool, area: Rect, buf: &mut Buffer) {
    if area.width < 2 || area.height < 3 {
        return;
    }
    if map.flat {
        Line::styled("flat", theme.label).render(Rect { y: area.y + area.height / 2, height: 1, ..area }, buf);
        return;
    }
    let pixels = area.height * 2;
    for row in 0..area.height {
        let level = |pixel: u16| (255 - u32::from(pixel) * 255 / u32::from(pixels - 1)) as u8;
        let cell = Ink::new(theme, map.range).pixels(level(2 * row), level(2 * row + 1));
        let style = theme.value.fg(cell.fg).bg(cell.bg);
        buf.set_string(area.x, area.y + row, cell.symbol, style);
    }
    let (low, high) = map.range;
    let mut label = |row: u16, text: String, style| {
        Line::styled(text, style)
            .render(Rect { x: area.x + 1, y: area.y + row, width: area.width - 1, height: 1 }, buf);
    };
    label(0, signed(high, 3), theme.label);
    label(area.height - 1, signed(low, 3), theme.label);
    if has_zero && low < 0.0 && high > 0.0 {
        let row = (high / (high - low) * f32::from(area.height)) as u16;
        // The ends are taken by the extremes; zero beside them is as near as a row can say.
        let row = row.clamp(1, area.height - 2);
        label(row, theme.glyph("─0", "-0").to_owned(), theme.value);
        // Under it, what the mark points at: in each picture another grey.
        if row + 2 < area.height {
            label(row + 1, " grey".to_owned(), theme.label);
        }
    }
    let clipped = map.raw.iter().any(|&v| v < low || v > high);
    if clipped && area.height >= 8 {
        label(1, ">clip".to_owned(), theme.label);
        label(area.height - 2, "<clip".to_owned(), theme.label);
    }
}
