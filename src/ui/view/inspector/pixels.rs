//! Where a picture of the first layer comes from: its pixels, each with the share that its square has in the sum of all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::origin::picture;
use crate::lens::{Map, NodeId, Scale};
use crate::ui::app::App;
use crate::ui::areas::inspector::{LEGEND, MAP};
use crate::ui::theme::Theme;
use crate::ui::view::node::render_legend;
use crate::ui::view::text::fit;
use crate::ui::widgets::NodeMap;

/// Draws the words, and the pixels that make half of the picture apart from all others.
pub fn render(app: &App, theme: &Theme, words: Rect, area: Rect, buf: &mut Buffer) {
    let Some(snapshot) = &app.snapshot else { return };
    let Some(layer) = snapshot.model.layers.first().filter(|layer| app.cursor() < layer.nodes()) else { return };
    let weights: Vec<f32> = layer.weight.row(app.cursor()).to_vec();
    let (strongest, half) = strongest(&weights);
    if half == 0 || weights.len() != 28 * 28 {
        return;
    }
    let value = |text: String| Span::styled(text, theme.title);
    let label = |text: &'static str| Span::styled(text, theme.label);
    let first = vec![
        (0, vec![value(format!("{half} of {}", weights.len()))]),
        (1, vec![label("pixels")]),
        (0, vec![Span::styled(format!("make half of {}", picture(app)), theme.label)]),
        (2, vec![label("(by their squared weights)")]),
    ];
    fit(first, " ", Style::new(), words.width).render(Rect { height: words.height.min(1), ..words }, buf);
    let range = Scale::Symmetric.range(&weights, (0.0, 0.0));
    let only = |pixels: &[usize]| {
        let mut some = vec![0.0; weights.len()];
        for &p in pixels {
            some[p] = weights[p];
        }
        Map::new(NodeId { layer: 0, index: app.cursor() }, &some, range, 28, None)
    };
    let double = area.width >= 2 * (2 * MAP.0 + 2) + LEGEND && area.height > 2 * MAP.1;
    let zoom = if double { 2 } else { 1 };
    let step = zoom * MAP.0 + 2;
    let halves = [(only(&strongest[..half]), "the strong half"), (only(&strongest[half..]), "the other half")];
    let fit = usize::from((area.width + 2) / step).min(2);
    let mut x = area.x;
    for (map, name) in halves.iter().take(fit) {
        let place = Rect { x, y: area.y, width: zoom * MAP.0, height: zoom * MAP.1 }.intersection(area);
        (&NodeMap::new(map, theme).double(double)).render(place, buf);
        let caption = Rect { y: place.bottom(), height: 1, ..place }.intersection(area);
        Line::styled(*name, theme.label).render(caption, buf);
        x += step;
    }
    let legend = Rect { x: x - 1, y: area.y, width: LEGEND - 2, height: zoom * MAP.1 }.intersection(area);
    render_legend(theme, &halves[0].0, legend, buf);
}

/// All pixels, the one with the highest absolute weight first; and how many of them have half of the sum of squares.
fn strongest(weights: &[f32]) -> (Vec<usize>, usize) {
    let square = |p: &usize| f64::from(weights[*p]).powi(2);
    let mut pixels: Vec<usize> = (0..weights.len()).collect();
    pixels.sort_by(|a, b| square(b).total_cmp(&square(a)));
    let all: f64 = pixels.iter().map(square).sum();
    let mut sum = 0.0;
    let reaches = |p: &usize| {
        sum += square(p);
        sum >= all / 2.0
    };
    let half = pixels.iter().position(reaches).filter(|_| all > 0.0).map_or(0, |i| i + 1);
    (pixels, half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_picture_is_half_of_its_squares() {
        assert_eq!(strongest(&[1.0, -3.0, 2.0, 0.0]), (vec![1, 2, 0, 3], 1));
        assert_eq!(strongest(&[1.0, -1.0, 1.0, 1.0]), (vec![0, 1, 2, 3], 2));
        assert_eq!(strongest(&[0.0; 3]).1, 0);
    }
}
