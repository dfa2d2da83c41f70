//! "go to node": what is typed, in the place of the status line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::ui::app::App;
use crate::ui::theme::Theme;

/// Draws the prompt.
pub fn render(app: &App, theme: &Theme, digits: &str, area: Rect, buf: &mut Buffer) {
    Clear.render(area, buf);
    Line::from(vec![
        Span::styled("go to node ", theme.title),
        Span::styled(digits, theme.value),
        Span::styled(" ", theme.selected),
        Span::styled(format!("  0-{}   ", app.n_nodes() - 1), theme.label),
        Span::styled("Enter", theme.accent),
        Span::styled(" go  ", theme.value),
        Span::styled("Esc", theme.accent),
        Span::styled(" cancel", theme.value),
    ])
    .render(area, buf);
}
