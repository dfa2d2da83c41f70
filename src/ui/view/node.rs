//! One node: its map in full with a legend, and on request everything known of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::gallery::{class_name, render_placeholder};
use super::text::{fit, signed};
use crate::lens::Map;
use crate::lens::node::{Link, NodeReport};
use crate::ui::app::App;
use crate::ui::areas::NodeArea;
use crate::ui::theme::Theme;
use crate::ui::widgets::{Ink, NodeMap};

/// Cells of the map.
const MAP: (u16, u16) = (28, 14);
/// Columns from the map to the end of its legend.
const LEGEND: u16 = 8;
/// Columns of a list of links.
const LIST: u16 = 14;
/// From this width on the numbers stand beside the map, not below it.
const BESIDE: u16 = 54;

/// Draws the node under the cursor.
pub fn render(app: &App, theme: &Theme, node: NodeArea, buf: &mut Buffer) {
    let area = node.area;
    // Where the map takes every row, the page line must do for a title.
    let titled = u16::from(area.height > MAP.1);
    title(app, theme).render(Rect { height: titled, ..area }, buf);
    let beside = area.width >= BESIDE;
    let double = beside && area.width >= BESIDE + MAP.0 && area.height > 2 * MAP.1;
    let zoom = if double { 2 } else { 1 };
    let map = Rect { y: area.y + titled, width: zoom * MAP.0, height: zoom * MAP.1, ..area }.intersection(area);
    let below = Rect { y: map.bottom(), height: area.bottom() - map.bottom(), ..area };
    let numbers = if beside {
        let x = map.right() + LEGEND + 2;
        Rect { x, y: map.y, width: area.right().saturating_sub(x), height: area.height - titled }
    } else {
        below
    };
    let Some(report) = app.report() else {
        render_placeholder(theme, map, buf);
        return;
    };
    (&NodeMap::new(&report.map, theme).double(double)).render(map, buf);
    render_legend(theme, &report.map, Rect { x: map.right() + 1, width: LEGEND - 2, ..map }.intersection(area), buf);
    if node.full {
        // Below the map a free line sets the numbers off.
        let skip = u16::from(!beside && numbers.height > 8);
        let numbers = Rect { y: numbers.y + skip, height: numbers.height - skip, ..numbers };
        render_numbers(app, theme, report, numbers, buf);
    } else {
        let [first, weights, _] = facts(app, theme, report).map(|line| line.spans);
        let area = Rect { height: numbers.height.min(1), ..numbers };
        fit(vec![(0, first), (1, weights)], "", Style::new(), area.width).render(area, buf);
    }
}

fn title<'a>(app: &App, theme: &Theme) -> Line<'a> {
    let node = app.cursor();
    let kind = if app.is_output() { "output" } else { "node" };
    let mut spans = vec![Span::styled(format!("{kind} {node}"), theme.title)];
    if let Some(name) = class_name(app, node) {
        spans.push(Span::styled(format!(" {name}"), theme.title));
    }
    spans.push(Span::styled(format!("  layer {}", app.layer + 1), theme.label));
    Line::from(spans)
}

/// The colours from lowest to highest, with the values that they stand for, and where zero is.
fn render_legend(theme: &Theme, map: &Map, area: Rect, buf: &mut Buffer) {
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
    if low < 0.0 && high > 0.0 {
        let row = (high / (high - low) * f32::from(area.height)) as u16;
        // The ends are taken by the extremes; zero beside them is as near as a row can say.
        label(row.clamp(1, area.height - 2), theme.glyph("─0", "-0").to_owned(), theme.value);
    }
}

/// Bias and offset; range of the weights; range of the map.
fn facts<'a>(app: &App, theme: &Theme, report: &NodeReport) -> [Line<'a>; 3] {
    let pair = |name: &'static str, text: String| {
        [Span::styled(name, theme.label), Span::styled(text, theme.value), Span::raw("  ")]
    };
    let range = |(low, high)| format!("{}{}{}", signed(low, 3), theme.glyph("…", ".."), signed(high, 3));
    let mut first = Vec::from(pair("bias ", signed(report.bias, 3)));
    // On the first layer the offset is the bias.
    if let Some(offset) = report.map.offset.filter(|_| app.layer > 0) {
        first.extend(pair("offset ", signed(offset, 3)));
    }
    let weights = pair("weights ", range(report.weight_range));
    let map = pair("map ", if report.map.flat { "flat".to_owned() } else { range(report.map.range) });
    [Line::from(first), Line::from(weights.to_vec()), Line::from(map.to_vec())]
}

fn render_numbers(app: &App, theme: &Theme, report: &NodeReport, area: Rect, buf: &mut Buffer) {
    let facts = facts(app, theme, report);
    let n_facts = facts.len() as u16;
    for (line, y) in facts.into_iter().zip(area.y..area.bottom()) {
        line.render(Rect { y, height: 1, ..area }, buf);
    }
    let lists = Rect { y: area.y + n_facts + 1, height: area.height.saturating_sub(n_facts + 1), ..area };
    // Side by side, or one above the other where they are too narrow.
    let (left, right) = if lists.width >= 2 * LIST {
        let width = (lists.width / 2).min(2 * LIST);
        (Rect { width, ..lists }, Rect { x: lists.x + width, width, ..lists })
    } else {
        let height = lists.height / 2;
        (Rect { height, ..lists }, Rect { y: lists.y + height, height: lists.height - height, ..lists })
    };
    let from_pixels = app.layer == 0;
    let heading = if from_pixels { "from row,column" } else { "from node" };
    let name = |link: &Link| {
        if from_pixels {
            format!("{:>2},{:<2}", link.index / 28, link.index % 28)
        } else {
            format!("{:>5}", link.index)
        }
    };
    render_links(theme, heading, &report.incoming, &name, left, buf);
    let to_output = app.layer + 2 == app.n_layers();
    let name = |link: &Link| match app.plan.class_names.get(link.index) {
        Some(class) if to_output => format!("{class:>5}"),
        _ => format!("{:>5}", link.index),
    };
    let heading = if to_output { "to output" } else { "to node" };
    if !app.is_output() {
        render_links(theme, heading, &report.outgoing, &name, right, buf);
    }
}

fn render_links(
    theme: &Theme,
    heading: &'static str,
    links: &[Link],
    name: &dyn Fn(&Link) -> String,
    area: Rect,
    buf: &mut Buffer,
) {
    let heading = Line::styled(heading, theme.title);
    let rows = links.iter().map(|link| {
        Line::from(vec![
            Span::styled(name(link), theme.value),
            Span::raw("  "),
            Span::styled(signed(link.weight, 3), theme.label),
        ])
    });
    for (line, y) in std::iter::once(heading).chain(rows).zip(area.y..area.bottom()) {
        line.render(Rect { y, height: 1, ..area }, buf);
    }
}
