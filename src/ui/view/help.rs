//! The help screen, made from the key table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};
use unicode_width::UnicodeWidthStr;

use super::words;
use crate::ui::app::App;
use crate::ui::keys::{Group, TABLE};
use crate::ui::theme::Theme;

/// Columns of the keys.
const KEYS: usize = 17;
/// Columns of keys and help together.
const COLUMN: u16 = 59;

/// Draws the help screen over everything, scrolled down by `scroll` lines as far as there are more.
pub fn render(app: &App, theme: &Theme, scroll: u16, buf: &mut Buffer) {
    Clear.render(buf.area, buf);
    let area = inner(buf.area);
    Line::from(vec![
        Span::styled("weightscope", theme.accent),
        Span::styled("  help", theme.title),
        Span::styled("   Esc closes", theme.label),
    ])
    .render(Rect { height: area.height.min(1), ..area }, buf);
    let body = body(area);
    let first = scroll.min(last_scroll(app, buf.area));
    for (line, y) in lines(app, theme, body.width).into_iter().skip(usize::from(first)).zip(body.y..body.bottom()) {
        line.render(Rect { y, height: 1, ..body }, buf);
    }
    if first < last_scroll(app, buf.area) {
        let foot = Rect { y: buf.area.bottom() - 1, height: 1, ..area };
        Line::styled(theme.glyph("↓ more", "down: more"), theme.accent).render(foot, buf);
    }
}

/// How many lines the help can be scrolled down, so that no empty screen follows its end.
#[must_use]
pub fn last_scroll(app: &App, screen: Rect) -> u16 {
    let body = body(inner(screen));
    let theme = Theme::new(app.options.palette);
    (lines(app, &theme, body.width).len() as u16).saturating_sub(body.height)
}

fn inner(screen: Rect) -> Rect {
    Rect {
        x: screen.x + 2,
        y: screen.y + 1,
        width: screen.width.saturating_sub(3),
        height: screen.height.saturating_sub(2),
    }
}

fn body(inner: Rect) -> Rect {
    Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner }
}

/// All lines: the keys, in two columns where there is room, and a guide to the screen.
fn lines<'a>(app: &App, theme: &Theme, width: u16) -> Vec<Line<'a>> {
    let mut lines = if width + 2 >= 2 * COLUMN {
        let left = keys(app, theme, &[Group::Move, Group::Look]);
        let right = keys(app, theme, &[Group::Browse, Group::Train, Group::Program]);
        let n = left.len().max(right.len());
        let mut right = right.into_iter();
        let mut left = left.into_iter();
        (0..n).map(|_| beside(left.next().unwrap_or_default(), right.next().unwrap_or_default())).collect()
    } else {
        keys(app, theme, &Group::ALL)
    };
    lines.push(Line::default());
    lines.extend(guide(theme));
    lines
}

/// Two lines in one, the second in the second column.
fn beside<'a>(mut left: Line<'a>, right: Line<'a>) -> Line<'a> {
    let pad = usize::from(COLUMN).saturating_sub(left.width());
    left.spans.push(Span::raw(" ".repeat(pad)));
    left.spans.extend(right.spans);
    left
}

fn guide<'a>(theme: &Theme) -> Vec<Line<'a>> {
    let entry = |(term, text): &(&'static str, &'static str)| {
        Line::from(vec![Span::styled(format!("{term:KEYS$}  "), theme.label), Span::styled(*text, theme.value)])
    };
    let title = Line::from(Span::styled("On the screen", theme.title));
    std::iter::once(title).chain(words::GUIDE.iter().map(entry)).collect()
}

fn keys<'a>(app: &App, theme: &Theme, groups: &[Group]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for group in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(Span::styled(group.title(), theme.title)));
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
