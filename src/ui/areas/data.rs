//! The tab that shows the data: classes and their images, and beside them, or in their place, who inks which pixel.
//!
//! ```text
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ink of all 60,000 images            classes, title
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒          ▼
//! 0 5,923        1 6,742        2 5,958          ▶▒▒▒▒▒▒▒▒▒▒▒▒▒▒◀ 77 %                 map, legend
//! 7: images 1-10 of 6,265                         ▒▒▒▒▒▒▒▒▒▒▒▒▒▒  0                    samples_title
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒          ▲
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒ ▒▒▒▒▒▒▒▒▒▒▒▒▒▒    7 ██████████     64.8 %  66.6 %     samples, bars
//! #15            #29            #38               mean .1307   67 pixels never inked   facts
//! ```

use ratatui::layout::{Position, Rect};

use super::grid::{Grid, MapSize};
use super::{SIDE_FROM, split_top};
use crate::ui::app::{App, Panes};

/// Columns of the list of classes that stands in for their mean images.
const LIST: u16 = 19;
/// Columns of the pane of pixels, and with the map doubled.
const INK: [u16; 2] = [40, 68];
/// Columns from the map to what stands beside it: the cursor's mark and the legend.
const BESIDE: u16 = 12;
/// Rows of the map with its title and the cursor's marks above and below.
const MARKED_MAP: u16 = 17;
/// Rows above the bars: what is asked about, and the columns' headings.
const BAR_HEADS: u16 = 2;
/// Rows of the numbers of the whole set where they stand in lines of several.
const FACTS: u16 = 2;

/// Where everything is on the data's tab. What is `None` is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataAreas {
    /// Whether there is room for the pixels beside the images.
    pub wide: bool,
    /// The classes' mean images.
    pub classes: Option<Grid>,
    /// A list of the classes, where their mean images do not fit; the first place of the samples then has the mean.
    pub list: Option<Rect>,
    /// Which samples are shown.
    pub samples_title: Rect,
    /// Images of the class under the cursor.
    pub samples: Option<Grid>,
    /// Who inks what.
    pub ink: Option<InkAreas>,
    /// The numbers of the whole set.
    pub facts: Rect,
}

/// Where the ink map is, and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InkAreas {
    /// Whose ink.
    pub title: Rect,
    /// The map of 28x28 pixels.
    pub map: Rect,
    /// Whether each pixel takes two whole cells.
    pub double: bool,
    /// What black and white stand for, at the right of the map.
    pub legend: Rect,
    /// What is asked about, and the bars of the classes.
    pub bars: Rect,
}

impl DataAreas {
    /// Where everything is in `body`.
    #[must_use]
    pub fn new(body: Rect, app: &App) -> Self {
        let n_classes = app.n_classes();
        let wide = body.width + 1 >= SIDE_FROM && body.height >= MARKED_MAP + BAR_HEADS + n_classes as u16;
        let nowhere = Rect { width: 0, height: 0, ..body };
        let mut areas =
            Self { wide, classes: None, list: None, samples_title: nowhere, samples: None, ink: None, facts: nowhere };
        if if wide { app.panes == Panes::Curves } else { app.data.on_pixels } {
            areas.place_ink(body, n_classes, true);
            return areas;
        }
        let mut left = body;
        if wide && app.panes == Panes::Both {
            let is_roomy = body.width >= INK[1] + 120 && body.height >= 28 + 5 + n_classes as u16 + BAR_HEADS;
            let width = INK[usize::from(is_roomy)];
            left.width = body.width - width - 2;
            areas.place_ink(Rect { x: left.right() + 2, width, ..body }, n_classes, false);
        }
        areas.place_classes(left, n_classes);
        areas
    }

