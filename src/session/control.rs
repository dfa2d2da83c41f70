//! What a running session can be told, between two steps.

use super::Pace;

/// A wish of the user; obeyed between two training steps, in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Control {
    /// Stop after the step under way and wait.
    Pause,
    /// Go on. At the end of a run: train one more epoch.
    Resume,
    /// One training step, then pause.
    StepOnce,
    /// A new step size for the optimizer.
    SetLearningRate(f32),
    /// A new speed limit.
    SetPace(Pace),
    /// The snapshot of this version was seen, with its maps: [`Pace::Lockstep`] goes on.
    Shown {
        /// [`super::Snapshot::version`].
        version: u64,
    },
    /// Begin again from new weights drawn with this seed.
    Restart {
        /// Seed of weights and shuffling.
        seed: u64,
    },
    /// Write a checkpoint now.
    Save,
    /// Finish the step, write a checkpoint, end.
    Stop,
    /// As [`Self::Stop`], because of a signal: the run's last line says so.
    StopOnSignal,
}
