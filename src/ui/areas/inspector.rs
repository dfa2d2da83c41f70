//! The inspector: what stands where, on as many pages as it takes.

use ratatui::layout::{Position, Rect};

use super::{split_bottom, split_top};

/// Cells of a map, and the columns from it to the end of its legend.
pub const MAP: (u16, u16) = (28, 14);
/// Columns of a map's legend.
pub const LEGEND: u16 = 8;
/// Rows of the numbers, at most.
pub const FACTS: u16 = 6;
/// Rows of the bars, one a class.
const CLASSES: u16 = 10;
/// Rows of the histogram of weights: heading, bars, axis.
const HISTOGRAM: u16 = 4;
/// Rows of the images that the node answers most to: heading, pictures, captions.
pub const TOP: u16 = 1 + PART.1;
/// Columns of the histogram.
const BARS: u16 = 48;
/// Rows of the lists of links, at least.
const LINKS: u16 = 6;
/// Cells of a part's picture with its caption.
pub const PART: (u16, u16) = (14, 8);

/// One page of the inspector. What is `None` is on another page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// Which node it is; of no height where there is no row to spare.
    pub title: Rect,
    /// The map and its legend.
    pub portrait: Option<Portrait>,
    /// The numbers.
    pub facts: Option<Rect>,
    /// Answers by class.
    pub classes: Option<Rect>,
    /// What the picture is made of, in words.
    pub origin: Option<Rect>,
    /// And the pictures that it is made of.
    pub parts: Option<PartsGrid>,
    /// The images that the node answers most to, where there is room.
    pub top: Option<Rect>,
    /// Histogram of the weights.
    pub histogram: Option<Rect>,
    /// Strongest links.
    pub links: Option<Rect>,
}

/// A map and its legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portrait {
    /// Where the map is.
    pub map: Rect,
    /// Whether each pixel takes two cells.
    pub double: bool,
    /// Where its legend is.
    pub legend: Rect,
}

/// The pictures that a map is made of: those for it, and under them those against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartsGrid {
    /// Where they are.
    pub area: Rect,
    /// Pictures side by side, at least 1.
    pub columns: u16,
    /// Rows of pictures with the largest shares.
    pub rows: u16,
    /// Rows of pictures with shares below zero.
    pub rows_against: u16,
}

impl PartsGrid {
    /// One row of each kind.
    fn brief(area: Rect) -> Self {
        let columns = ((area.width + 1) / (PART.0 + 1)).max(1);
        Self { area, columns, rows: 1, rows_against: 1 }
    }

    fn new(area: Rect) -> Self {
        let columns = ((area.width + 1) / (PART.0 + 1)).max(1);
        let rows = (area.height / PART.1).max(1);
        // Four rows of sixteen and more are all there is.
        let rows_against = if rows > 2 { (rows / 2).min(16u16.div_ceil(columns)) } else { 0 };
        let rows = (rows - rows_against).min(16u16.div_ceil(columns));
        // One row more for a heading between the two kinds.
        let area = Rect { height: area.height.min((rows + rows_against) * PART.1 + 1), ..area };
        Self { area, columns, rows, rows_against }
    }

    /// A line above the pictures against the map, where there is one to spare.
    #[must_use]
    pub fn heading_against(&self) -> Option<Rect> {
        let spare = self.area.height > (self.rows + self.rows_against) * PART.1;
        let y = self.area.y + self.rows * PART.1;
        (self.rows_against > 0 && spare).then_some(Rect { y, height: 1, ..self.area })
    }

    /// The place of the picture at `position`.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<(usize, usize)> {
        let rows = 0..usize::from(self.rows + self.rows_against);
        let places = rows.flat_map(|row| (0..usize::from(self.columns)).map(move |column| (row, column)));
        let covers = |(map, caption): (Rect, Rect)| map.union(caption).contains(position);
        places.into_iter().find(|&(row, column)| covers(self.place(row, column)))
    }

    /// Where the picture at a place is, counted row by row over both kinds, and where its caption is.
    #[must_use]
    pub fn place(&self, row: usize, column: usize) -> (Rect, Rect) {
        let row = row as u16;
        let lower = if row >= self.rows { self.heading_against().map_or(0, |heading| heading.height) } else { 0 };
        let cell = Rect {
            x: self.area.x + column as u16 * (PART.0 + 1),
            y: self.area.y + row * PART.1 + lower,
            width: PART.0,
            height: PART.1,
        };
        let (map, caption) = split_bottom(cell, 1);
        (map.intersection(self.area), caption.intersection(self.area))
    }
}

