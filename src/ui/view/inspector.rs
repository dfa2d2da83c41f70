//! Everything known of one node; [`crate::ui::areas::inspector`] says what stands where.

mod bars;
mod facts;
mod origin;
mod pixels;
mod portrait;
mod top;
mod weights;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

pub use self::bars::render_classes;
pub use self::facts::lines as facts;
pub use self::portrait::difference;
pub use self::top::render as render_top;
use super::gallery::{class_name, render_placeholder};
use super::ranking::badge;
use crate::lens::NodeId;
use crate::ui::app::App;
use crate::ui::areas::inspector::Sheet;
use crate::ui::theme::Theme;

/// Draws a page of the inspector.
pub fn render(app: &App, theme: &Theme, sheet: &Sheet, buf: &mut Buffer) {
    title(app, theme, sheet.title.width).render(sheet.title, buf);
    let report = app.report();
    if let Some(portrait) = &sheet.portrait {
        match report {
            Some(report) => portrait::render(app, theme, report, portrait, buf),
            None => render_placeholder(theme, portrait.map, buf),
        }
    }
    if let Some(area) = sheet.facts {
        for (line, y) in facts(app, theme, area.as_size()).into_iter().zip(area.y..area.bottom()) {
            line.render(Rect { y, height: 1, ..area }, buf);
        }
    }
    if let Some(area) = sheet.classes {
        render_classes(app, theme, area, buf);
    }
    if let (Some(words), Some(grid)) = (sheet.origin, &sheet.parts) {
        match report.and_then(|report| report.halves.as_ref()) {
            Some(halves) => pixels::render(app, theme, halves, words, grid.area, buf),
            None => origin::render(app, theme, words, grid, buf),
        }
    }
    if let Some(area) = sheet.top {
        render_top(app, theme, area, buf);
    }
    let Some(report) = report else { return };
    if let Some(area) = sheet.histogram {
        // One list beside it has a heading of its own.
        let beside = !app.is_output() && sheet.links.is_some_and(|links| links.y == area.y);
        weights::render_histogram(theme, report, area, beside, buf);
    }
    if let Some(area) = sheet.links {
        weights::render_links(app, theme, report, area, buf);
    }
}

/// `output 3 < layer 2 node 17 < layer 1 node 201`: the way down to the node, and what is to be said of it at once.
#[must_use]
pub fn title<'a>(app: &App, theme: &Theme, width: u16) -> Line<'a> {
    let name = |node: NodeId| {
        if node.layer + 1 == app.n_layers() {
            format!("output {}", node.index)
        } else {
            format!("layer {} node {}", node.layer + 1, node.index)
        }
    };
    let mut own = name(NodeId { layer: app.layer, index: app.taken().unwrap_or(app.cursor()) });
    if let Some(class) = class_name(app, app.cursor()).filter(|_| app.taken().is_none()) {
        own = format!("{own} {class}");
    }
    // Of a long way the beginning is left out.
    let mut above: Vec<String> = app.way().map(name).collect();
    let mut left_out = "";
    let way = loop {
        let way = above.iter().fold(left_out.to_owned(), |way, node| way + node + " < ");
        if above.is_empty() || way.width() + own.width() <= usize::from(width) {
            break way;
        }
        above.remove(0);
        left_out = ".. < ";
    };
    let mut spans = vec![Span::styled(way, theme.label), Span::styled(own, theme.title)];
    if let Some(taken) = app.taken() {
        let cursor = app.cursor();
        spans.push(Span::styled(format!(" minus {cursor}"), theme.title));
        spans.push(Span::styled(format!("  bright: more in {taken}, dark: more in {cursor}"), theme.label));
        return Line::from(spans);
    }
    if let Some((badge, style)) = badge(app, theme, app.cursor()) {
        spans.push(Span::styled(format!("  {badge}"), style));
    }
    Line::from(spans)
}
