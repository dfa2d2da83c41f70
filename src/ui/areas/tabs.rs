//! The line of tabs: the data, then one a layer; it scrolls where there are more than fit.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::ui::app::{App, Tab};

/// Columns kept free for lens and scale, on lines that have as many again.
const LENS_COLUMNS: u16 = 30;

/// Where the tabs are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tabs {
    /// The visible tabs and their places.
    pub shown: Vec<(Tab, Rect)>,
    /// There are more on the left.
    pub more_left: bool,
    /// There are more on the right.
    pub more_right: bool,
    /// What is left of the line, for lens and scale.
    pub rest: Rect,
}

/// The title of a tab, with a space on either side: ` 1 Hidden 512 `.
#[must_use]
pub fn title(app: &App, tab: Tab) -> String {
    let Tab::Layer(layer) = tab else { return " 0 Data ".to_owned() };
    let kind = if layer + 1 == app.n_layers() { "Output" } else { "Hidden" };
    format!(" {} {kind} {} ", layer + 1, app.width_of(layer))
}

impl Tabs {
    /// The tabs in `line`, with the open one always visible.
    #[must_use]
    pub fn new(line: Rect, app: &App) -> Self {
        let tabs: Vec<Tab> = app.tabs().collect();
        let widths: Vec<u16> = tabs.iter().map(|tab| title(app, *tab).width() as u16).collect();
        let room = if line.width >= 2 * LENS_COLUMNS { line.width - LENS_COLUMNS } else { line.width };
        let fits = |first: usize, last: usize, room: u16| {
            let marks = u16::from(first > 0) + u16::from(last + 1 < widths.len());
            widths[first..=last].iter().sum::<u16>() + marks <= room
        };
        // From the open tab outwards, to the right first, as far as there is room.
        let open = tabs.iter().position(|tab| *tab == app.tab()).unwrap_or(0);
        let (mut first, mut last) = (open, open);
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
        for (tab, width) in tabs.iter().zip(&widths).take(last + 1).skip(first) {
            shown.push((*tab, Rect { x, width: *width, ..line }.intersection(line)));
            x += width;
        }
        let more_right = last + 1 < widths.len();
        let end = (x + u16::from(more_right)).min(line.right());
        let rest = Rect { x: end, width: line.right() - end, ..line };
        Self { shown, more_left: first > 0, more_right, rest }
    }
}
