//! Draws the state: this file only decides which panes there are; each pane has a file with one `render`. [`super::areas`]
//! says where they stand (and has a drawing of the screen).

mod curves;
mod data;
mod download;
mod gallery;
mod header;
pub mod help;
mod image;
mod inspector;
mod node;
mod prompt;
pub mod ranking;
mod sentence;
mod status;
mod tabs;
pub mod text;
mod trust;
pub mod words;
mod zero;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::app::{App, Overlay};
use super::areas::MINIMUM;
use super::theme::Theme;

/// Draws everything on `buf`, whatever its size.
pub fn render(app: &App, buf: &mut Buffer) {
    let theme = Theme::of(app);
    let Some(areas) = app.areas().filter(|_| app.screen() == buf.area) else {
        too_small(&theme, buf);
        return;
    };
    header::render(app, &theme, areas.header, buf);
    tabs::render(app, &theme, &areas.tabs, buf);
    if let Some(data) = &areas.data {
        data::render(app, &theme, data, buf);
    }
    if let Some(grid) = &areas.grid {
        gallery::render(app, &theme, grid, buf);
    }
    for (chart, area) in &areas.charts {
        curves::render(app, &theme, *chart, *area, buf);
    }
    if let Some(area) = areas.trust {
        trust::render(app, &theme, area, buf);
    }
    if let Some(area) = areas.top {
        inspector::render_top(app, &theme, area, buf);
    }
    if let Some(area) = areas.image {
        image::render(app, &theme, area, buf);
    }
    if let Some(area) = areas.strip {
        curves::render_strip(app, &theme, area, buf);
    }
    if let Some(node) = areas.node {
        node::render(app, &theme, node, buf);
    }
    if let Some(sheet) = app.sheet() {
        inspector::render(app, &theme, &sheet, buf);
    }
    status::render_page_line(app, &theme, &areas, buf);
    status::render_sentence(app, &theme, &areas, buf);
    status::render_keys(app, &theme, &areas, buf);
    download::render_failure(app, &theme, buf.area, buf);
    match &app.overlay {
        Overlay::None => {}
        Overlay::Help { scroll } => help::render(app, &theme, *scroll, buf),
        Overlay::GoTo(digits) => prompt::render(app, &theme, digits, areas.status, buf),
        Overlay::Image(typed) => prompt::render_image(app, &theme, typed, areas.status, buf),
    }
}

/// What a screen too small for anything says: the size it needs, as far as it fits.
fn too_small(theme: &Theme, buf: &mut Buffer) {
    let (width, height) = MINIMUM;
    let lines = [
        Line::styled("weightscope", theme.accent),
        Line::styled(format!("needs {width}x{height}"), theme.value),
        Line::styled(format!("has {}x{}", buf.area.width, buf.area.height), theme.label),
    ];
    // The one line that must be seen, where there is only one.
    let lines = if buf.area.height < 3 { &lines[1..2] } else { &lines[..] };
    let top = buf.area.y + (buf.area.height.saturating_sub(lines.len() as u16)) / 2;
    for (line, y) in lines.iter().zip(top..buf.area.bottom()) {
        line.clone().centered().render(Rect { y, height: 1, ..buf.area }, buf);
    }
}
