//! Browsing by what the nodes are like: sort, filter, likeness, mark.
//!
//! An order is taken when a key asks for one, when the page is turned and while nothing trains; never under the reader's
//! eyes. The cursor stays on its node, or at the beginning if it stands there.

use std::sync::Arc;

use super::ranking::{Filter, Order, Sort};
use super::{App, next};
use crate::lens::sight::Moment;
use crate::lens::study::NodeStudy;
use crate::session::Snapshot;
use crate::ui::areas::Grid;
use crate::ui::keys::Action;

/// What the reader has asked for, and what came of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Browse {
    /// What the nodes are put in order by.
    pub sort: Sort,
    /// Which of them are shown.
    pub filter: Filter,
    /// Another order of one layer: by how alike the nodes are to one of them.
    pub likeness: Option<Likeness>,
    /// The order of each layer; `None` where nothing was asked for.
    orders: Vec<Option<Order>>,
    /// The network as the run began.
    start: Option<Moment>,
    /// The network as the reader marked it.
    mark: Option<Moment>,
}

/// How alike the nodes of a layer are to one of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// Index of the layer.
    pub layer: usize,
    /// The node that the others are compared with.
    pub to: usize,
    /// Training step of `values`.
    pub step: u64,
    /// Correlation of its plain map with that of each node; none while they are being computed.
    pub values: Option<Vec<Option<f32>>>,
}

impl Browse {
    /// Whether changes are counted from a mark.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.mark.is_some()
    }
}

