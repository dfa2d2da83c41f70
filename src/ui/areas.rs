//! Where everything is: a pure function of the screen's size and the state, so that drawing, paging and mouse clicks
//! can never disagree.
//!
//! ```text
//! weightscope  mnist 60,000 · 784-512-256-10 · rmsprop 0.001              ● training     header
//! epoch 3/6 ━━━━━━━━━━━━━━━━━━──────────  61 %   step 1,717/2,814   63k img/s   0:17 left
//!  0 Data  1 Hidden 512  2 Hidden 256  3 Output 10        lens plain   scale per node    tabs
//! ▒▒▒▒▒▒▒▒▒▒▒▒▒▒  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒  ▒▒▒▒▒▒▒▒▒▒▒▒▒▒       loss                              grid, curves
//!   0 -.41…+.40     1 -.38…+.51     2 -.29…+.33        accuracy
//!                                                      node 0                            node
//! page 1/26 · nodes 0-19 of 512            built-in digits: no MNIST found; …            page line
//! plain: the node's own weights, one a pixel. Bright: ink here raises the node …         sentence
//! Tab layer  ←↓↑→ node  PgDn page  Enter inspect  v lens  Space pause  ? help  q quit    status
//! ```

mod charts;
pub mod data;
pub mod grid;
pub mod inspector;
pub mod tabs;

use ratatui::layout::{Position, Rect};

pub use data::{DataAreas, InkAreas};
pub use grid::{Grid, MapSize};
pub use tabs::Tabs;

use super::app::{App, Chart, Panes, Tab};

/// The smallest screen.
pub const MINIMUM: (u16, u16) = (60, 20);
/// From this width on the side column stands beside the gallery.
const SIDE_FROM: u16 = 100;
/// Columns of the side column: a map of 28, its legend, and more where there is room.
const SIDE_WIDTH: (u16, u16) = (35, 50);
/// Rows of the node's pane: title, map, one line of numbers.
const PREVIEW_ROWS: u16 = 16;
/// Rows of the node's pane with its numbers and its answers by class.
pub const REPORT_ROWS: u16 = 1 + inspector::MAP.1 + 1 + inspector::FACTS + 1 + 11;
/// Rows of the picked image's pane: with a thumbnail of it, and with all its pixels.
const IMAGE_ROWS: (u16, u16) = (27, 34);
/// Columns from which all its pixels and the answers fit side by side.
pub const IMAGE_WIDE: u16 = 46;

/// The node's pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeArea {
    /// Where it is.
    pub area: Rect,
    /// Whether there is room for its numbers, not only the map.
    pub full: bool,
}

/// Where everything is. All areas lie within the screen; those that are `None` are not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Areas {
    /// Two lines: what is trained on what, and how far it is.
    pub header: Rect,
    /// One line of tabs.
    pub tabs: Tabs,
    /// The data, on its tab.
    pub data: Option<DataAreas>,
    /// The maps.
    pub grid: Option<Grid>,
    /// Charts of the run, and what each shows.
    pub charts: Vec<(Chart, Rect)>,
    /// How far to trust the outputs' maps, where there is room for a word more.
    pub trust: Option<Rect>,
    /// The images that the node under the cursor answers most to, where nothing else stands.
    pub top: Option<Rect>,
    /// The picked image, while it is on screen.
    pub image: Option<Rect>,
    /// One line with the newest loss and accuracy, where no chart stands.
    pub strip: Option<Rect>,
    /// The node under the cursor.
    pub node: Option<NodeArea>,
    /// Everything known of it, in place of the gallery.
    pub inspector: Option<Rect>,
    /// Which nodes are shown.
    pub page_line: Rect,
    /// What the pictures mean.
    pub sentence: Rect,
    /// The keys that matter now.
    pub status: Rect,
    /// Where a gallery would stand, whatever is there now.
    gallery: Rect,
}

/// Whether there is room for a column beside the gallery.
#[must_use]
pub fn has_side_column(screen: Rect) -> bool {
    screen.width >= SIDE_FROM
}

