//! Where charts stand: as many as have room, from the pair that is asked for on.

use ratatui::layout::Rect;

use crate::ui::app::{Chart, Charts};

/// Rows of a chart: at least, and at most.
pub(super) const ROWS: (u16, u16) = (6, 18);
/// Rows of a chart that has company of more than one other.
const GOOD_ROWS: u16 = 8;
/// Columns of a chart, at least.
const COLUMNS: u16 = 38;
/// Columns of a few sentences.
pub(super) const WORDS: u16 = 44;

/// Whether a few sentences fit.
pub(super) fn has_room_for_words(area: Rect) -> bool {
    area.width >= 32 && area.height >= 7
}

/// Over a whole area: row by row.
pub(super) fn alone(area: Rect, charts: Charts) -> Vec<(Chart, Rect)> {
    let columns = ((area.width + 1) / (COLUMNS + 1)).clamp(1, 3);
    let rows = (area.height / GOOD_ROWS).clamp(1, 6 / columns).min(if columns == 1 { 2 } else { 3 });
    let (width, height) = ((area.width + 2) / columns - 2, area.height / rows);
    let place = |i: u16| Rect {
        x: area.x + i % columns * (width + 2),
        y: area.y + i / columns * height,
        width,
        height: height - u16::from(rows > 1),
    };
    charts.in_order().into_iter().zip((0..columns * rows).map(place)).collect()
}

/// One above the other in a column.
pub(super) fn stacked(area: Rect, charts: Charts) -> Vec<(Chart, Rect)> {
    let n = match area.height {
        0..6 => 0,
        6..12 => 1,
        height => (height / GOOD_ROWS).clamp(2, 6),
    };
    let mut y = area.y;
    let heights = (0..n).map(|i| {
        let height = (area.height / n + u16::from(i < area.height % n)).min(ROWS.1);
        y += height;
        Rect { y: y - height, height, ..area }
    });
    charts.in_order().into_iter().zip(heights).collect()
}

/// Side by side in a row, without the first `shown`, which stand elsewhere.
pub(super) fn beside(area: Rect, charts: Charts, shown: usize) -> Vec<(Chart, Rect)> {
    if area.height < ROWS.0 {
        return Vec::new();
    }
    let left = charts.in_order().into_iter().skip(shown);
    let n = ((area.width + 2) / (COLUMNS + 2)).max(u16::from(area.width >= 20)).min(left.len() as u16);
    let width = (area.width + 2).checked_div(n).map_or(0, |width| width - 2);
    let place = |i: u16| Rect { x: area.x + i * (width + 2), width, height: area.height.min(ROWS.1), ..area };
    left.zip((0..n).map(place)).collect()
}
