//! The grid of maps: sizes, columns, pages of places that nodes stand in. Cells come by division; a layout solver for each of them would be waste.

use std::ops::Range;

use ratatui::layout::Rect;

/// The size of a map: one character shows two pixels, one above the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapSize {
    /// 28x14 cells: every pixel.
    #[default]
    Full,
    /// 24x12 cells.
    Large,
    /// 20x10 cells.
    Medium,
    /// 14x7 cells: thumbnails, each pixel the mean of four.
    Small,
}

/// A page with fewer maps than this is no overview.
const USEFUL_PAGE: usize = 20;
/// Free columns between two maps, at most.
const WIDEST_GAP: u16 = 4;
/// Rows under each map.
const CAPTION: u16 = 1;

impl MapSize {
    /// All sizes, largest first.
    pub const ALL: [Self; 4] = [Self::Full, Self::Large, Self::Medium, Self::Small];

    /// Pixels along one side.
    #[must_use]
    pub fn side(self) -> u16 {
        match self {
            Self::Full => 28,
            Self::Large => 24,
            Self::Medium => 20,
            Self::Small => 14,
        }
    }

    /// Columns of cells.
    #[must_use]
    pub fn width(self) -> u16 {
        self.side()
    }

    /// Rows of cells.
    #[must_use]
    pub fn height(self) -> u16 {
        self.side() / 2
    }

    /// The next larger size.
    #[must_use]
    pub fn larger(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|size| size.side() > self.side())
    }

    /// The next smaller size.
    #[must_use]
    pub fn smaller(self) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.side() < self.side())
    }
}

/// A page of maps, row by row from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The first map's corner, and how far the grid may go.
    pub area: Rect,
    /// Size of each map.
    pub size: MapSize,
    /// Maps side by side, at least 1.
    pub columns: u16,
    /// Rows of maps, at least 1.
    pub rows: u16,
    /// Free columns between two maps, and free rows.
    gap: (u16, u16),
}

impl Grid {
    /// The grid for a layer of `n_nodes` in `area`: of the size asked for if one map of it fits, else of the largest
    /// size that shows the whole layer, or where none does, of the largest that still makes a useful page.
    #[must_use]
    pub fn new(area: Rect, n_nodes: usize, size: Option<MapSize>) -> Self {
        let fits = |size: &MapSize| size.width() <= area.width && size.height() + CAPTION <= area.height;
        let grid = |size| Self::of_size(area, n_nodes, size);
        if let Some(size) = size.filter(fits) {
            return grid(size);
        }
        let grids = || MapSize::ALL.into_iter().filter(fits).map(grid);
        grids()
            .find(|grid| grid.per_page() >= n_nodes)
            .or_else(|| grids().find(|grid| grid.per_page() >= USEFUL_PAGE))
            .unwrap_or_else(|| grid(MapSize::Small))
    }

    fn of_size(area: Rect, n_nodes: usize, size: MapSize) -> Self {
        let (width, height) = (size.width(), size.height() + CAPTION);
        let mut columns = ((area.width + 1) / (width + 1)).max(1);
        let rows = (area.height / height).max(1);
        if n_nodes <= usize::from(columns) * usize::from(rows) {
            // The whole layer fits: rather two rows of five than seven and three.
            let needed = n_nodes.div_ceil(usize::from(columns)).max(1);
            columns = (n_nodes.div_ceil(needed) as u16).clamp(1, columns);
        }
        let used_rows = (n_nodes.div_ceil(usize::from(columns)) as u16).clamp(1, rows);
        let free = (area.width.saturating_sub(columns * width), area.height.saturating_sub(used_rows * height));
        let gap = (
            free.0.checked_div(columns - 1).map_or(0, |gap| gap.min(WIDEST_GAP)),
            // The last free row is worth more below the grid.
            free.1.saturating_sub(1).checked_div(used_rows - 1).map_or(0, |gap| gap.min(1)),
        );
        Self { area, size, columns, rows, gap }
    }