impl App {
    /// The order of the open layer, if it is not just that of the numbers.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        self.browse.orders.get(self.layer)?.as_ref()
    }

    /// The nodes of the open layer that are shown, in order; the one under the cursor is always among them.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        self.order().map_or_else(|| (0..self.n_nodes()).collect(), |order| order.nodes(self.cursor()))
    }

    /// The place of the node under the cursor among [`Self::shown`].
    #[must_use]
    pub fn place(&self) -> usize {
        self.shown().iter().position(|node| *node == self.cursor()).unwrap_or(0)
    }

    /// The nodes on the page that the cursor is on.
    #[must_use]
    pub fn page_nodes(&self, grid: &Grid) -> Vec<usize> {
        let shown = self.shown();
        let places = grid.page_places(self.place(), shown.len());
        shown[places].to_vec()
    }

    /// What is known of a node of the open layer.
    #[must_use]
    pub fn node_study(&self, node: usize) -> Option<&NodeStudy> {
        self.nodes_study()?.get(node)
    }

    fn nodes_study(&self) -> Option<&[NodeStudy]> {
        let nodes = self.study.as_ref()?.layers.get(self.layer)?.nodes.as_slice();
        (nodes.len() == self.n_nodes()).then_some(nodes)
    }

    /// How alike the nodes are to one of them, where that is the order of the open layer.
    #[must_use]
    pub fn likeness(&self) -> Option<&Likeness> {
        self.browse.likeness.as_ref().filter(|likeness| likeness.layer == self.layer)
    }

    /// Whether the nodes of the open layer stand in the order of the R² of their plain maps.
    #[must_use]
    pub fn is_by_faithfulness(&self) -> bool {
        self.order().is_some() && self.likeness().is_none() && self.browse.sort == Sort::Faithfulness
    }

    /// The value that a node of the open layer is ranked by, if it is known.
    #[must_use]
    pub fn ranked_by(&self, node: usize) -> Option<f64> {
        match self.likeness() {
            Some(likeness) => likeness.values.as_ref()?.get(node).copied().flatten().map(f64::from),
            None => self.browse.sort.value(self.node_study(node)?),
        }
    }

    /// The earlier network that changes are measured from: the marked one, or that of the beginning. None if it is still
    /// the same.
    #[must_use]
    pub fn since(&self) -> Option<&Moment> {
        let now = &self.snapshot.as_ref()?.model;
        self.browse.mark.as_ref().or(self.browse.start.as_ref()).filter(|moment| !Arc::ptr_eq(&moment.model, now))
    }

    /// The node that all others of the open layer are still to be compared with.
    #[must_use]
    pub fn wants_likeness_to(&self) -> Option<usize> {
        self.likeness().filter(|likeness| likeness.values.is_none()).map(|likeness| likeness.to)
    }

    /// Takes the order of the open layer anew.
    pub(super) fn rank(&mut self) {
        let order = self.newest_order();
        self.browse.orders.resize(self.n_layers().max(self.layer + 1), None);
        self.browse.orders[self.layer] = order;
    }

    fn newest_order(&self) -> Option<Order> {
        let Browse { sort, filter, .. } = self.browse;
        if (sort, filter) == (Sort::Number, Filter::All) && self.likeness().is_none() {
            return None;
        }
        let values: Vec<Option<f64>> = (0..self.n_nodes()).map(|node| self.ranked_by(node)).collect();
        let nodes = self.nodes_study();
        let admitted = nodes.map_or_else(
            || vec![filter == Filter::All; self.n_nodes()],
            |nodes| nodes.iter().map(|node| filter.admits(node)).collect(),
        );
        let step = match self.likeness() {
            Some(likeness) => likeness.values.as_ref().map(|_| likeness.step),
            None => self.study.as_ref().filter(|_| nodes.is_some()).map(|study| study.step),
        };
        Some(Order::new(&values, admitted, step))
    }

    /// Follows new numbers where nobody is kept from reading by it.
    pub(super) fn rank_if_calm(&mut self) {
        let waits = self.order().is_some_and(|order| order.step.is_none());
        if waits || self.is_paused() {
            self.rank();
        }
    }

    /// Takes in how alike the nodes are, if the newest page says so.
    pub(super) fn take_likeness(&mut self) {
        let (Some(to), Some(page)) = (self.wants_likeness_to(), self.page.clone()) else { return };
        let Some(report) = page.focus.as_ref().filter(|r| (r.node.layer, r.node.index) == (self.layer, to)) else {
            return;
        };
        if let (Some(values), Some(likeness)) = (&report.alike, &mut self.browse.likeness) {
            (likeness.values, likeness.step) = (Some(values.clone()), page.step);
            self.rank();
        }
    }

    /// Begins anew what belongs to one run, if `snapshot` is of another run than the one before it.
    pub(super) fn notice_restart(&mut self, snapshot: &Snapshot) {
        let before = self.snapshot.as_ref();
        if before.is_some_and(|before| before.step <= snapshot.step && before.plan.seed == snapshot.plan.seed) {
            return;
        }
        let Browse { sort, filter, .. } = self.browse;
        let start = Some(Moment { step: snapshot.step, model: Arc::clone(&snapshot.model) });
        self.browse = Browse { sort, filter, start, ..Browse::default() };
        self.study = None;
        self.rank();
    }

    /// Answers to a key that browses.
    pub(super) fn browse(&mut self, action: Action) {
        match action {
            Action::NextSort => self.next_sort(1),
            Action::PreviousSort => self.next_sort(-1),
            Action::NextFilter => self.next_filter(1),
            Action::PreviousFilter => self.next_filter(-1),
            Action::Mark => self.mark(),
            Action::Similar => self.similar(),
            _ => return,
        }
        self.show_gallery();
    }

    /// The next sort of which anything is known in this layer.
    fn next_sort(&mut self, by: isize) {
        let Some(nodes) = self.nodes_study() else { return self.say(NO_NUMBERS) };
        let known = |sort: &Sort| *sort == Sort::Number || nodes.iter().any(|node| sort.value(node).is_some());
        // The sort that was left for likeness counts as seen too.
        let sorts: Vec<Sort> = Sort::ALL.into_iter().filter(|s| known(s) || *s == self.browse.sort).collect();
        let first = self.place() == 0;
        self.browse.sort = next(&sorts, self.browse.sort, by);
        self.browse.likeness = None;
        self.rank();
        self.stay_first(first);
    }

    /// The next filter that any node of this layer passes.
    fn next_filter(&mut self, by: isize) {
        let Some(nodes) = self.nodes_study() else { return self.say(NO_NUMBERS) };
        let passes = |filter: &Filter| nodes.iter().any(|node| filter.admits(node));
        let filters: Vec<Filter> = Filter::all(self.plan.class_names.len())
            .into_iter()
            .filter(|filter| passes(filter) || *filter == self.browse.filter)
            .collect();
        let first = self.place() == 0;
        self.browse.filter = next(&filters, self.browse.filter, by);
        self.rank();
        let cursor = self.cursor();
        self.stay_first(first || self.order().is_some_and(|order| !order.admits(cursor)));
    }

    /// Whoever stood at the beginning wants to see the beginning; everybody else stays on their node.
    fn stay_first(&mut self, first: bool) {
        let cursor = self.cursor();
        let nodes = self.shown();
        let admitted = |node: &&usize| self.order().is_none_or(|order| order.admits(**node));
        let node = nodes.iter().find(admitted).copied().filter(|_| first);
        self.put_cursor(node.unwrap_or(cursor));
    }

    /// Marks the network as it is now; on the very same one, takes the mark off again.
    fn mark(&mut self) {
        let Some(snapshot) = &self.snapshot else { return self.say("there is no network to mark yet") };
        let now = Moment { step: snapshot.step, model: Arc::clone(&snapshot.model) };
        if self.browse.mark.as_ref() == Some(&now) {
            self.browse.mark = None;
            self.say("mark taken off: change counts from the start again");
        } else {
            self.say(format!("step {} marked: change counts from here", now.step));
            self.browse.mark = Some(now);
        }
    }

    /// Puts the nodes most like the one under the cursor first; again, leaves that.
    fn similar(&mut self) {
        if self.likeness().is_some() {
            self.browse.likeness = None;
            self.rank();
            return;
        }
        if self.snapshot.is_none() {
            return self.say("there is no network yet");
        }
        let (layer, to) = (self.layer, self.cursor());
        self.browse.likeness = Some(Likeness { layer, to, step: 0, values: None });
        self.rank();
    }
}

const NO_NUMBERS: &str = "the numbers of the nodes are still being computed";
