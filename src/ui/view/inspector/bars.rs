//! How a node answers to each class.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

use crate::ui::app::App;
use crate::ui::theme::Theme;
use crate::ui::view::ranking::class_label;
use crate::ui::view::text::{cut, measure, signed};

/// Columns of a value.
const VALUE: u16 = 6;
/// Columns of a class's name, at most.
const NAME: usize = 12;

/// Draws a bar a class, with a heading where there is a row for it.
pub fn render_classes(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let node = app.node_study(app.cursor());
    let Some((means, preferred)) =
        node.and_then(|node| Some((node.class_means?, node.preference.map(|(class, _)| class))))
    else {
        let why = if app.study.is_some() { "answers by class need the images" } else { "answers are being computed" };
        return Line::styled(cut(why, area.width), theme.label)
            .render(Rect { height: area.height.min(1), ..area }, buf);
    };
    let mut rows = area.y..area.bottom();
    if usize::from(area.height) > means.len()
        && let Some(y) = rows.next()
    {
        let headings = if app.is_output() {
            ["its mean probability, by true class", "mean probability by class"]
        } else {
            ["its mean answer to each class", "mean answer to each class"]
        };
        let heading = headings.into_iter().find(|text| text.len() <= usize::from(area.width)).unwrap_or(headings[1]);
        Line::styled(heading, theme.title).render(Rect { y, height: 1, ..area }, buf);
    }
    let names: Vec<String> = (0..means.len()).map(|class| cut(&class_label(app, class), NAME as u16)).collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(1);
    let bars = area.width.saturating_sub(width as u16 + 1 + VALUE);
    let finite = || means.iter().copied().filter(|mean| mean.is_finite());
    let (low, high) = (finite().fold(0.0, f64::min), finite().fold(0.0, f64::max));
    for (((class, mean), name), y) in means.iter().enumerate().zip(&names).zip(rows) {
        let (style, quiet) =
            if preferred == Some(class) { (theme.accent, theme.accent) } else { (theme.value, theme.label) };
        let row = Rect { y, height: 1, ..area };
        let value = match mean {
            mean if !mean.is_finite() => theme.glyph("–", "-").to_owned(),
            mean if app.is_output() => measure(*mean, 3),
            mean if low < 0.0 => signed(*mean as f32, 3),
            mean => signed(*mean as f32, 3).trim_start_matches('+').to_owned(),
        };
        let bar = if mean.is_finite() { bar(theme, *mean, (low, high), usize::from(bars)) } else { String::new() };
        let pad = " ".repeat(usize::from(bars).saturating_sub(bar.width()));
        Line::from(vec![
            Span::styled(format!("{name:<width$} "), style),
            Span::styled(bar, quiet),
            Span::styled(format!("{pad}{value:>6}"), theme.label),
        ])
        .render(row, buf);
    }
}

/// A bar from zero to `value` on a line of `width` columns that stands for `low` to `high`; in eighths of a column.
fn bar(theme: &Theme, value: f64, (low, high): (f64, f64), width: usize) -> String {
    if high <= low || width == 0 {
        return String::new();
    }
    let at = |v: f64| ((v - low) / (high - low) * (width * 8) as f64).round() as usize;
    let (zero, end) = (at(0.0), at(value));
    // Left of zero whole columns do: there are no eighths that grow to the left.
    let start = zero.min(end) / 8;
    let (full, rest) =
        if value >= 0.0 { ((end / 8).saturating_sub(start), end % 8) } else { (zero.div_ceil(8) - start, 0) };
    let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let rest = if theme.palette.ascii { "" } else { eighths[rest] };
    format!("{}{}{rest}", " ".repeat(start), theme.glyph("█", "#").repeat(full))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::palette::{Depth, Palette};

    #[test]
    fn bars_begin_at_zero_and_end_at_the_value() {
        let theme = Theme::new(Palette { depth: Depth::Ansi256, ascii: false, light: false });
        let show = |value, range| bar(&theme, value, range, 8);
        assert_eq!(show(1.0, (0.0, 1.0)), "████████");
        assert_eq!(show(0.5, (0.0, 1.0)), "████");
        assert_eq!(show(0.578_125, (0.0, 1.0)), "████▋");
        assert_eq!(show(0.0, (0.0, 1.0)), "");
        assert_eq!(show(0.5, (-1.0, 1.0)), "    ██");
        assert_eq!(show(-0.5, (-1.0, 1.0)), "  ██");
        assert_eq!(show(0.0, (0.0, 0.0)), "");
    }
}
