//! The page of maps, each with its node's number and what black and white stand for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use super::ranking;
use super::text::{cut, measure, signed};
use super::trust;
use super::zero;
use crate::lens::Map;
use crate::ui::app::App;
use crate::ui::areas::Grid;
use crate::ui::theme::Theme;
use crate::ui::widgets::NodeMap;

/// Draws the maps of the page that the cursor is on.
pub fn render(app: &App, theme: &Theme, grid: &Grid, buf: &mut Buffer) {
    if let Some(text) = trust::missing(app) {
        return trust::render_missing(theme, &text, grid.area, buf);
    }
    let zeros = app.lens.has_sides();
    for (place, node) in app.page_nodes(grid).into_iter().enumerate() {
        let (area, caption) = (grid.map(place), grid.caption(place));
        let map = app.map(node, usize::from(grid.size.side()));
        match map {
            Some(map) => (&NodeMap::new(map, theme)).render(area, buf),
            None => render_placeholder(theme, area, buf),
        }
        let selected = node == app.cursor();
        let used = render_caption(app, theme, node, map, selected, caption, buf);
        if let Some(map) = map.filter(|_| zeros) {
            zero::render(theme, map, caption, used, buf);
        }
        if selected && area.x > buf.area.x {
            let bar = theme.glyph("▐", "|");
            let style = theme.accent;
            for y in area.y..caption.bottom() {
                buf.set_string(area.x - 1, y, bar, style);
            }
        }
    }
}

/// A picture that is not computed yet: nothing but a word in its middle, or a mark.
pub fn render_placeholder(theme: &Theme, area: Rect, buf: &mut Buffer) {
    let middle = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
    let text = if area.width >= 24 { "being computed" } else { theme.glyph("…", "...") };
    Line::styled(text, theme.label).centered().render(middle, buf);
}

/// `  7 R² .41`, with the class's name on the output layer where it is more than the number. Returns the columns that its
/// words take.
fn render_caption(
    app: &App,
    theme: &Theme,
    node: usize,
    map: Option<&Map>,
    selected: bool,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let digits = (app.n_nodes() - 1).to_string().len();
    let mut name = format!("{node:>digits$}");
    if let Some(class) = class_name(app, node) {
        name = format!("{name} {class}");
    }
    let name = cut(&name, area.width);
    let badge = ranking::badge(app, theme, node).filter(|(badge, _)| name.width() + badge.width() < area.width.into());
    let badge = badge.map(|(badge, style)| (format!(" {badge}"), style));
    let taken = name.width() + badge.as_ref().map_or(0, |(badge, _)| badge.width()) + 1;
    let room = usize::from(area.width).saturating_sub(taken);
    let text = match ranking::ranked_by(app, theme, node) {
        Some(texts) => {
            // Rather the value alone than no grey of 0, which the sentence below speaks of.
            let beside = room.saturating_sub(map.map_or(0, |map| patch(app, map)));
            texts
                .iter()
                .find(|text| text.width() <= beside)
                .or(texts.last().filter(|text| text.width() <= room))
                .cloned()
        }
        None => map.map(|map| honest(app, theme, map, room)),
    };
    let text = text.unwrap_or_default();
    let mut spans = vec![Span::styled(name, theme.title)];
    spans.extend(badge.map(|(badge, style)| Span::styled(badge, style)));
    spans.push(Span::styled(format!(" {text}"), theme.label));
    let mut line = Line::from(spans);
    let used = line.width();
    if selected {
        let pad = usize::from(area.width).saturating_sub(used);
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        line = Line::styled(format!("{text}{}", " ".repeat(pad)), theme.selected);
    }
    line.render(area, buf);
    used as u16
}

/// `R² .42  -.41…+.40`: how faithful the map is first, then what black and white stand for, as far as there is room beside
/// the grey of 0.
fn honest(app: &App, theme: &Theme, map: &Map, room: usize) -> String {
    let r2 = match app.r2(map) {
        _ if map.flat || !app.lens.foretells() => String::new(),
        Some(r2) => format!("{}{}", theme.glyph("R² ", "R2 "), measure(r2, 2)),
        None if app.n_judged().is_some() => theme.glyph("R² –", "R2 -").to_owned(),
        None => String::new(),
    };
    // Beside a badge there is room for the number alone.
    let r2 = if r2.width() > room { r2.split_whitespace().last().unwrap_or_default().to_owned() } else { r2 };
    // Of an image black is no ink and white is full ink, always.
    if !app.lens.foretells() && !map.flat {
        return String::new();
    }
    let left = room.saturating_sub(patch(app, map) + if r2.is_empty() { 0 } else { r2.width() + 1 });
    let range = range(map, theme, left.saturating_sub(1));
    match (r2.is_empty(), range.width() <= left) {
        (false, true) if range.width() < left => format!("{r2}  {range}"),
        (false, true) => format!("{r2} {range}"),
        (true, true) => range,
        (_, false) => r2,
    }
}

/// Columns that the grey of 0 takes beside the words.
fn patch(app: &App, map: &Map) -> usize {
    if app.lens.has_sides() && !map.flat { usize::from(zero::WIDTH) + 1 } else { 0 }
}

/// What levels 0 and 255 stand for.
fn range(map: &Map, theme: &Theme, room: usize) -> String {
    if map.flat {
        return "flat".to_owned();
    }
    let text =
        |digits| format!("{}{}{}", signed(map.range.0, digits), theme.glyph("…", ".."), signed(map.range.1, digits));
    let long = text(3);
    if long.width() <= room { long } else { text(2) }
}

/// The name of an output's class, unless it is only the number again.
pub fn class_name(app: &App, node: usize) -> Option<&str> {
    let name = app.plan.class_names.get(node).filter(|_| app.is_output())?;
    (*name != node.to_string()).then_some(name.as_str())
}
