//! The map of the node, or how it differs from another one's.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use crate::lens::node::NodeReport;
use crate::lens::{Map, Scale};
use crate::ui::app::App;
use crate::ui::areas::inspector::Portrait;
use crate::ui::theme::Theme;
use crate::ui::view::node::render_legend;
use crate::ui::widgets::NodeMap;

/// Draws the map with its legend.
pub fn render(app: &App, theme: &Theme, report: &NodeReport, portrait: &Portrait, buf: &mut Buffer) {
    let difference = difference(app, report);
    let map = difference.as_ref().unwrap_or(&report.map);
    (&NodeMap::new(map, theme).double(portrait.double)).render(portrait.map, buf);
    render_legend(theme, map, difference.is_some() || app.lens.has_sides(), portrait.legend, buf);
    if let (Some(_), Some(taken)) = (difference, app.taken()) {
        // The legend has free rows between its ends and its middle.
        let says = |row: u16, text: String, buf: &mut Buffer| {
            let area = Rect {
                x: portrait.legend.x + 1,
                y: portrait.legend.y + row,
                width: portrait.legend.width - 1,
                height: 1,
            };
            Line::styled(text, theme.warn).render(area.intersection(portrait.legend), buf);
        };
        says(1, taken.to_string(), buf);
        says(portrait.legend.height.saturating_sub(2), app.cursor().to_string(), buf);
    }
}

/// The map of the node that was taken less that of the one under the cursor, where bright is more of the first.
#[must_use]
pub fn difference(app: &App, report: &NodeReport) -> Option<Map> {
    app.taken()?;
    // The lens takes the other one off the node in focus.
    let raw: Vec<f32> = report.difference.as_ref()?.raw.iter().map(|v| -v).collect();
    let range = Scale::Symmetric.range(&raw, (0.0, 0.0));
    Some(Map::new(report.node, &raw, range, 28, None))
}
