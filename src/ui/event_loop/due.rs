//! What the next frame is due for.

use std::time::{Duration, Instant};

/// What must be drawn, and since when.
pub struct Due {
    /// When the dashboard opened.
    pub opened: Instant,
    /// When the last frame in the regular beat was drawn, if one was: an answer to a key is drawn between two.
    drawn: Option<Instant>,
    /// Something on screen is no longer right.
    pub changed: bool,
    /// And somebody pressed a key for it.
    pub urgent: bool,
    /// A snapshot or a page waits to be taken in.
    pub news: bool,
}

impl Due {
    /// Everything, from the start.
    pub fn at_once() -> Self {
        Self { opened: Instant::now(), drawn: None, changed: true, urgent: true, news: true }
    }

    /// How long until the next frame of the regular beat, where a frame stays for `each`. News wait for it, so that the
    /// answer to a key is drawn without them and has little to send.
    pub fn beat_in(&self, each: Duration) -> Duration {
        self.drawn.map_or(Duration::ZERO, |drawn| each.saturating_sub(drawn.elapsed()))
    }

    /// How long until what has changed is drawn.
    pub fn frame_in(&self, each: Duration) -> Duration {
        if self.urgent { Duration::ZERO } else { self.beat_in(each) }
    }

    /// A frame is drawn, with all that has changed.
    pub fn draw(&mut self, each: Duration) {
        if self.beat_in(each).is_zero() {
            self.drawn = Some(Instant::now());
        }
        (self.changed, self.urgent) = (false, false);
    }

    /// The user has done something and wants to see it.
    pub fn now(&mut self) {
        (self.changed, self.urgent) = (true, true);
    }
}
