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
/// Columns of a term and its meaning together.
const WORDS: u16 = 80;

/// Draws the help screen over everything, scrolled down by `scroll` lines as far as there are more.
pub fn render(app: &App, theme: &Theme, scroll: u16, buf: &mut Buffer) {
    Clear.render(buf.area, buf);
    let area = inner(buf.area);
    Line::from(vec![
        Span::styled("weightscope", theme.accent),
        Span::styled("  help", theme.title),
        Span::styled("   Esc closes, PgDn goes on", theme.label),
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

/// All lines: the keys, what the pictures are and what the numbers mean, in two columns where there is room.
fn lines<'a>(app: &App, theme: &Theme, width: u16) -> Vec<Line<'a>> {
    let pictures = terms(theme, "The pictures", words::GUIDE);
    let numbers = terms(theme, "The numbers", words::GLOSSARY);
    if width + 2 >= 2 * COLUMN {
        let left = keys(app, theme, &[Group::Move, Group::Look]);
        let right = keys(app, theme, &[Group::Browse, Group::Train, Group::Program]);
        let mut lines = columns(left, right);
        lines.push(Line::default());
        if width >= 2 * WORDS {
            lines.extend(columns(pictures, numbers));
        } else {
            lines.extend(pictures.into_iter().chain([Line::default()]).chain(numbers));
        }
        return lines;
    }
    let gap = || std::iter::once(Line::default());
    keys(app, theme, &Group::ALL).into_iter().chain(gap()).chain(pictures).chain(gap()).chain(numbers).collect()
}

/// One list beside the other.
fn columns<'a>(left: Vec<Line<'a>>, right: Vec<Line<'a>>) -> Vec<Line<'a>> {
    let n = left.len().max(right.len());
    let column = usize::from(COLUMN).max(left.iter().map(|line| line.width() + 3).max().unwrap_or(0));
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    (0..n).map(|_| beside(left.next().unwrap_or_default(), right.next().unwrap_or_default(), column)).collect()
}

/// Two lines in one, the second in the second column.
fn beside<'a>(mut left: Line<'a>, right: Line<'a>, column: usize) -> Line<'a> {
    let pad = column.saturating_sub(left.width());
    left.spans.push(Span::raw(" ".repeat(pad)));
    left.spans.extend(right.spans);
    left
}

/// Terms and what they mean, under a heading.
fn terms<'a>(theme: &Theme, heading: &'static str, terms: &[(&'static str, &'static str)]) -> Vec<Line<'a>> {
    let plain = |text: &'static str| if theme.palette.ascii { text.replace('²', "2") } else { text.to_owned() };
    let entry = |&(term, text): &(&'static str, &'static str)| {
        let term = format!("{:KEYS$}  ", plain(term));
        Line::from(vec![Span::styled(term, theme.label), Span::styled(plain(text), theme.value)])
    };
    std::iter::once(Line::from(Span::styled(heading, theme.title))).chain(terms.iter().map(entry)).collect()
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
