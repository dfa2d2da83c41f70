//! The inspector: which part of a picture the cursor is on, and the way down through the layers.

use ratatui::layout::Position;

use super::{App, Panes};
use crate::lens::NodeId;
use crate::lens::node::{Origin, Part};
use crate::ui::areas::inspector::{PartsGrid, Sheet, sheets};

/// What the reader does in the inspector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspector {
    /// The page of its panes, where not all fit on the screen.
    pub page: usize,
    /// The node of the layer below that the cursor is on, once it was moved.
    part: Option<usize>,
    /// The nodes above, each with the part that was followed from there.
    way: Vec<(NodeId, usize)>,
    /// The node that another one is taken off.
    taken: Option<NodeId>,
}

impl App {
    /// The pages of the inspector and what stands on them, if it is open.
    #[must_use]
    pub fn sheets(&self) -> Option<Vec<Sheet>> {
        Some(sheets(self.areas()?.inspector?))
    }

    /// The page of the inspector that is shown.
    #[must_use]
    pub fn sheet(&self) -> Option<Sheet> {
        let sheets = self.sheets()?;
        sheets.get(self.inspector.page.min(sheets.len() - 1)).copied()
    }

    /// The nodes above the one that is inspected, from where the way down began.
    pub fn way(&self) -> impl Iterator<Item = NodeId> {
        self.inspector.way.iter().map(|(node, _)| *node)
    }

    /// The node of the open layer whose map the one under the cursor is taken off.
    #[must_use]
    pub fn taken(&self) -> Option<usize> {
        self.inspector.taken.filter(|taken| taken.layer == self.layer).map(|taken| taken.index)
    }

    /// Which nodes below make the inspected picture, if it is known.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.report()?.origin.as_ref()
    }

    /// The parts of the inspected picture that fit into `grid`, row by row.
    #[must_use]
    pub fn parts_shown(&self, grid: &PartsGrid) -> Vec<&[Part]> {
        let Some(origin) = self.origin() else { return Vec::new() };
        let columns = usize::from(grid.columns.max(1));
        let fit = |parts: &[Part], rows: u16| parts.len().min(columns * usize::from(rows));
        let made_by = &origin.parts[..fit(&origin.parts, grid.rows)];
        let against = &origin.against[..fit(&origin.against, grid.rows_against)];
        made_by.chunks(columns).chain(against.chunks(columns)).collect()
    }

    /// The node below that the cursor is on.
    #[must_use]
    pub fn part(&self) -> Option<usize> {
        let first = || self.origin()?.parts.first().map(|part| part.map.node.index);
        self.inspector.part.or_else(first)
    }

    /// Forgets the way down: whoever goes elsewhere by himself is no longer on it.
    pub(super) fn leave_the_way(&mut self) {
        self.inspector.way.clear();
        self.inspector.part = None;
    }

    /// Opens the inspector, or follows the part under the cursor down a layer.
    pub(super) fn inspect(&mut self) {
        if !self.inspecting {
            self.open_inspector();
        } else if self.panes == Panes::Curves {
            self.show_gallery();
        } else {
            self.follow();
        }
    }

    pub(super) fn open_inspector(&mut self) {
        self.inspecting = true;
        // The inspector is about all images: what was just said of a picked one would mislead.
        self.forget_message();
        self.inspector.page = 0;
        self.leave_the_way();
        self.show_gallery();
    }

    fn follow(&mut self) {
        let Some(below) = self.layer.checked_sub(1) else {
            return self.say("this layer sees the pixels themselves: nothing lies below");
        };
        let Some(part) = self.part() else {
            let known = self.report().is_some();
            return self.say(if known { "no node below makes this picture" } else { "not computed yet" });
        };
        self.inspector.way.push((NodeId { layer: self.layer, index: self.cursor() }, part));
        self.inspector.part = None;
        self.go_to(NodeId { layer: below, index: part });
    }

    /// Comes back up the way, leaves the difference or closes the inspector: one of them at a time.
    pub(super) fn back(&mut self) {
        if self.taken().is_some() || !self.inspecting {
            self.inspector.taken = None;
        } else if let Some((above, part)) = self.inspector.way.pop() {
            self.go_to(above);
            self.inspector.part = Some(part);
        } else {
            self.inspecting = false;
        }
    }

    fn go_to(&mut self, node: NodeId) {
        self.layer = node.layer;
        self.cursors[node.layer] = node.index;
        self.rank();
    }

    /// Takes the node under the cursor, so that the next one is taken off it; again, leaves that.
    pub(super) fn take(&mut self) {
        if self.taken().is_some() {
            self.inspector.taken = None;
            return;
        }
        let index = self.cursor();
        self.inspector.taken = Some(NodeId { layer: self.layer, index });
        let kind = if self.is_output() { "output" } else { "node" };
        // A small gallery has no room for the difference.
        let is_shown = self.inspecting || self.areas().is_some_and(|areas| areas.node.is_some());
        self.say(if is_shown {
            format!("{kind} {index} taken: now {index} minus the one under the cursor")
        } else {
            format!("{kind} {index} taken: Enter on another one shows {index} minus it")
        });
    }

    /// The next page of the inspector, round and round.
    pub(super) fn next_sheet(&mut self) {
        match self.sheets().map_or(1, |sheets| sheets.len()) {
            1 => self.say("all there is to know is on the screen"),
            n => self.inspector.page = (self.inspector.page.min(n - 1) + 1) % n,
        }
    }

    /// Puts the cursor on the part at `position`; a second time, follows it.
    pub(super) fn click_part(&mut self, position: Position) {
        let Some(grid) = self.sheet().and_then(|sheet| sheet.parts) else { return };
        let Some((row, column)) = grid.at(position) else { return };
        let part = self.parts_shown(&grid).get(row).and_then(|row| row.get(column)).map(|part| part.map.node.index);
        if part.is_some() && part == self.part() {
            self.follow();
        } else if part.is_some() {
            self.inspector.part = part;
        }
    }

    /// Moves the cursor over the parts of the picture; turns to their page first if they are on another one.
    pub(super) fn move_part(&mut self, right: isize, down: isize) {
        let Some(sheets) = self.sheets() else { return };
        if self.layer == 0 {
            return self.say("pixels have no inspector of their own: PgDn and PgUp go from node to node");
        }
        let now = self.inspector.page.min(sheets.len() - 1);
        let Some(grid) = sheets[now].parts else {
            self.inspector.page = sheets.iter().position(|sheet| sheet.parts.is_some()).unwrap_or(now);
            return;
        };
        let rows: Vec<Vec<usize>> =
            self.parts_shown(&grid).iter().map(|row| row.iter().map(|part| part.map.node.index).collect()).collect();
        let at = self.part().and_then(|part| {
            rows.iter().enumerate().find_map(|(y, row)| Some((y, row.iter().position(|node| *node == part)?)))
        });
        // A part that is no longer among those shown: begin with the first.
        let Some((y, x)) = at else {
            self.inspector.part = rows.first().and_then(|row| row.first()).copied();
            return;
        };
        let all: Vec<usize> = rows.concat();
        let to = if down == 0 {
            let place = rows[..y].iter().map(Vec::len).sum::<usize>() + x;
            place.checked_add_signed(right).and_then(|place| all.get(place))
        } else {
            y.checked_add_signed(down).and_then(|y| rows.get(y)).and_then(|row| row.get(x.min(row.len() - 1)))
        };
        if let Some(node) = to {
            self.inspector.part = Some(*node);
        }
    }
}
