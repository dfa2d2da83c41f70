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
}
