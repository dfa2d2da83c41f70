//! Which maps the screen needs.

use std::sync::Arc;

use super::App;
use crate::lens::worker::Request;
use crate::lens::{Map, NodeId, Sight};

impl App {
    /// What is visible now; `None` where no map is.
    #[must_use]
    pub fn sight(&self) -> Option<Sight> {
        let areas = self.areas()?;
        let to = self.wants_likeness_to();
        let focus = to.or_else(|| areas.node.map(|node| node.area).or(areas.inspector).map(|_| self.cursor()));
        let (nodes, side) = match areas.grid {
            Some(grid) => (self.page_nodes(&grid), usize::from(grid.size.side())),
            None => (Vec::new(), 28),
        };
        (focus.is_some() || !nodes.is_empty()).then_some(Sight {
            lens: self.lens,
            scale: self.scale,
            layer: self.layer,
            nodes,
            side,
            focus,
            minus: self.taken().filter(|_| to.is_none()),
            alike: to.is_some(),
            since: self.since().cloned(),
            ..Sight::default()
        })
    }

    /// The maps that the screen needs of the newest snapshot; `None` before there is one or where no map is visible.
    /// The loop numbers it.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let snapshot = Arc::clone(self.snapshot.as_ref()?);
        Some(Request { id: 0, snapshot, sight: self.sight()? })
    }

    /// The map of a node of the open layer as it is to be seen now, if it has been computed.
    #[must_use]
    pub fn map(&self, node: usize, side: usize) -> Option<&Map> {
        let page = self.page.as_ref()?;
        if (page.sight.lens, page.sight.scale, page.sight.layer) != (self.lens, self.scale, self.layer) {
            return None;
        }
        let node = NodeId { layer: self.layer, index: node };
        page.maps.iter().find(|map| map.node == node && map.side == side)
    }

    /// Everything known of the node under the cursor as it is to be seen now, if it has been computed.
    #[must_use]
    pub fn report(&self) -> Option<&crate::lens::node::NodeReport> {
        let page = self.page.as_ref()?;
        let node = NodeId { layer: self.layer, index: self.cursor() };
        let shown = (page.sight.lens, page.sight.scale) == (self.lens, self.scale);
        page.focus.as_ref().filter(|report| report.node == node && shown)
    }
}
