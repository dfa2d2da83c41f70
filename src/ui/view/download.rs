//! The download of MNIST: a bar while it goes on, what to do at its end, and why it failed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Widget, Wrap};

use super::text::{Piece, fit};
use crate::ui::app::App;
use crate::ui::app::download::Download;
use crate::ui::keys::Action;
use crate::ui::theme::Theme;

/// Columns of the bar.
const BAR: usize = 16;

/// The line of the download, in at most `width` columns; `None` if there is nothing to say.
pub fn line<'a>(app: &App, theme: &Theme, width: u16) -> Option<Line<'a>> {
    let key = key(app, theme);
    let hint = |text: &'static str| vec![Span::styled(key.clone(), theme.accent), Span::styled(text, theme.value)];
    let pieces: Vec<Piece<'a>> = match app.download.as_ref()? {
        Download::Running { received, total } => {
            let share = (*received as f64 / (*total).max(1) as f64).clamp(0.0, 1.0);
            let done = (BAR as f64 * share) as usize;
            let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
            vec![
                (2, vec![Span::styled("fetching MNIST", theme.title)]),
                (
                    1,
                    vec![
                        Span::styled(theme.glyph("━", "=").repeat(done), theme.accent),
                        Span::styled(theme.glyph("─", "-").repeat(BAR - done), theme.label),
                    ],
                ),
                (0, vec![Span::styled(format!("{}/{} MB", megabytes(*received), megabytes(*total)), theme.value)]),
                (3, hint(" gives up")),
            ]
        }
        Download::Done { .. } => {
            vec![(1, vec![Span::styled("MNIST is here", theme.good)]), (0, hint(" trains on it"))]
        }
        Download::Failed { .. } => {
            vec![(0, vec![Span::styled("the download failed", theme.bad)]), (1, hint(" tries again"))]
        }
        Download::GivenUp => return None,
    };
    Some(fit(pieces, "  ", Style::new(), width))
}

fn key(app: &App, theme: &Theme) -> String {
    app.options.keys.chords(Action::Fetch).first().map_or_else(String::new, |chord| chord.label(theme.palette.ascii))
}

/// Why the download failed, over the middle of `screen`, until Esc closes it.
pub fn render_failure(app: &App, theme: &Theme, screen: Rect, buf: &mut Buffer) {
    let (true, Some(Download::Failed { why, help })) = (app.is_failure_shown, &app.download) else { return };
    let mut lines = vec![Line::default()];
    lines.extend(why.iter().map(|line| Line::styled(line.clone(), theme.value)));
    lines.push(Line::default());
    lines.push(Line::styled(help.clone(), theme.value));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled(key(app, theme), theme.accent),
        Span::styled(" tries again   ", theme.value),
        Span::styled("Esc", theme.accent),
        Span::styled(" closes", theme.value),
    ]));
    let width = screen.width.saturating_sub(4).min(100);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let rows: usize = lines.iter().map(|line| line.width().div_ceil(room).max(1)).sum();
    // A word that goes to the next line takes its end along.
    let height = (rows + 3).min(usize::from(screen.height.saturating_sub(6))) as u16;
    let area =
        Rect { x: screen.x + (screen.width - width) / 2, y: screen.y + (screen.height - height) / 2, width, height };
    Clear.render(area, buf);
    let border = if theme.palette.ascii { ASCII_BORDER } else { BorderType::Plain.to_border_set() };
    let block = Block::bordered()
        .border_set(border)
        .border_style(theme.label)
        .title(Span::styled(" MNIST could not be fetched ", theme.bad));
    let inside = block.inner(area);
    block.render(area, buf);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    Paragraph::new(lines).wrap(Wrap { trim: false }).render(inside, buf);
}

const ASCII_BORDER: ratatui::symbols::border::Set<'static> = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};
