//! The line of tabs: the data and the layers on the left, lens and scale on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::text::fit;
use super::words;
use crate::ui::app::{App, Tab};
use crate::ui::areas::{Tabs, tabs};
use crate::ui::theme::Theme;

/// Draws the tabs.
pub fn render(app: &App, theme: &Theme, tabs: &Tabs, buf: &mut Buffer) {
    for (tab, area) in &tabs.shown {
        let style = if *tab == app.tab() { theme.selected } else { theme.value };
        Line::styled(tabs::title(app, *tab), style).render(*area, buf);
    }
    let mark = |x: u16, text: &'static str, buf: &mut Buffer| {
        Span::styled(text, theme.accent).render(Rect { x, width: 1, ..tabs.rest }.intersection(buf.area), buf);
    };
    if let (true, Some((_, first))) = (tabs.more_left, tabs.shown.first()) {
        mark(first.x.saturating_sub(1), theme.glyph("‹", "<"), buf);
    }
    if tabs.more_right {
        mark(tabs.rest.x.saturating_sub(1), theme.glyph("›", ">"), buf);
    }
    if app.tab() == Tab::Data {
        return;
    }
    let line = lens_and_scale(app, theme, tabs.rest.width.saturating_sub(2));
    if line.width() + 2 <= usize::from(tabs.rest.width) {
        let width = line.width() as u16 + 1;
        line.render(Rect { x: tabs.rest.right() - width, width, ..tabs.rest }, buf);
    }
}

/// `lens plain W1·W2   scale per node`, or less of it in fewer columns.
fn lens_and_scale<'a>(app: &App, theme: &Theme, width: u16) -> Line<'a> {
    let label = |text: &'static str| Span::styled(text, theme.label);
    let lens = |formula: String| {
        let mut spans = vec![label("lens "), Span::styled(words::lens_name(app.lens), theme.value)];
        if let Some(images) = words::over_name(app) {
            spans.extend([label(" over "), Span::styled(images, theme.value)]);
        }
        if app.is_centred() {
            spans.push(Span::styled(" centred", theme.warn));
        }
        spans.push(Span::styled(formula, theme.label));
        spans
    };
    let scale = || vec![label("scale "), Span::styled(words::scale_name(app.scale), theme.value)];
    let formula = words::formula(app.lens, app.layer, theme.palette.ascii);
    let long = fit(vec![(0, lens(format!(" {formula}"))), (0, scale())], "   ", Style::new(), u16::MAX);
    if long.width() <= usize::from(width) {
        return long;
    }
    fit(vec![(0, lens(String::new())), (1, scale())], "   ", Style::new(), width)
}
