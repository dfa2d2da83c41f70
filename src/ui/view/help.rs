//! The help screen, made from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use crate::ui::app::App;
use crate::ui::keys::{Group, TABLE};
use crate::ui::theme::Theme;

/// Columns of the keys.
const KEYS: usize = 18;
/// Columns of keys and help together.
const COLUMN: u16 = 62;

/// Draws the help screen over everything, scrolled down by `scroll` lines as far as there are more.
pub fn render(app: &App, theme: &Theme, scroll: u16, buf: &mut Buffer) {
    Clear.render(buf.area, buf);
    let area = Rect {
        x: buf.area.x + 2,
        y: buf.area.y + 1,
        width: buf.area.width.saturating_sub(3),
        height: buf.area.height.saturating_sub(2),
    };
    let [head, body] = [
        Rect { height: area.height.min(1), ..area },
        Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area },
    ];
    Line::from(vec![
        Span::styled("weightscope", theme.accent),
        Span::styled("  keys", theme.title),
        Span::styled("   (names for config.ron: README.md)   Esc closes", theme.label),
    ])
    .render(head, buf);
    let columns: Vec<Vec<Line<'_>>> = if body.width >= 2 * COLUMN - 10 {
        vec![lines(app, theme, &[Group::Move, Group::Look]), lines(app, theme, &[Group::Train, Group::Program])]
    } else {
        vec![lines(app, theme, &Group::ALL)]
    };
    let n_lines = columns.iter().map(Vec::len).max().unwrap_or(0);
    // No empty screen at the end.
    let first = usize::from(scroll).min(n_lines.saturating_sub(usize::from(body.height)));
    let width = body.width / columns.len() as u16;
    for (column, x) in columns.into_iter().zip((body.x..).step_by(usize::from(width.max(1)))) {
        for (line, y) in column.into_iter().skip(first).zip(body.y..body.bottom()) {
            line.render(Rect { x, y, width, height: 1 }.intersection(body), buf);
        }
    }
    if first + usize::from(body.height) < n_lines {
        let foot = Rect { y: buf.area.bottom() - 1, height: 1, ..area };
        Line::styled(theme.glyph("↓ more", "down: more"), theme.accent).render(foot, buf);
    }
}

fn lines<'a>(app: &App, theme: &Theme, groups: &[Group]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for group in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(group.title(), theme.title));
        for row in TABLE.iter().filter(|row| row.group == *group) {
            let keys = app.options.keys.row_label(row, theme.palette.ascii);
            let pad = " ".repeat(KEYS.saturating_sub(keys.width()));
            lines.push(Line::from(vec![
                Span::styled(format!("{keys}{pad}  "), theme.accent),
                Span::styled(row.help, theme.value),
            ]));
        }
    }
    lines
}
