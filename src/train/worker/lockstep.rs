//! Training in step with the screen: so many steps, then a wait until their frame was seen.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};

use crate::session::Control;

/// Where training is between two frames; at first the first frame is to be seen.
#[derive(Debug, Default)]
pub(super) struct Lockstep {
    /// Steps a frame, at least 1.
    steps: u64,
    /// Steps still to do before the next frame; none while the frame waits to be seen.
    left: u64,
    /// What was told in the middle of a frame: nothing is done before its end, so that it does not matter when a key
    /// was pressed.
    held: VecDeque<Control>,
}

impl Lockstep {
    /// From the next frame on, frames of `steps` steps.
    pub fn with_steps(self, steps: u64) -> Self {
        Self { steps: steps.max(1), ..self }
    }

    /// Whether a frame is to be seen now.
    pub fn is_at_frame(&self) -> bool {
        self.left == 0
    }

    /// A fresh network is a frame of its own, wherever the run before it ended.
    pub fn start_over(&mut self) {
        self.left = 0;
    }

    /// A step was done. Says whether it was the last of its frame.
    pub fn count(&mut self) -> bool {
        let was_in_frame = self.left > 0;
        self.left = self.left.saturating_sub(1);
        was_in_frame && self.left == 0
    }

    /// What is to be obeyed before the next step, if anything; waits while the frame of snapshot `version` was not
    /// seen. Nobody left to tell anything is a [`Control::Stop`].
    pub fn control(&mut self, controls: &Receiver<Control>, version: u64) -> Option<Control> {
        loop {
            let control = if self.is_at_frame() {
                self.held.pop_front().unwrap_or_else(|| controls.recv().unwrap_or(Control::Stop))
            } else {
                match controls.try_recv() {
                    Ok(control @ (Control::Stop | Control::StopOnSignal)) => control,
                    Ok(control) => {
                        self.held.push_back(control);
                        continue;
                    }
                    Err(TryRecvError::Empty) => return None,
                    Err(TryRecvError::Disconnected) => Control::Stop,
                }
            };
            match control {
                Control::Shown { version: seen } if seen >= version => self.left = self.steps,
                Control::Shown { .. } => {}
                control => return Some(control),
            }
        }
    }
}
