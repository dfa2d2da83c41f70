//! "go to node", or image: what is typed, in the place of the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::ui::app::App;
use crate::ui::theme::Theme;

/// Draws the prompt.
pub fn render(app: &App, theme: &Theme, digits: &str, area: Rect, buf: &mut Buffer) {
    Clear.render(area, buf);
    let (what, last) = match (&app.survey, app.data.open) {
        (Some(survey), true) => ("image", format!("  0-{}   ", survey.len().saturating_sub(1))),
        (None, true) => ("image", "   ".to_owned()),
        (_, false) => ("node", format!("  0-{}   ", app.n_nodes() - 1)),
    };
    Line::from(vec![
        Span::styled(format!("go to {what} "), theme.title),
        Span::styled(digits, theme.value),
        Span::styled(" ", theme.selected),
        Span::styled(last, theme.label),
        Span::styled("Enter", theme.accent),
        Span::styled(" go  ", theme.value),
        Span::styled("Esc", theme.accent),
        Span::styled(" cancel", theme.value),
    ])
    .render(area, buf);
}
