//! The test images that a node answers most to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::ui::app::App;
use crate::ui::areas::inspector::PART;
use crate::ui::theme::Theme;
use crate::ui::view::image::halved;
use crate::ui::view::ranking::class_label;
use crate::ui::view::text::{cut, signed, thousands};
use crate::ui::widgets::MapView;

/// Draws a heading and as many images as fit, row by row, each with its class and the node's sum.
pub fn render(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let heading = Rect { height: area.height.min(1), ..area };
    let label = |text: &str| Line::styled(cut(text, area.width), theme.label);
    let Some(study) = &app.study else {
        return label("the images that it answers most to are being looked for").render(heading, buf);
    };
    let (Some(data), Some(node)) = (&study.data, app.node_study(app.cursor())) else {
        return label("the images that it answers most to need test images").render(heading, buf);
    };
    let n = thousands(study.n_images as u64);
    let sum = if app.is_output() { "score" } else { "sum" };
    let what = format!("{} answers most to", whose(app));
    let glosses =
        [format!(" (of {n} test images; under each class and {sum})"), format!(" (of {n} test images; class, {sum})")];
    let room = usize::from(area.width).saturating_sub(what.len());
    let gloss = glosses.iter().find(|gloss| gloss.len() <= room).unwrap_or(&glosses[1]);
    Line::from(vec![Span::styled(what, theme.title), Span::styled(gloss.as_str(), theme.label)]).render(heading, buf);
    let columns = ((area.width + 1) / (PART.0 + 1)).max(1);
    let places = (0..columns * (area.height.saturating_sub(1) / PART.1)).map(|i| Rect {
        x: area.x + i % columns * (PART.0 + 1),
        y: area.y + 1 + i / columns * PART.1,
        width: PART.0,
        height: PART.1 - 1,
    });
    for (&(image, z), place) in node.top.iter().zip(places) {
        let levels = halved(data.test.image(image));
        (&MapView { levels: &levels, side: 14, double: false, palette: theme.palette }).render(place, buf);
        let class = cut(&class_label(app, data.test.labels()[image].into()), PART.0 - 6);
        Line::from(vec![
            Span::styled(class, theme.title),
            Span::styled(format!(" {}", signed(z as f32, 3)), theme.label),
        ])
        .render(Rect { y: place.bottom(), height: 1, ..place }.intersection(area), buf);
    }
}

fn whose(app: &App) -> String {
    format!("{} {}", if app.is_output() { "output" } else { "node" }, app.cursor())
}
