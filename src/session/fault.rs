//! Faults on demand, for the reliability tests only (feature `fault-injection`): `WEIGHTSCOPE_FAULT` holds one or
//! more of `panic-worker@STEP`, `nan@STEP`, `slow-save=MS`, separated by commas. What it does not know is left to
//! others (`panic-ui`).

use std::sync::OnceLock;
use std::time::Duration;

/// What is to go wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// The training thread panics when so many steps are done.
    pub panic_worker: Option<u64>,
    /// The loss of the step after so many is no number.
    pub nan: Option<u64>,
    /// Each save pauses for so long, half written.
    pub slow_save: Option<Duration>,
}

impl Faults {
    /// The faults that the environment asks for; read once.
    pub fn get() -> Self {
        static FAULTS: OnceLock<Faults> = OnceLock::new();
        *FAULTS.get_or_init(|| Self::parse(&std::env::var("WEIGHTSCOPE_FAULT").unwrap_or_default()))
    }

    fn parse(text: &str) -> Self {
        let mut faults = Self::default();
        for fault in text.split(',') {
            if let Some(step) = fault.strip_prefix("panic-worker@") {
                faults.panic_worker = step.parse().ok();
            } else if let Some(step) = fault.strip_prefix("nan@") {
                faults.nan = step.parse().ok();
            } else if let Some(ms) = fault.strip_prefix("slow-save=") {
                faults.slow_save = ms.parse().ok().map(Duration::from_millis);
            }
        }
        faults
    }
}

/// Waits in the middle of a save, if asked to.
pub(super) fn slow_save() {
    if let Some(pause) = Faults::get().slow_save {
        std::thread::sleep(pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_faults_it_knows() {
        assert_eq!(Faults::parse("panic-ui"), Faults::default());
        let expected = Faults { panic_worker: Some(50), nan: Some(7), slow_save: Some(Duration::from_millis(20)) };
        assert_eq!(Faults::parse("panic-worker@50,nan@7,slow-save=20"), expected);
    }
}