impl Sheet {
    fn empty(title: Rect) -> Self {
        Self {
            title,
            portrait: None,
            facts: None,
            classes: None,
            origin: None,
            parts: None,
            top: None,
            histogram: None,
            links: None,
        }
    }
}

/// The map in the top left corner of `area`, its legend, and the rest to the right and below.
fn portrait(area: Rect, zoom: u16) -> (Portrait, Rect, Rect) {
    let map = Rect { width: zoom * MAP.0, height: zoom * MAP.1, ..area }.intersection(area);
    let legend = Rect { x: map.right() + 1, width: LEGEND - 2, ..map }.intersection(area);
    let x = (map.right() + LEGEND).min(area.right());
    let right = Rect { x, width: area.right() - x, ..area };
    let below = Rect { y: map.bottom(), height: area.bottom() - map.bottom(), ..area };
    (Portrait { map, double: zoom == 2, legend }, right, below)
}

/// The pages of the inspector in `area`: one where everything fits.
#[must_use]
pub fn sheets(area: Rect) -> Vec<Sheet> {
    let (title, rest) = split_top(area, u16::from(area.height > MAP.1));
    if area.width >= 150 && area.height >= 50 {
        vec![wide(title, rest)]
    } else if area.width >= 112 && area.height >= 33 {
        vec![medium(title, rest)]
    } else {
        narrow(title, rest)
    }
}

/// Left the map at double size with its numbers, right what it is made of.
fn wide(title: Rect, area: Rect) -> Sheet {
    let left = Rect { width: 2 * MAP.0 + LEGEND, ..area };
    let (portrait, right, below) = portrait(Rect { width: area.width, ..area }, 2);
    let right = Rect { x: right.x + 1, width: right.width - 1, ..right };
    let below = Rect { y: below.y + 1, width: left.width, height: below.height - 1, ..below };
    let (numbers, histogram) = split_top(below, CLASSES + 2);
    let half = numbers.width / 2;
    let (origin, parts) = split_top(right, 2);
    let grid = PartsGrid::new(Rect { height: parts.height - LINKS - TOP, ..parts });
    let (_, rest) = split_top(parts, grid.area.height);
    let (top, links) = split_top(rest, TOP);
    Sheet {
        portrait: Some(portrait),
        facts: Some(Rect { width: half - 1, ..numbers }),
        classes: Some(Rect { x: numbers.x + half, width: numbers.width - half - 2, height: CLASSES + 1, ..numbers }),
        origin: Some(origin),
        parts: Some(grid),
        top: Some(top),
        histogram: Some(Rect { height: histogram.height.min(2 * HISTOGRAM + 2), ..histogram }),
        links: Some(links),
        ..Sheet::empty(title)
    }
}

/// The same in less room: the map at its own size, the histogram under the parts.
fn medium(title: Rect, area: Rect) -> Sheet {
    let (portrait, right, below) = portrait(area, 1);
    let left = Rect { width: MAP.0 + LEGEND, ..below };
    let (facts, classes) = split_top(left, FACTS + 1);
    let right = Rect { x: right.x + 1, width: right.width - 1, ..right };
    let (right, weights) = split_bottom(right, HISTOGRAM);
    let (origin, parts) = split_top(right, 2);
    let (parts, top) = split_bottom(parts, TOP);
    let (histogram, links) = beside(weights, BARS + 2);
    Sheet {
        portrait: Some(portrait),
        facts: Some(facts),
        classes: Some(Rect { height: classes.height.min(CLASSES + 1), ..classes }),
        origin: Some(origin),
        parts: Some(PartsGrid::brief(parts)),
        top: Some(top),
        histogram: Some(histogram),
        links: Some(links),
        ..Sheet::empty(title)
    }
}

