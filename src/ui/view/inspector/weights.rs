//! The weights into a node as a histogram, and its strongest links.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use crate::lens::node::{Link, NodeReport};
use crate::ui::app::App;
use crate::ui::theme::Theme;
use crate::ui::view::ranking::class_label;
use crate::ui::view::text::{cut, signed, thousands};

/// Columns of an entry in a list of links.
const ENTRY: u16 = 15;

/// Headings from full to brief, links, and what to call each of them.
type List<'a> = ([&'static str; 2], &'a [Link], &'a dyn Fn(&Link) -> String);

/// Draws how the weights are spread between the lowest and the highest; the strongest links may stand `beside` it.
pub fn render_histogram(theme: &Theme, report: &NodeReport, area: Rect, beside: bool, buf: &mut Buffer) {
    if area.height < 3 {
        return;
    }
    let counts = &report.weight_histogram;
    let bar = usize::from(area.width) / counts.len();
    let width = (bar * counts.len()) as u16;
    if bar == 0 {
        return;
    }
    let n: u32 = counts.iter().sum();
    let n = thousands(n.into());
    let room = usize::from(area.width).saturating_sub("weights ".len());
    let full =
        format!("{n} into it{}", if beside { " (bars: how many); strongest:" } else { ": how many of each size" });
    let text = if full.len() <= room { full } else { format!("{n} into it") };
    Line::from(vec![Span::styled("weights ", theme.title), Span::styled(text, theme.label)])
        .render(Rect { height: 1, ..area }, buf);
    let rows = area.height - 2;
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    let eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    for row in 0..rows {
        let below = 8 * u32::from(rows - 1 - row);
        let line: String = counts
            .iter()
            .map(|&count| {
                // What is there at all must be seen.
                let height = (count * 8 * u32::from(rows)).div_ceil(highest);
                let filled = height.saturating_sub(below).min(8) as usize;
                let symbol = if theme.palette.ascii {
                    if filled > 3 {
                        "#"
                    } else if filled > 0 {
                        "."
                    } else {
                        " "
                    }
                } else {
                    eighths[filled]
                };
                symbol.repeat(bar)
            })
            .collect();
        Line::styled(line, theme.label).render(Rect { y: area.y + 1 + row, height: 1, width, ..area }, buf);
    }
    let axis = Rect { y: area.bottom() - 1, height: 1, width, ..area };
    let (low, high) = report.weight_range;
    let (first, last) = (signed(low, 3), signed(high, 3));
    if low < 0.0 && high > 0.0 {
        let x = (-low / (high - low) * f32::from(width)) as u16;
        if x > first.width() as u16 && x + 1 + (last.width() as u16) < width {
            Line::styled("0", theme.value).render(Rect { x: axis.x + x, width: 1, ..axis }, buf);
        }
    }
    Line::styled(last, theme.label).right_aligned().render(axis, buf);
    Line::styled(first.clone(), theme.label).render(Rect { width: first.width() as u16, ..axis }, buf);
}

/// Draws the strongest links: out of it, and from pixels into it.
pub fn render_links(app: &App, theme: &Theme, report: &NodeReport, area: Rect, buf: &mut Buffer) {
    let to_output = app.layer + 2 == app.n_layers();
    let number = |link: &Link| format!("{:>4}", link.index);
    let output = |link: &Link| format!("{:<5}", cut(&class_label(app, link.index), 5));
    let pixel = |link: &Link| format!("{:>2},{:<2}", link.index / 28, link.index % 28);
    let mut lists: Vec<List<'_>> = Vec::new();
    match app.layer {
        0 => lists.push((["strongest weights, from row,col", "from row,col"], &report.incoming, &pixel)),
        _ => lists.push((["strongest weights, from node", "from node"], &report.incoming, &number)),
    }
    match (app.is_output(), to_output) {
        (true, _) => {}
        (_, true) => lists.push((["strongest weights, to output", "to output"], &report.outgoing, &output)),
        (_, false) => lists.push((["strongest weights, to node", "to node"], &report.outgoing, &number)),
    }
    // One above the other, if each then has three rows; else side by side.
    let n = lists.len() as u16;
    let stacked = area.width < 2 * 2 * ENTRY && area.height >= 3 * n;
    for ((headings, links, name), i) in lists.into_iter().zip(0..) {
        let place = if stacked {
            Rect { y: area.y + i * (area.height / n), height: area.height / n, ..area }
        } else {
            Rect { x: area.x + i * (area.width / n), width: area.width / n, ..area }
        };
        render_list(theme, headings, links, name, place, buf);
    }
}

/// A heading and as many entries as fit, column by column.
fn render_list(
    theme: &Theme,
    headings: [&'static str; 2],
    links: &[Link],
    name: &dyn Fn(&Link) -> String,
    area: Rect,
    buf: &mut Buffer,
) {
    let heading = headings.into_iter().find(|text| text.len() < usize::from(area.width)).unwrap_or(headings[1]);
    Line::styled(cut(heading, area.width.saturating_sub(1)), theme.title)
        .render(Rect { height: area.height.min(1), ..area }, buf);
    let rows = usize::from(area.height.saturating_sub(1));
    let columns = usize::from((area.width / ENTRY).max(1));
    if rows == 0 {
        return;
    }
    // Columns of about the same length.
    let rows = rows.min(links.len().div_ceil(links.len().div_ceil(rows).clamp(1, columns)));
    for (i, link) in links.iter().take(rows * columns).enumerate() {
        let place =
            Rect { x: area.x + (i / rows) as u16 * ENTRY, y: area.y + 1 + (i % rows) as u16, width: ENTRY, height: 1 };
        Line::from(vec![
            Span::styled(name(link), theme.value),
            Span::raw("  "),
            Span::styled(signed(link.weight, 3), theme.label),
        ])
        .render(place.intersection(area), buf);
    }
}