impl Areas {
    /// Where everything is on `screen`; `None` when it is smaller than [`MINIMUM`].
    #[must_use]
    pub fn new(screen: Rect, app: &App) -> Option<Self> {
        if screen.width < MINIMUM.0 || screen.height < MINIMUM.1 {
            return None;
        }
        let left = Rect { x: screen.x + 1, width: screen.width - 1, ..screen };
        let (header, rest) = split_top(left, 2);
        let (_, rest) = split_top(rest, u16::from(screen.height > 40));
        let (tabs, rest) = split_top(rest, 1);
        let (rest, status) = split_bottom(rest, 1);
        let (rest, sentence) = split_bottom(rest, if screen.height > 22 { 2 } else { 1 });
        let (body, page_line) = split_bottom(rest, 1);

        let side = has_side_column(screen) && app.panes == Panes::Both;
        let side_width = if side { (screen.width / 4).clamp(SIDE_WIDTH.0, SIDE_WIDTH.1) } else { 0 };
        let gallery = Rect { width: body.width - side_width - u16::from(side), ..body };
        let mut areas = Self {
            header,
            tabs: Tabs::new(tabs, app),
            data: None,
            grid: None,
            charts: Vec::new(),
            trust: None,
            top: None,
            image: None,
            strip: None,
            node: None,
            inspector: None,
            page_line,
            sentence,
            status,
            gallery,
        };
        if app.tab() == Tab::Data {
            areas.data = Some(DataAreas::new(body, app));
        } else if app.panes == Panes::Curves {
            areas.charts = charts::alone(body, app.charts);
        } else if app.looking.open && !side {
            areas.image = Some(body);
        } else if app.inspecting && !app.looking.open {
            areas.inspector = Some(body);
        } else {
            let n = app.shown().len();
            let grid = Grid::new(gallery, n, app.map_size);
            let (_, below) = split_top(gallery, grid.height(n));
            areas.grid = Some(grid);
            if side {
                let column = Rect { x: gallery.right() + 1, width: side_width, ..body };
                areas.place_side_column(column, app);
                areas.place_trust_and_more(below, app);
            } else if app.panes == Panes::Both {
                areas.place_below(below, app);
            }
        }
        Some(areas)
    }

    /// Charts, then the picked image, or the node: its map alone, or with its numbers where they fit.
    fn place_side_column(&mut self, column: Rect, app: &App) {
        // A network that nobody trains has no curves, so that its nodes have more room.
        let two_charts = if app.options.live { 2 * charts::ROWS.0 } else { 0 };
        let (full, wanted) = if column.height >= REPORT_ROWS + two_charts + 4 {
            (true, REPORT_ROWS)
        } else if !app.options.live && column.height >= REPORT_ROWS - 1 {
            (true, column.height.min(REPORT_ROWS))
        } else {
            (false, PREVIEW_ROWS)
        };
        let pane = if app.looking.open {
            let large = column.height >= IMAGE_ROWS.1 && column.width >= IMAGE_WIDE;
            let wanted = if large { IMAGE_ROWS.1 } else { IMAGE_ROWS.0 };
            (if app.options.live { wanted } else { wanted.max(column.height) }).min(column.height)
        } else if column.height >= wanted + two_charts {
            wanted
        } else {
            0
        };
        let (above, rest) = split_top(column, column.height - pane);
        if app.options.live {
            self.charts = charts::stacked(above, app.charts);
        }
        let top = self.charts.last().map_or(column.y, |(_, chart)| chart.bottom());
        let area = Rect { y: top, height: pane, ..rest };
        if app.looking.open {
            self.image = Some(area);
        } else if pane > 0 {
            self.node = Some(NodeArea { area, full });
        }
    }

    /// What the grid leaves free beside a side column: a word on trust, and more charts.
    fn place_trust_and_more(&mut self, below: Rect, app: &App) {
        let Some(grid) = &self.grid else { return };
        if app.is_output() {
            self.trust = grid.free(app.n_nodes()).filter(|free| charts::has_room_for_words(*free));
        }
        let (_, mut below) = split_top(below, 1);
        if app.is_output() && self.trust.is_none() && charts::has_room_for_words(below) {
            let words = Rect { width: charts::WORDS.min(below.width), ..below };
            self.trust = Some(words);
            below = Rect { x: words.right() + 2, width: below.width.saturating_sub(words.width + 2), ..below };
        }
        if !app.options.live {
            self.top = Some(below).filter(|area| area.height >= inspector::TOP && area.width >= inspector::PART.0);
            return;
        }
        let shown = self.charts.len();
        self.charts.extend(charts::beside(below, app.charts, shown));
    }

    /// What the grid leaves free where there is no side column: small charts, or one line of numbers.
    fn place_below(&mut self, below: Rect, app: &App) {
        if app.options.live && below.height >= charts::ROWS.0 {
            let (_, row) = split_top(below, u16::from(below.height > charts::ROWS.0));
            self.charts = charts::beside(row, app.charts, 0);
        } else if below.height > 0 {
            self.strip = Some(split_bottom(below, 1).1);
        }
    }

    /// Whether at least one map of this size fits.
    #[must_use]
    pub fn can_show(&self, size: MapSize) -> bool {
        size.width() <= self.gallery.width && size.height() < self.gallery.height
    }

    /// The tab at `position`.
    #[must_use]
    pub fn tab_at(&self, position: Position) -> Option<Tab> {
        self.tabs.shown.iter().find(|(_, area)| area.contains(position)).map(|(tab, _)| *tab)
    }

    /// The node whose map or caption is at `position`.
    #[must_use]
    pub fn node_at(&self, position: Position, app: &App) -> Option<usize> {
        let grid = self.grid?;
        app.page_nodes(&grid)
            .into_iter()
            .enumerate()
            .find(|(place, _)| grid.map(*place).union(grid.caption(*place)).contains(position))
            .map(|(_, node)| node)
    }
}

/// The top `rows` rows (or all there are), and the rest.
fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// The rest, and the bottom `rows` rows (or all there are).
fn split_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    split_top(area, area.height - rows.min(area.height))
}
