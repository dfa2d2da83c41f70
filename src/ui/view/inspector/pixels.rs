//! Where a picture of the first layer comes from: its pixels, each with the share that its square has in the sum of all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::origin::picture;
use crate::lens::halves::Halves;
use crate::ui::app::App;
use crate::ui::areas::inspector::{LEGEND, MAP};
use crate::ui::theme::Theme;
use crate::ui::view::node::render_legend;
use crate::ui::view::text::fit;
use crate::ui::widgets::NodeMap;

/// Draws the words, and the pixels that make half of the picture apart from all others.
pub fn render(app: &App, theme: &Theme, halves: &Halves, words: Rect, area: Rect, buf: &mut Buffer) {
    let value = |text: String| Span::styled(text, theme.title);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let first = vec![
        (0, vec![value(format!("{} of {}", halves.n, halves.strong.raw.len()))]),
        (1, vec![label("pixels")]),
        (0, vec![Span::styled(format!("make half of {}", picture(app)), theme.label)]),
        (2, vec![label("(by their squared weights)")]),
    ];
    fit(first, " ", Style::new(), words.width).render(Rect { height: words.height.min(1), ..words }, buf);
    let double = area.width >= 2 * (2 * MAP.0 + 2) + LEGEND && area.height > 2 * MAP.1;
    let zoom = if double { 2 } else { 1 };
    let step = zoom * MAP.0 + 2;
    let parts = [(&halves.strong, "strong half, rim included"), (&halves.rest, "other half")];
    let fit = usize::from((area.width + 2) / step).min(2);
    let mut x = area.x;
    for (map, name) in parts.into_iter().take(fit) {
        let place = Rect { x, y: area.y, width: zoom * MAP.0, height: zoom * MAP.1 }.intersection(area);
        (&NodeMap::new(map, theme).double(double)).render(place, buf);
        let caption = Rect { y: place.bottom(), height: 1, ..place }.intersection(area);
        Line::styled(name, theme.label).render(caption, buf);
        x += step;
    }
    let legend = Rect { x: x - 1, y: area.y, width: LEGEND - 2, height: zoom * MAP.1 }.intersection(area);
    render_legend(theme, &halves.strong, true, legend, buf);
}
