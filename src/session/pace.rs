//! How fast training may go, so that it can be watched.

/// The speed limit of training.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Pace {
    /// The speed at which the planned run fills about 20 seconds, never faster than the machine.
    #[default]
    Auto,
    /// As fast as the machine can.
    Max,
    /// A number of steps a second, above 0.
    Steps(f64),
    /// So many steps, at least 1, for each frame on screen, whatever the machine: training and screen wait for each
    /// other, so that every frame shows exactly its step. As fast as the machine can where nobody looks on.
    Lockstep(u64),
}

impl Pace {
    /// Whether training and screen wait for each other; no clock then has a meaning.
    #[must_use]
    pub fn is_lockstep(self) -> bool {
        matches!(self, Self::Lockstep(_))
    }
}
