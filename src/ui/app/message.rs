//! A line that tells what has just happened, and goes away by itself.

use std::time::Duration;

use super::App;

/// How long a message stays.
const LIFE: Duration = Duration::from_secs(6);

/// Something worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line, in lower case, without a full stop.
    pub text: String,
    /// When it was said, on the loop's clock.
    pub said: Duration,
}

impl App {
    /// Tells the user something for a few seconds.
    pub fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), said: self.now });
    }

    /// Sets the clock. Returns whether a message went away or a rate changed, so that the screen is no longer right.
    pub fn tick(&mut self, now: Duration) -> bool {
        self.now = now;
        let old = self.message.as_ref().is_some_and(|message| now >= message.said + LIFE);
        if old {
            self.message = None;
        }
        self.rate.tick(now) || old
    }

    /// Takes the message away.
    pub fn forget_message(&mut self) {
        self.message = None;
    }

    /// Lets the clock begin at zero, where something else than time moves it; a message is as old as it.
    pub fn start_clock(&mut self) {
        self.now = Duration::ZERO;
        if let Some(message) = &mut self.message {
            message.said = Duration::ZERO;
        }
    }

    /// How long until [`Self::tick`] has something to do.
    #[must_use]
    pub fn next_tick(&self) -> Option<Duration> {
        let message = self.message.as_ref().map(|message| (message.said + LIFE).saturating_sub(self.now));
        message.into_iter().chain(self.rate.next_tick(self.now)).min()
    }
}
