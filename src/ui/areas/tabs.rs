//! The line of tabs: one a layer; it scrolls where there are more than fit.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::ui::app::App;

/// Columns kept free for lens and scale, on lines that have as many again.
const LENS_COLUMNS: u16 = 30;

/// Where the tabs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tabs {
    /// The visible tabs: index of the layer, and its place.
    pub shown: Vec<(usize, Rect)>,
    /// There are more on the left.
    pub more_left: bool,
    /// There are more on the right.
    pub more_right: bool,
    /// What is left of the line, for lens and scale.
    pub rest: Rect,
}

/// The title of a layer's tab, with a space on either side: ` 1 Hidden 512 `.
#[must_use]
pub fn title(app: &App, layer: usize) -> String {
    let kind = if layer + 1 == app.n_layers() { "Output" } else { "Hidden" };
    format!(" {} {kind} {} ", layer + 1, app.width_of(layer))
}

impl Tabs {
    /// The tabs in `line`, with the open one always visible.
    #[must_use]
    pub fn new(line: Rect, app: &App) -> Self {
        let widths: Vec<u16> = (0..app.n_layers()).map(|layer| title(app, layer).width() as u16).collect();
        let room = if line.width >= 2 * LENS_COLUMNS { line.width - LENS_COLUMNS } else { line.width };
        let fits = |first: usize, last: usize, room: u16| {
            let marks = u16::from(first > 0) + u16::from(last + 1 < widths.len());
            widths[first..=last].iter().map(|w| w + 1).sum::<u16>() + marks <= room + 1
        };
        // From the open tab outwards, to the right first, as far as there is room.
        let (mut first, mut last) = (app.layer, app.layer);
        loop {
            if last + 1 < widths.len() && fits(first, last + 1, room) {
                last += 1;
            } else if first > 0 && fits(first - 1, last, room) {
                first -= 1;
            } else {
                break;
            }
        }
        let mut x = line.x + u16::from(first > 0);
        let mut shown = Vec::new();
        for (layer, width) in widths.iter().enumerate().take(last + 1).skip(first) {
            shown.push((layer, Rect { x, width: *width, ..line }.intersection(line)));
            x += width + 1;
        }
        let more_right = last + 1 < widths.len();
        let end = (x + u16::from(more_right)).min(line.right());
        let rest = Rect { x: end, width: line.right() - end, ..line };
        Self { shown, more_left: first > 0, more_right, rest }
    }
}