    /// Maps on a page, at least 1.
    #[must_use]
    pub fn per_page(&self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// The places on the same page as `place`, of `n` places in all.
    #[must_use]
    pub fn page_places(&self, place: usize, n: usize) -> Range<usize> {
        let first = place / self.per_page() * self.per_page();
        first..(first + self.per_page()).min(n)
    }

    /// Number of the page that `place` is on, from 0, and of all pages.
    #[must_use]
    pub fn page(&self, place: usize, n: usize) -> (usize, usize) {
        (place / self.per_page(), n.div_ceil(self.per_page()))
    }

    /// Rows of cells that a page of a layer of `n_nodes` takes.
    #[must_use]
    pub fn height(&self, n_nodes: usize) -> u16 {
        let rows = (n_nodes.div_ceil(usize::from(self.columns)) as u16).clamp(1, self.rows);
        rows * (self.size.height() + CAPTION) + (rows - 1) * self.gap.1
    }

    /// Where the map at a place of the page is (0 = top left).
    #[must_use]
    pub fn map(&self, place: usize) -> Rect {
        let (column, row) = (place as u16 % self.columns, place as u16 / self.columns);
        Rect {
            x: self.area.x + column * (self.size.width() + self.gap.0),
            y: self.area.y + row * (self.size.height() + CAPTION + self.gap.1),
            width: self.size.width(),
            height: self.size.height(),
        }
        .intersection(self.area)
    }

    /// What the last row leaves free on its right, on a page of `n` maps.
    #[must_use]
    pub fn free(&self, n: usize) -> Option<Rect> {
        let last = self.map(n.checked_sub(1)?);
        let x = last.right() + self.gap.0.max(1);
        let height = last.height + CAPTION;
        let free = Rect { x, y: last.y, width: self.area.right().saturating_sub(x), height }.intersection(self.area);
        (!n.is_multiple_of(usize::from(self.columns)) && n <= self.per_page()).then_some(free)
    }

    /// Where its caption is.
    #[must_use]
    pub fn caption(&self, place: usize) -> Rect {
        let map = self.map(place);
        Rect { y: map.bottom(), height: CAPTION, ..map }.intersection(self.area)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grid(width: u16, height: u16, n_nodes: usize) -> Grid {
        Grid::new(Rect::new(1, 4, width, height), n_nodes, None)
    }

    #[test]
    fn the_default_shows_the_whole_layer_as_large_as_it_can() {
        // The bodies of 120x40, 80x24 and 200x60.
        for (width, height, n_nodes, size, columns) in [
            (83, 33, 10, MapSize::Medium, 4),
            (83, 33, 512, MapSize::Small, 5),
            (79, 17, 10, MapSize::Small, 5),
            (79, 17, 512, MapSize::Small, 5),
            (147, 52, 10, MapSize::Full, 5),
            (147, 52, 512, MapSize::Large, 5),
        ] {
            let grid = grid(width, height, n_nodes);
            assert_eq!((grid.size, grid.columns), (size, columns), "{width}x{height}, {n_nodes} nodes");
        }
    }

    #[test]
    fn sizes_form_a_ladder() {
        assert_eq!(MapSize::Small.larger(), Some(MapSize::Medium));
        assert_eq!(MapSize::Full.larger(), None);
        assert_eq!(MapSize::Full.smaller(), Some(MapSize::Large));
        assert_eq!(MapSize::Small.smaller(), None);
    }

    proptest! {
        #[test]
        fn each_node_has_one_place_and_no_two_overlap(
            width in 14..400u16, height in 8..120u16, n_nodes in 1..3000usize, cursor in 0..3000usize,
            size in 0..5usize,
        ) {
            let cursor = cursor % n_nodes;
            let area = Rect::new(1, 4, width, height);
            let grid = Grid::new(area, n_nodes, MapSize::ALL.get(size).copied());
            let nodes = grid.page_places(cursor, n_nodes);
            prop_assert!(nodes.contains(&cursor));
            let mut last: Option<Rect> = None;
            for place in 0..nodes.len() {
                let (map, caption) = (grid.map(place), grid.caption(place));
                prop_assert_eq!((map.width, map.height), (grid.size.width(), grid.size.height()));
                prop_assert_eq!(caption.height, 1);
                prop_assert!(area.union(map.union(caption)) == area);
                if let Some(last) = last {
                    prop_assert!(!map.union(caption).intersects(last));
                }
                last = Some(map.union(caption));
            }
            let (page, pages) = grid.page(cursor, n_nodes);
            prop_assert!(page < pages);
            prop_assert!(grid.height(n_nodes) <= height);
        }
    }
}
