//! Bounded curves: however long a run, a chart draws about a thousand points.

use std::collections::VecDeque;

/// How many of the newest points are kept in full.
const RECENT: usize = 1_000;
/// The whole run is thinned to fewer points than this; even, so that thinning keeps the spacing.
const FULL: usize = 1_000;

/// One measurement: when (in training steps) and how much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Training steps done when it was taken.
    pub step: u64,
    /// The value; always finite.
    pub value: f32,
}

/// One measured quantity over the run: the recent part in full, the whole run thinned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    recent: VecDeque<Point>,
    /// The points number 0, `stride`, 2 `stride`, …
    full: Vec<Point>,
    /// Every how many-th point is kept in `full` (0 before the first point).
    stride: usize,
    pushed: usize,
}

impl Curve {
    /// Adds a measurement; one that is not finite is left out, since no chart can draw it.
    pub fn push(&mut self, step: u64, value: f32) {
        if !value.is_finite() {
            return;
        }
        let point = Point { step, value };
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(point);

        self.stride = self.stride.max(1);
        if self.pushed.is_multiple_of(self.stride) {
            self.full.push(point);
        }
        self.pushed += 1;
        if self.full.len() == FULL {
            let mut odd = true;
            self.full.retain(|_| {
                odd = !odd;
                !odd
            });
            self.stride *= 2;
        }
    }

    /// The newest points, each one that was measured, oldest first: at most 1,000.
    #[must_use]
    pub fn points_recent(&self) -> impl DoubleEndedIterator<Item = Point> + Clone {
        self.recent.iter().copied()
    }

    /// The whole run, thinned to equal spacing, oldest first, and the newest point: at most 1,000.
    #[must_use]
    pub fn points_all(&self) -> impl DoubleEndedIterator<Item = Point> + Clone {
        let newest = self.last().filter(|last| self.full.last() != Some(last));
        self.full.iter().copied().chain(newest)
    }

    /// The newest point.
    #[must_use]
    pub fn last(&self) -> Option<Point> {
        self.recent.back().copied()
    }

    /// Whether nothing was measured yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recent.is_empty()
    }
}

/// The curves of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Mean loss of the training batches since the last point.
    pub train_loss: Curve,
    /// Share of right answers on the training batches since the last point.
    pub train_accuracy: Curve,
    /// Loss on the test split.
    pub test_loss: Curve,
    /// Share of right answers on the test split.
    pub test_accuracy: Curve,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(n: u64) -> Curve {
        let mut curve = Curve::default();
        for step in 0..n {
            curve.push(step, step as f32);
        }
        curve
    }

    fn steps(points: impl Iterator<Item = Point>) -> Vec<u64> {
        points.map(|p| p.step).collect()
    }

    #[test]
    fn keeps_a_short_run_in_full() {
        let curve = curve(999);
        assert_eq!(steps(curve.points_all()), (0..999).collect::<Vec<_>>());
        assert_eq!(steps(curve.points_recent()), (0..999).collect::<Vec<_>>());
    }

    #[test]
    fn thins_a_long_run_by_doubling_the_stride() {
        // 1,000 points halve to 0, 2, …, 998; the next two add 1,000 and, as the newest, 1,001.
        let curve = curve(1_002);
        let expected: Vec<u64> = (0..=1_000).step_by(2).chain([1_001]).collect();
        assert_eq!(steps(curve.points_all()), expected);
        assert_eq!(steps(curve.points_recent()), (2..1_002).collect::<Vec<_>>());
        assert_eq!(curve.last(), Some(Point { step: 1_001, value: 1_001.0 }));
    }

    #[test]
    fn leaves_out_what_is_not_finite() {
        let mut curve = Curve::default();
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            curve.push(1, value);
        }
        assert!(curve.is_empty());
        assert_eq!(curve.last(), None);
        assert_eq!(curve.points_all().count(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn is_bounded_ordered_and_spans_the_run(values in prop::collection::vec(any::<f32>(), 0..5_000)) {
            let mut curve = Curve::default();
            for (step, &value) in values.iter().enumerate() {
                curve.push(step as u64, value);
            }
            let finite: Vec<Point> = values
                .iter()
                .enumerate()
                .filter(|(_, v)| v.is_finite())
                .map(|(step, &value)| Point { step: step as u64, value })
                .collect();
            let all: Vec<Point> = curve.points_all().collect();
            prop_assert!(all.len() <= FULL);
            prop_assert!(all.windows(2).all(|w| w[0].step < w[1].step));
            prop_assert_eq!(all.first(), finite.first());
            prop_assert_eq!(all.last(), finite.last());
            prop_assert!(all.iter().all(|p| finite.contains(p)));
            let newest = &finite[finite.len().saturating_sub(RECENT)..];
            prop_assert_eq!(curve.points_recent().collect::<Vec<_>>(), newest);
        }
    }
}
