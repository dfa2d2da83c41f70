//! In which order the nodes of a layer stand, and which of them are shown.

use crate::lens::firing::Habit;
use crate::lens::study::NodeStudy;

/// What the nodes of a layer are put in order by: the highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Their numbers, the lowest first.
    #[default]
    Number,
    /// Length of the plain map.
    Norm,
    /// R² of the plain map.
    Faithfulness,
    /// Share of the images that they fire on.
    Firing,
    /// How much more they answer to one class than to the others.
    Selectivity,
    /// Structure index of the plain map.
    Structure,
    /// How far the plain map has moved since the start or the mark.
    Change,
}

impl Sort {
    /// All, in the order in which a key goes through them.
    pub const ALL: [Self; 7] =
        [Self::Number, Self::Norm, Self::Faithfulness, Self::Firing, Self::Selectivity, Self::Structure, Self::Change];

    /// What a node is ranked by, if it is known. Nothing is, for its number.
    #[must_use]
    pub fn value(self, node: &NodeStudy) -> Option<f64> {
        match self {
            Self::Number => None,
            Self::Norm => Some(node.norm),
            Self::Faithfulness => node.faithfulness,
            Self::Firing => node.firing,
            Self::Selectivity => node.preference.map(|(_, selectivity)| selectivity),
            Self::Structure => node.structure,
            Self::Change => node.change,
        }
    }
}

/// Which nodes of a layer are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those that fire as often as this.
    Habit(Habit),
    /// Those that answer most to this class.
    Prefers(usize),
}

impl Filter {
    /// All, in the order in which a key goes through them.
    #[must_use]
    pub fn all(n_classes: usize) -> Vec<Self> {
        let habits = [Habit::Dead, Habit::Rare, Habit::AlwaysOn].map(Self::Habit);
        std::iter::once(Self::All).chain(habits).chain((0..n_classes).map(Self::Prefers)).collect()
    }

    /// Whether a node passes it. One of which it is not known does not.
    #[must_use]
    pub fn admits(self, node: &NodeStudy) -> bool {
        match self {
            Self::All => true,
            Self::Habit(habit) => node.habit == Some(habit),
            Self::Prefers(class) => node.preference.is_some_and(|(preferred, _)| preferred == class),
        }
    }
}

/// The nodes of a layer in an order, as it was at one step of the training.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// All nodes, the ones that do not pass the filter among them.
    ranked: Vec<usize>,
    /// Node by node: whether it passes the filter.
    admitted: Vec<bool>,
    /// No node passes the filter, so all are shown.
    pub none_admitted: bool,
    /// Training step that the numbers behind it belong to; `None` while there are none.
    pub step: Option<u64>,
}

impl Order {
    /// The highest value first; of equal ones the lower number; those without a value last.
    #[must_use]
    pub fn new(values: &[Option<f64>], mut admitted: Vec<bool>, step: Option<u64>) -> Self {
        let known = |node: usize| values[node].filter(|value| !value.is_nan());
        let mut ranked: Vec<usize> = (0..values.len()).collect();
        // Stable, so that nodes of equal value stay in the order of their numbers.
        ranked.sort_by(|&a, &b| match (known(a), known(b)) {
            // Adding zero makes -0 the same as 0.
            (Some(a), Some(b)) => (b + 0.0).total_cmp(&(a + 0.0)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        let none_admitted = !admitted.contains(&true);
        if none_admitted {
            admitted.fill(true);
        }
        Self { ranked, admitted, none_admitted, step }
    }

    /// The nodes that are shown, in order: those that pass the filter, and `guest`, whether it does or not.
    #[must_use]
    pub fn nodes(&self, guest: usize) -> Vec<usize> {
        self.ranked.iter().copied().filter(|&node| self.admitted[node] || node == guest).collect()
    }

    /// Whether a node passes the filter.
    #[must_use]
    pub fn admits(&self, node: usize) -> bool {
        self.admitted.get(node).is_some_and(|admitted| *admitted)
    }

    /// How many nodes pass the filter.
    #[must_use]
    pub fn n_admitted(&self) -> usize {
        if self.none_admitted { 0 } else { self.admitted.iter().filter(|admitted| **admitted).count() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(values: &[Option<f64>]) -> Order {
        Order::new(values, vec![true; values.len()], Some(1))
    }

    #[test]
    fn the_highest_comes_first_and_the_unknown_last() {
        let values = [Some(0.5), None, Some(0.75), Some(f64::NAN), Some(0.5), Some(-1.0)];
        assert_eq!(order(&values).nodes(0), [2, 0, 4, 5, 1, 3]);
        assert_eq!(order(&[None; 4]).nodes(0), [0, 1, 2, 3]);
        assert_eq!(order(&[Some(-0.0), Some(0.0)]).nodes(0), [0, 1], "both are zero");
    }

    #[test]
    fn a_guest_stands_in_its_place_among_those_that_pass() {
        let values = [4.0, 3.0, 2.0, 1.0].map(Some);
        let order = Order::new(&values, vec![true, false, false, true], None);
        assert_eq!((order.nodes(0), order.n_admitted()), (vec![0, 3], 2));
        assert_eq!(order.nodes(2), [0, 2, 3]);
        let empty = Order::new(&values, vec![false; 4], None);
        assert_eq!((empty.nodes(0), empty.n_admitted(), empty.none_admitted), (vec![0, 1, 2, 3], 0, true));
    }

    fn value() -> impl Strategy<Value = Option<f64>> {
        // Few different values, so that many are equal.
        prop_oneof![
            Just(None),
            Just(Some(f64::NAN)),
            (-3..3i8).prop_map(|v| Some(f64::from(v) / 2.0)),
            any::<f64>().prop_map(Some)
        ]
    }

    proptest! {
        #[test]
        fn an_order_is_a_permutation_with_the_unknown_last(
            nodes in prop::collection::vec((value(), any::<bool>()), 1..60), guest in 0..60usize,
        ) {
            let (values, admitted): (Vec<_>, Vec<_>) = nodes.iter().copied().unzip();
            let guest = guest % values.len();
            let all = order(&values).nodes(guest);
            let mut sorted = all.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..values.len()).collect::<Vec<_>>());
            let known = |node: usize| values[node].filter(|v| !v.is_nan());
            for pair in all.windows(2) {
                match (known(pair[0]), known(pair[1])) {
                    (Some(a), Some(b)) => prop_assert!(a > b || a >= b && pair[0] < pair[1]),
                    (None, Some(_)) => prop_assert!(false, "the unknown stands before the known"),
                    (Some(_), None) => {}
                    (None, None) => prop_assert!(pair[0] < pair[1]),
                }
            }
            // A filter takes nodes out and moves none.
            let some = Order::new(&values, admitted.clone(), None);
            let expected: Vec<usize> =
                all.iter().copied().filter(|&n| admitted[n] || n == guest || !admitted.contains(&true)).collect();
            prop_assert_eq!(some.nodes(guest), expected);
            prop_assert_eq!(some.n_admitted(), admitted.iter().filter(|a| **a).count());
        }
    }
}
