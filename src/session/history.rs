//! Bounded curves: however long a run, a chart draws about a thousand points.

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
    recent: std::collections::VecDeque<Point>,
    full: Vec<Point>,
    /// Every how many-th point is kept in `full` (0 before the first point).
    stride: usize,
    pushed: usize,
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