/// Three pages: the map with its numbers, what it is made of, the weights.
fn narrow(title: Rect, area: Rect) -> Vec<Sheet> {
    let (portrait, right, _) = portrait(area, 1);
    let with_classes = right.height >= FACTS + CLASSES;
    let (facts, classes) =
        split_top(right, if with_classes { right.height - CLASSES.min(right.height) } else { right.height });
    let first = Sheet {
        portrait: Some(portrait),
        facts: Some(facts),
        classes: with_classes.then_some(classes),
        ..Sheet::empty(title)
    };
    let (origin, parts) = if area.height.is_multiple_of(PART.1) {
        // Each row counts: the words stand beside the title.
        let room = title.width - title.width * 2 / 5;
        (Rect { x: title.right() - room, width: room, ..title }, area)
    } else {
        split_top(area, (area.height % PART.1).min(2))
    };
    let second = Sheet { origin: Some(origin), parts: Some(PartsGrid::new(parts)), ..Sheet::empty(title) };
    let mut third = Sheet::empty(title);
    let rest = if with_classes {
        area
    } else {
        let (classes, rest) = beside(area, area.width / 2);
        third.classes = Some(Rect { height: classes.height.min(CLASSES + 1), ..classes });
        rest
    };
    let (histogram, links) = split_top(rest, (rest.height / 2).min(HISTOGRAM + 4));
    let (_, links) = split_top(links, u16::from(links.height > 4));
    (third.histogram, third.links) = (Some(histogram), Some(links));
    vec![first, second, third]
}

/// The left `width` columns and the rest.
fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (Rect { width, ..area }, Rect { x: area.x + width, width: area.width - width, ..area })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn panes(sheet: &Sheet) -> Vec<Rect> {
        let portrait = sheet.portrait.map(|p| p.map.union(p.legend));
        let parts = sheet.parts.map(|grid| grid.area);
        [portrait, sheet.facts, sheet.classes, parts, sheet.top, sheet.histogram, sheet.links]
            .into_iter()
            .flatten()
            .collect()
    }

    #[test]
    fn the_pages_of_three_screens() {
        // The bodies of 200x60, 120x40, 80x24 and 60x20.
        for (width, height, n, columns, rows, against) in
            [(199, 52, 1, 9, 2, 2), (119, 33, 1, 5, 1, 1), (79, 17, 3, 5, 2, 0), (59, 14, 3, 4, 1, 0)]
        {
            let sheets = sheets(Rect::new(1, 4, width, height));
            let grid = sheets.iter().find_map(|sheet| sheet.parts).unwrap();
            assert_eq!(
                (sheets.len(), grid.columns, grid.rows, grid.rows_against),
                (n, columns, rows, against),
                "{width}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_pane_is_on_one_page_and_none_covers_another(width in 59..400u16, height in 14..120u16) {
            let area = Rect::new(1, 4, width, height);
            let sheets = sheets(area);
            for pane in [
                |sheet: &Sheet| sheet.portrait.is_some(),
                |sheet: &Sheet| sheet.facts.is_some(),
                |sheet: &Sheet| sheet.classes.is_some(),
                |sheet: &Sheet| sheet.parts.is_some(),
                |sheet: &Sheet| sheet.histogram.is_some(),
                |sheet: &Sheet| sheet.links.is_some(),
            ] {
                prop_assert_eq!(sheets.iter().filter(|sheet| pane(sheet)).count(), 1);
            }
            for sheet in &sheets {
                let panes = panes(sheet);
                for (i, pane) in panes.iter().enumerate() {
                    prop_assert_eq!(area.union(*pane), area);
                    prop_assert!(panes[..i].iter().all(|other| !other.intersects(*pane)), "{:?}", sheet);
                }
                if let Some(classes) = sheet.classes {
                    prop_assert!(classes.height >= CLASSES, "{:?}", classes);
                }
                if let Some(grid) = sheet.parts {
                    let (map, caption) = grid.place(usize::from(grid.rows + grid.rows_against) - 1, usize::from(grid.columns) - 1);
                    prop_assert_eq!((map.width, map.height, caption.height), (14, 7, 1));
                }
            }
        }
    }
}
