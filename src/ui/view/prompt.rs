//! "go to node", or image, "pick an image": what is typed, in the place of the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::text::thousands;
use crate::ui::app::App;
use crate::ui::theme::Theme;

/// Draws the prompt for a node, or on the data's tab for an image.
pub fn render(app: &App, theme: &Theme, digits: &str, area: Rect, buf: &mut Buffer) {
    let (what, range) = match (&app.survey, app.data.open) {
        (Some(survey), true) => ("go to image ", format!("  0-{}   ", survey.len().saturating_sub(1))),
        (None, true) => ("go to image ", "   ".to_owned()),
        (_, false) => ("go to node ", format!("  0-{}   ", app.n_nodes() - 1)),
    };
    ask(theme, what, digits, &range, area, buf);
}

/// Draws the prompt for an image.
pub fn render_image(app: &App, theme: &Theme, typed: &str, area: Rect, buf: &mut Buffer) {
    let last = thousands(app.plan.test_size.saturating_sub(1) as u64);
    ask(theme, "pick test image ", typed, &format!("  0-{last}, or c3: the next one of class 3   "), area, buf);
}

fn ask(theme: &Theme, what: &'static str, typed: &str, range: &str, area: Rect, buf: &mut Buffer) {
    Clear.render(area, buf);
    Line::from(vec![
        Span::styled(what, theme.title),
        Span::styled(typed, theme.value),
        Span::styled(" ", theme.selected),
        Span::styled(range, theme.label),
        Span::styled("Enter", theme.accent),
        Span::styled(" go  ", theme.value),
        Span::styled("Esc", theme.accent),
        Span::styled(" cancel", theme.value),
    ])
    .render(area, buf);
}
