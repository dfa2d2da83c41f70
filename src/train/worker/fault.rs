//! Faults on demand between two steps.

use crate::error::{Error, Kind, Result};
use crate::session::fault::Faults;
use crate::train::Trainer;

/// Panics, or lets the next step diverge, if asked to at this step.
pub(super) fn before_step(trainer: &Trainer) -> Result<()> {
    let (faults, step) = (Faults::get(), trainer.n_steps());
    assert!(faults.panic_worker != Some(step), "WEIGHTSCOPE_FAULT asked for a panic at step {step}");
    if faults.nan == Some(step) {
        let (epoch, step, rate) = (trainer.epoch() + 1, step + 1, trainer.learning_rate());
        let what = format!("the loss is no longer finite: epoch {epoch}, step {step}, loss NaN, learning rate {rate}");
        return Err(Error::new(Kind::Numbers, what).help("try a lower --learning-rate"));
    }
    Ok(())
}
