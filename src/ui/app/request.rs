//! Which maps the screen needs.

use std::sync::Arc;

use super::App;
use crate::lens::worker::Request;
use crate::lens::{Map, NodeId, Page, Sight};

impl App {
    /// What is visible now; `None` where nothing is. Where no map is, as beside the data or the curves alone, no node is in
    /// it: the numbers of the network are wanted all the same.
    #[must_use]
    pub fn sight(&self) -> Option<Sight> {
        let areas = self.areas()?;
        let to = self.wants_likeness_to();
        let pane = areas.node.map(|node| node.area).or(areas.inspector).or(areas.image);
        let focus = to.or_else(|| pane.map(|_| self.cursor()));
        let (nodes, side) = match areas.grid {
            Some(grid) => (self.page_nodes(&grid), usize::from(grid.size.side())),
            None => (Vec::new(), 28),
        };
        Some(Sight {
            lens: self.lens,
            over: self.over(),
            centred: self.is_centred(),
            why: self.why(),
            scale: self.scale,
            layer: self.layer,
            nodes,
            side,
            focus,
            minus: self.taken().filter(|_| to.is_none()),
            alike: to.is_some(),
            since: self.since().cloned(),
        })
    }

    /// The maps that the screen needs of the newest snapshot; `None` before there is one or where nothing is visible.
    /// The loop numbers it.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        let snapshot = Arc::clone(self.snapshot.as_ref()?);
        Some(Request { id: 0, snapshot, sight: self.sight()? })
    }

    /// The newest page, if it is what is to be seen now.
    #[must_use]
    pub fn right_page(&self) -> Option<&Page> {
        let page = self.page.as_deref()?;
        let sight = &page.sight;
        let seen = (sight.lens, sight.over, sight.centred, sight.scale, sight.layer);
        (seen == (self.lens, self.over(), self.is_centred(), self.scale, self.layer)).then_some(page)
    }

    /// The map of a node of the open layer as it is to be seen now, if it has been computed.
    #[must_use]
    pub fn map(&self, node: usize, side: usize) -> Option<&Map> {
        let page = self.right_page()?;
        let node = NodeId { layer: self.layer, index: node };
        page.maps.iter().find(|map| map.node == node && map.side == side)
    }

    /// Everything known of the node under the cursor as it is to be seen now, if it has been computed.
    #[must_use]
    pub fn report(&self) -> Option<&crate::lens::node::NodeReport> {
        let node = NodeId { layer: self.layer, index: self.cursor() };
        self.right_page()?.focus.as_ref().filter(|report| report.node == node)
    }
}
