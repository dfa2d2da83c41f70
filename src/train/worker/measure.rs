//! What is measured while a run goes on: the time of an epoch, the points of the training curves.

use std::time::Duration;

use crate::session::History;
use crate::train::StepReport;

/// A long run has at most about so many points of its training curves; a short one has one a step.
const POINTS: u64 = 4_000;

/// The training time of one epoch.
#[derive(Debug)]
pub(super) struct EpochClock {
    spent: Duration,
    images: u64,
    /// Whether the epoch was seen from its begin.
    whole: bool,
}

impl EpochClock {
    pub fn new(whole: bool) -> Self {
        Self { spent: Duration::ZERO, images: 0, whole }
    }

    pub fn add(&mut self, took: Duration, images: u64) {
        self.spent += took;
        self.images += images;
    }

    /// The seconds of the epoch, if it was seen whole, and its images a second; the next one begins.
    pub fn take(&mut self) -> (Option<f64>, Option<f64>) {
        let Self { spent, images, whole } = std::mem::replace(self, Self::new(true));
        let seconds = spent.as_secs_f64();
        ((whole && images > 0).then_some(seconds), (seconds > 0.0).then(|| images as f64 / seconds))
    }
}

/// The batches since the last point of the training curves.
#[derive(Debug)]
pub(super) struct PointSums {
    /// Steps between two points.
    stride: u64,
    loss: f64,
    correct: usize,
    images: usize,
}

impl PointSums {
    /// For a run of about `steps` steps.
    pub fn new(steps: u64) -> Self {
        Self { stride: steps.div_ceil(POINTS).max(1), loss: 0.0, correct: 0, images: 0 }
    }

    pub fn clear(&mut self) {
        (self.loss, self.correct, self.images) = (0.0, 0, 0);
    }

    /// Adds the batch of step `step`, and every so many steps a point to the curves.
    pub fn add(&mut self, report: &StepReport, step: u64, history: &mut History) {
        self.loss += report.loss * report.n as f64;
        self.correct += report.correct;
        self.images += report.n;
        if step.is_multiple_of(self.stride) && self.images > 0 {
            let images = self.images as f64;
            history.train_loss.push(step, (self.loss / images) as f32);
            history.train_accuracy.push(step, (self.correct as f64 / images) as f32);
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Curve;

    fn points(curve: &Curve) -> Vec<(u64, f32)> {
        curve.points_all().map(|p| (p.step, p.value)).collect()
    }

    #[test]
    fn a_point_is_the_mean_over_the_images_since_the_last() {
        let mut history = History::default();
        let mut sums = PointSums::new(2 * POINTS);
        for (step, loss, correct, n) in [(1, 1.0, 1, 10), (2, 4.0, 8, 20), (3, 2.0, 5, 10), (4, 2.0, 5, 10)] {
            sums.add(&StepReport { loss, correct, n }, step, &mut history);
        }
        // (1.0 * 10 + 4.0 * 20) / 30 = 3, (1 + 8) / 30 = 0.3
        assert_eq!(points(&history.train_loss), [(2, 3.0), (4, 2.0)]);
        assert_eq!(points(&history.train_accuracy), [(2, 0.3), (4, 0.5)]);
    }

    #[test]
    fn a_short_run_has_a_point_a_step() {
        let mut history = History::default();
        let mut sums = PointSums::new(24);
        for step in 1..=24 {
            sums.add(&StepReport { loss: 1.0, correct: 1, n: 2 }, step, &mut history);
        }
        assert_eq!(points(&history.train_loss).len(), 24);
    }

    #[test]
    fn only_an_epoch_seen_whole_has_its_seconds() {
        let mut clock = EpochClock::new(false);
        clock.add(Duration::from_secs(2), 100);
        assert_eq!(clock.take(), (None, Some(50.0)));
        clock.add(Duration::from_secs(1), 100);
        assert_eq!(clock.take(), (Some(1.0), Some(100.0)));
        assert_eq!(clock.take(), (None, None));
    }
}