    /// Mean images above samples, or a list beside samples.
    fn place_classes(&mut self, area: Rect, n_classes: usize) {
        // The samples keep half of the rows.
        let half = Rect { height: area.height / 2, ..area };
        let fits = |size: &MapSize| size.width() <= half.width && size.height() < half.height;
        let means = MapSize::ALL.into_iter().filter(fits).map(|size| Grid::new(half, n_classes, Some(size)));
        let means = means.into_iter().find(|grid| grid.per_page() >= n_classes);
        let rest = if let Some(means) = means {
            self.classes = Some(means);
            split_top(area, means.height(n_classes)).1
        } else {
            let width = LIST.min(area.width);
            let (list, below) = split_top(Rect { width, ..area }, n_classes as u16);
            self.list = Some(list);
            self.facts = split_top(below, 1).1;
            Rect { x: area.x + width + 1, width: (area.width - width).saturating_sub(1), ..area }
        };
        let (title, samples) = split_top(rest, u16::from(rest.height > MapSize::Small.height() + 1));
        self.samples_title = title;
        let grid = |size| Grid::new(samples, usize::MAX, Some(size));
        let roomy = [MapSize::Full, MapSize::Large, MapSize::Medium].into_iter().map(grid);
        self.samples = Some(roomy.into_iter().find(|grid| grid.per_page() >= 10).unwrap_or(grid(MapSize::Small)));
    }

    /// The ink map, and the bars beside it or below it.
    fn place_ink(&mut self, area: Rect, n_classes: usize, beside: bool) {
        let double = area.width >= INK[1] + if beside { 40 } else { 0 } && area.height >= 28 + 2;
        let (width, height) = if double { (56, 28) } else { (28, 14) };
        // The cursor's marks above and below the map go before its title.
        let margin = u16::from(area.height >= height + 2);
        let (title, rest) = split_top(area, u16::from(area.height > height + 2));
        let map = Rect { x: rest.x + 1, y: rest.y + margin, width, height }.intersection(area);
        let legend = Rect { x: map.right() + 2, width: BESIDE - 3, ..map }.intersection(area);
        let rows = n_classes as u16 + BAR_HEADS;
        let (bars, below) = if beside {
            let x = map.right() + BESIDE;
            let column = Rect { x, width: area.right().saturating_sub(x).min(INK[1]), ..area };
            split_top(column, rows)
        } else {
            let (_, column) = split_top(area, map.bottom() + margin - area.y);
            let free = column.height.saturating_sub(rows);
            split_top(split_top(column, u16::from(free > 0)).1, rows)
        };
        let free = below.height.saturating_sub(FACTS);
        self.facts = split_top(below, u16::from(free > 0)).1;
        self.ink = Some(InkAreas { title, map, double, legend, bars });
    }

    /// The class whose mean image or line is at `position`.
    #[must_use]
    pub fn class_at(&self, position: Position, n_classes: usize) -> Option<usize> {
        let line = |list: Rect| list.contains(position).then(|| usize::from(position.y - list.y));
        let place = |grid: Grid| (0..n_classes).find(|&c| grid.map(c).union(grid.caption(c)).contains(position));
        self.list.and_then(line).or_else(|| self.classes.and_then(place)).filter(|&class| class < n_classes)
    }

    /// The pixel at `position`: row and column. A cell that shows two of them stands for the upper one.
    #[must_use]
    pub fn pixel_at(&self, position: Position) -> Option<(usize, usize)> {
        let ink = self.ink.filter(|ink| ink.map.contains(position))?;
        let (x, y) = (usize::from(position.x - ink.map.x), usize::from(position.y - ink.map.y));
        Some(if ink.double { (y, x / 2) } else { (2 * y, x) })
    }

    /// Classes side by side.
    #[must_use]
    pub fn class_columns(&self) -> isize {
        self.classes.map_or(1, |grid| isize::from(grid.columns.cast_signed()))
    }

    /// Places of the samples that images take: one has the mean where nothing else shows it.
    #[must_use]
    pub fn samples_a_page(&self) -> usize {
        self.samples.map_or(1, |grid| grid.per_page().saturating_sub(usize::from(self.list.is_some())).max(1))
    }

    /// The first image of the page of samples that has image number `rank` of its class.
    #[must_use]
    pub fn first_sample(&self, rank: usize) -> usize {
        rank - rank % self.samples_a_page()
    }
}
